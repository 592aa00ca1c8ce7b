"""Filing: which payments, within which time, and what may be claimed of them."""

from __future__ import annotations

from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities.dues import Rule, due
from hejie.cities.settings import Problem
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.assist import OFFLINE, Assist
from hejie.disputes.fold import evolve
from hejie.disputes.ground import Bought, Ground, must_be
from hejie.disputes.homing import leaving
from hejie.disputes.homing_commands import HandOver
from hejie.disputes.model import NEEDS_AMOUNT, REFUNDS, Claim, Origin, Paid, Remedy, Road
from hejie.disputes.promised import Promised

MOST_PAYMENTS = 20
"""Payments one dispute may cover."""


def file(command: c.File, ground: Ground) -> list[e.AnyEvent]:
    """A new dispute; where the register of another member city knows who was paid, it leaves for that city at once.

    Errors: `Refused` with `payment_none`, `payments_too_many`, `payment_unknown`,
    `payments_mixed`, `merchant_unknown`, `filing_window_over`, `safety_first`, `promise_not_shown` and the codes of
    `checked_claim`;
    where somebody files for another those of `_assist`.
    """
    assist = _assist(command, ground)
    bought = _bought(command.trades, ground)
    if any((each.wallet == OFFLINE) is (assist is None) for each in bought):
        raise Refused("payment_unverified")
    first = bought[0]
    leaves = "" if first.merchant or assist else first.elsewhere
    if not (first.merchant or leaves):
        raise Refused("merchant_unknown")
    for each in bought:
        window = due(Rule.filing_window, each.paid.paid_at, ground.settings)
        if window.passed(ground.now):
            raise Refused("filing_window_over", until=window.at.isoformat())
    problem = ground.settings.problem(command.problem)
    if problem.safety and not command.report:
        raise Refused("safety_first")
    payments = tuple(each.paid for each in bought)
    claim = checked_claim(command.claim, payments, asks_right_amount=problem.asks_right_amount)
    proven = all(paid.proven for paid in payments)
    by_api = proven and ground.authorised and claim.remedy in {Remedy.refund_full, Remedy.refund_part}
    road = claim_road(claim, by_api=by_api) if ground.own_account and assist is None else Road.by_hand
    filed = e.Filed(
        at=ground.now,
        city=ground.city,
        id=command.id,
        consumer=command.consumer if assist else ground.actor.id,
        merchant=first.merchant,
        shop=first.shop,
        district=first.district,
        origin=Origin.here,
        wallet=first.wallet,
        problem=problem.id,
        undue=problem.undue_payment,
        claim=claim,
        road=road,
        payments=payments,
        words=command.words,
        pictures=command.pictures,
        escalates_by_itself=command.escalates_by_itself,
        due=None if problem.safety else ground.merchant_clock(),
        reach=None if problem.safety or leaves else due(Rule.reach, ground.now, ground.settings),
        report=command.report if problem.safety else "",
        under=first.under,
        assist=assist,
        promise=_promise(command.promise, ground),
    )
    return [filed, *_at_once(problem, ground), *_away(filed, leaves, ground)]


def _promise(named: str, ground: Ground) -> Promised | None:
    if not named:
        return None
    found = next((each for each in ground.promised if each.id == named), None)
    if found is None:
        raise Refused("promise_not_shown")
    return found


def _assist(command: c.File, ground: Ground) -> Assist | None:
    """Who files for the consumer, in the log's words; none for the consumer's own filing.

    Errors: `Refused` with `read_back_missing`, `words_missing`, `paid_in_future`, `mandate_over`.
    """
    if command.assist is None:
        must_be(ground, Role.consumer)
        return None
    must_be(ground, Role.officer, Role.clerk)
    if not command.read_back:
        raise Refused("read_back_missing")
    if not command.words:
        raise Refused("words_missing")
    if any(each.paid.paid_at > ground.now for each in ground.bought):
        raise Refused("paid_in_future")
    if command.assist.mandate and not command.assist.mandate_stands(ground.now):
        raise Refused("mandate_over")
    actor = ground.actor
    return replace(command.assist, helper=actor.id, office=actor.organisation, read_back_at=ground.now)


def _at_once(problem: Problem, ground: Ground) -> list[e.AnyEvent]:
    """A danger does not wait for the merchant: the officer has the dispute from its first moment."""
    return [e.Escalated(at=ground.now, because="safety")] if problem.safety else []


def _away(filed: e.Filed, to: str, ground: Ground) -> list[e.AnyEvent]:
    """Where the shop's city takes part it decides, and its clock is the one that was set here."""
    if not to:
        return []
    return [leaving(evolve(None, filed), HandOver(to=to, because="shop_elsewhere"), ground)]


def claim_road(claim: Claim, *, by_api: bool) -> Road:
    """How the claimed thing would come back if the merchant simply says yes."""
    if claim.remedy not in REFUNDS:
        return Road.by_hand
    return Road.api if by_api else Road.own_tool


def _bought(trades: tuple[str, ...], ground: Ground) -> tuple[Bought, ...]:
    if not trades:
        raise Refused("payment_none")
    if len(trades) > MOST_PAYMENTS:
        raise Refused("payments_too_many", most=MOST_PAYMENTS)
    known = {each.paid.trade_no: each for each in ground.bought}
    if len(set(trades)) != len(trades) or any(trade not in known for trade in trades):
        raise Refused("payment_unknown")
    bought = tuple(known[trade] for trade in trades)
    if len({(each.wallet, each.payer, each.merchant, each.elsewhere) for each in bought}) != 1:
        raise Refused("payments_mixed")
    return bought


def checked_claim(claim: Claim, payments: tuple[Paid, ...], *, asks_right_amount: bool) -> Claim:
    """The claim with its amount made sure; a wrong amount claims the difference.

    Errors: `Refused` with `right_amount_missing`, `right_amount_not_below`, `amount_not_positive`,
    `amount_above_paid`, `amount_not_for_remedy`.
    """
    left = sum(paid.left_fen for paid in payments)
    if asks_right_amount:
        return _difference(claim, payments, left)
    if claim.should_have_been_fen is not None:
        raise Refused("right_amount_not_asked")
    if claim.remedy is Remedy.refund_full:
        if left <= 0:
            raise Refused("nothing_left", left_fen=left)
        return Claim(remedy=claim.remedy, amount_fen=left)
    checked_amount(claim.remedy, claim.amount_fen, left)
    return claim


def _difference(claim: Claim, payments: tuple[Paid, ...], left: int) -> Claim:
    right = claim.should_have_been_fen
    paid = sum(each.paid_fen for each in payments)
    if right is None or right < 0:
        raise Refused("right_amount_missing")
    if right >= paid:
        raise Refused("right_amount_not_below", paid_fen=paid)
    over = paid - right
    if over > left:
        raise Refused("amount_above_paid", left_fen=left)
    remedy = Remedy.refund_full if over == left else Remedy.refund_part
    return Claim(remedy=remedy, amount_fen=over, should_have_been_fen=right)


def checked_amount(remedy: Remedy, amount_fen: int, left_fen: int) -> None:
    """An amount stands where the remedy needs one, and a refund never exceeds what is left of the payment."""
    if remedy not in NEEDS_AMOUNT:
        if amount_fen:
            raise Refused("amount_not_for_remedy")
        return
    if amount_fen <= 0:
        raise Refused("amount_not_positive")
    if remedy in REFUNDS and amount_fen > left_fen:
        raise Refused("amount_above_paid", left_fen=left_fen)
