"""Cases the wallet holds: who leads which field, and what follows when the two differ."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.cities.dues import Due, Rule, due, told_due
from hejie.cities.wallet_dues import kept, wallet_dues, wallet_reminders
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes import wallet_events as w
from hejie.disputes.filing import claim_road
from hejie.disputes.ground import Ground, must_be
from hejie.disputes.model import Claim, Dispute, Origin, Outcome, Performance, Remedy
from hejie.disputes.states import FROM_WALLET, OPEN, OWES_ANSWER, WALLET_NAMES, State


class Leads(StrEnum):
    """Whose word counts for a field."""

    wallet = "wallet"
    here = "here"


LEADERS = MappingProxyType(
    {
        "status": Leads.wallet,
        "answer_due": Leads.wallet,
        "confirm_due": Leads.wallet,
        "escalated_at": Leads.wallet,
        "finished_at": Leads.wallet,
        "demand": Leads.wallet,
        "payment": Leads.wallet,
        "offers": Leads.here,
        "refunds": Leads.here,
        "officer": Leads.here,
        "memo": Leads.here,
        "survey": Leads.here,
    }
)
"""For a wallet-born case; a wallet that tells no deadline leaves the merchant's to us. In a case born here we lead all
fields, and the wallet's linked case is only compared."""

BETWEEN_THE_PARTIES = frozenset({State.awaiting_merchant, State.awaiting_consumer, State.overdue})
"""What an agreement made here stands above: the wallet may not have heard of it yet."""
_CLOCKS = {State.awaiting_merchant: Rule.merchant_answer, State.awaiting_consumer: Rule.consumer_confirm}


def mirror(dispute: Dispute | None, command: c.Mirror, ground: Ground) -> list[e.AnyEvent]:
    """Take the wallet's word over where it leads, compare it where we do.

    Errors: `Refused("wallet_status_unknown")`, `Refused("payment_unknown")` for a case on a
    payment that nobody here knows.
    """
    must_be(ground, Role.wallet)
    if command.status not in FROM_WALLET:
        raise Refused("wallet_status_unknown", status=command.status)
    if dispute is None:
        born = _born(command, ground)
        return [born, _mirrored(None, command, ground, performed=False)]
    if dispute.origin is Origin.wallet:
        return _followed(dispute, command, ground)
    return _compared(dispute, command, ground)


def _born(command: c.Mirror, ground: Ground) -> e.Filed:
    if not ground.bought:
        raise Refused("payment_unknown")
    bought = ground.bought[0]
    left = bought.paid.left_fen
    claim = command.claim
    if (claim.remedy is Remedy.refund_part and claim.amount_fen >= left) or claim.remedy is Remedy.refund_full:
        claim = Claim(remedy=Remedy.refund_full, amount_fen=left) if left else Claim(remedy=Remedy.other)
    return e.Filed(
        at=command.created_at,
        city=ground.city,
        id=command.id,
        consumer=command.consumer,
        merchant=bought.merchant,
        shop=bought.shop,
        district=bought.district,
        origin=Origin.wallet,
        wallet=command.wallet,
        problem=command.problem,
        undue=ground.settings.problem(command.problem).undue_payment,
        claim=claim,
        road=claim_road(claim, by_api=bought.paid.proven and ground.authorised),
        payments=(bought.paid,),
        words=command.words,
        pictures=(),
        called=command.called,
        escalates_by_itself=False,
        due=None,
        reach=due(Rule.reach, ground.now, ground.settings),
    )


def _clock(dispute: Dispute | None, command: c.Mirror, state: State, ground: Ground) -> Due | None:
    """The wallet's own deadline for the side that must act now, if it tells one; else ours for the merchant."""
    at = command.answer_due if state is State.awaiting_merchant else command.confirm_due
    if state not in _CLOCKS:
        return None
    if at is not None:
        start = command.created_at if state is State.awaiting_merchant else command.modified_at
        return told_due(_CLOCKS[state], start, at, command.wallet)
    if state is State.awaiting_consumer or command.begun_at is None:
        return None
    ours = due(Rule.merchant_answer, command.begun_at, ground.settings)
    return kept((ours,), (dispute.due,) if dispute and dispute.due else ())[0]


def _mirrored(dispute: Dispute | None, command: c.Mirror, ground: Ground, *, performed: bool) -> e.Mirrored:
    state = FROM_WALLET[command.status]
    if dispute and dispute.state is State.settling and state in BETWEEN_THE_PARTIES:
        state, clock = State.settling, dispute.due
    else:
        clock = _clock(dispute, command, state, ground)
    if clock is not None and clock.set_by == ground.city and state is State.awaiting_merchant:
        state, clock = (State.overdue, None) if clock.passed(ground.now) else (state, clock)
    running = dispute.wallet_dues if dispute else ()
    theirs = kept(_theirs(command, ground), running)
    ended = state not in OPEN
    return e.Mirrored(
        at=command.modified_at,
        wallet_event=command.event,
        status=command.status,
        state=state,
        due=clock,
        escalated_at=command.escalated_at,
        closed_at=(command.finished_at or command.modified_at) if ended else None,
        outcome=_outcome(state, performed=performed),
        wallet_dues=theirs,
        wallet_reminders=wallet_reminders([each for each in theirs if each not in running], ground.settings),
        images=max(0, command.images - (dispute.wallet_images if dispute else 0)),
    )


def _theirs(command: c.Mirror, ground: Ground) -> tuple[Due, ...]:
    """The times of a wallet that tells none itself, while the case is with the two parties there."""
    state = FROM_WALLET[command.status]
    if command.begun_at is None or state not in BETWEEN_THE_PARTIES:
        return ()
    answered = state not in OWES_ANSWER
    return wallet_dues(command.wallet, command.begun_at, ground.settings, answered=answered)


def _outcome(state: State, *, performed: bool) -> Outcome | None:
    match state:
        case State.settled:
            return Outcome.performed if performed else Outcome.confirmed
        case State.withdrawn:
            return Outcome.withdrawn
        case State.lapsed:
            return Outcome.unconfirmed if performed else Outcome.silent
        case State.mediated:
            return Outcome.mediated
        case _:
            return None


def _followed(dispute: Dispute, command: c.Mirror, ground: Ground) -> list[e.AnyEvent]:
    """A wallet-born case: nothing if it tells nothing new; agreed and unpaid is still `settling` to us.

    A word that is older than one we took over came late. One that repeats itself knows nothing yet
    of what was done here since, and must not undo it.
    """
    known, told = dispute.wallet_at, command.modified_at
    if known and (told < known or (told == known and command.status == dispute.wallet_status)):
        return []
    event = _mirrored(dispute, command, ground, performed=dispute.performance is Performance.seen)
    if event.state is State.mediated and dispute.state is State.mediated:
        return []
    same = (dispute.wallet_status, dispute.state, dispute.due, dispute.escalated_at, dispute.wallet_dues) == (
        event.status,
        event.state,
        event.due,
        event.escalated_at,
        event.wallet_dues,
    )
    return [] if same and not event.images else [event]


def time_over(dispute: Dispute, command: c.RunOut, ground: Ground) -> list[e.AnyEvent]:
    """A time that the wallet gives the merchant ran out: noted once, if it still runs there."""
    owed = [each for each in dispute.wallet_dues if each.rule == command.rule and each.at == command.at]
    if not dispute.is_open or not any(each.passed(ground.now) for each in owed):
        return []
    rule = owed[0].rule
    if rule in dispute.wallet_over or (rule is Rule.wallet_answer and dispute.state not in OWES_ANSWER):
        return []
    return [w.WalletTimeOver(at=ground.now, rule=rule)]


def take_pictures(dispute: Dispute, command: c.TakePictures, ground: Ground) -> list[e.AnyEvent]:
    """The payer's pictures become evidence, whatever has become of the case; nothing is taken twice.

    Errors: `Refused("step_out_of_order")` where another attempt has looked at one of them meanwhile.
    """
    must_be(ground, Role.wallet)
    if not set(command.seen).isdisjoint(dispute.wallet_seen):
        raise Refused("step_out_of_order", state=dispute.state.value)
    if not command.seen:
        return []
    return [
        w.WalletPictures(at=ground.now, pictures=command.pictures, seen=command.seen, refused=command.refused),
    ]


def _compared(dispute: Dispute, command: c.Mirror, ground: Ground) -> list[e.AnyEvent]:
    """Our own case whose payment is also complained of at the wallet: linked, and compared at each new word."""
    if command.trade_no not in {paid.trade_no for paid in dispute.payments}:
        raise Missing("payment_unknown")
    if dispute.wallet_event and command.status == dispute.wallet_status:
        return []
    linked = e.Linked(at=ground.now, wallet_event=command.event, status=command.status)
    if command.status == WALLET_NAMES[dispute.state]:
        return [linked]
    return [linked, e.Disagreed(at=ground.now, status=command.status, ours=dispute.state)]
