"""Performance (履行): what was agreed is done, seen, confirmed, denied, or not seen in time."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.ground import Ground, answers_late, must_be, must_be_in, must_have_road
from hejie.disputes.model import REFUNDS, Dispute, Outcome, Performance, Road
from hejie.disputes.states import OPEN, WALLET_NAMES, State
from hejie.disputes.talk import allot, confirm_clock, confirm_reminders


def claim_performed(dispute: Dispute, command: c.ClaimPerformed, ground: Ground) -> list[e.AnyEvent]:
    """The merchant says it is done; by hand it shows proof, in its own tool the refund's number helps us see it.

    Errors: `Refused("nothing_agreed")`, `Refused("proof_missing")`, `Refused("payment_unknown")`.
    """
    must_be(ground, Role.merchant)
    must_be_in(dispute, State.settling, State.awaiting_consumer, State.overdue, State.mediating)
    agreement = dispute.agreement
    if agreement is None:
        raise Refused("nothing_agreed")
    if agreement.road is Road.by_hand and not command.words and not command.pictures:
        raise Refused("proof_missing")
    trade_no = command.trade_no or dispute.payments[0].trade_no
    if trade_no not in {paid.trade_no for paid in dispute.payments}:
        raise Refused("payment_unknown")
    return [
        e.PerformanceClaimed(
            at=ground.now,
            refund_no=command.refund_no,
            trade_no=trade_no,
            words=command.words,
            pictures=command.pictures,
        )
    ]


def retry_refund(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """Refunds that failed are ordered again under fresh keys; `Refused("nothing_failed")` if none did."""
    must_be(ground, Role.merchant)
    must_be_in(dispute, State.settling, State.awaiting_consumer, State.overdue, State.mediating)
    agreement = dispute.agreement
    if agreement is None or agreement.road is not Road.api:
        raise Refused("nothing_agreed")
    under_way = sum(r.amount_fen for r in dispute.refunds if r.status == "ordered")
    missing = agreement.amount_fen - (dispute.refunded_fen - dispute.agreed_base_fen) - under_way
    if missing <= 0:
        raise Refused("nothing_failed")
    must_have_road(dispute, ground, Road.api)
    return [e.RefundOrdered(at=ground.now, refunds=allot(dispute, missing))]


def confirm(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """The consumer says it is solved: that ends the dispute, or is noted where an officer holds it."""
    must_be(ground, Role.consumer)
    must_be_in(dispute, State.settling, State.awaiting_consumer, State.mediating)
    must_be_ours(dispute)
    if dispute.state is State.mediating:
        if dispute.agreement is None:
            raise Refused("nothing_agreed")
        return [e.PerformanceConfirmed(at=ground.now)]
    return [e.PerformanceConfirmed(at=ground.now), e.Settled(at=ground.now, outcome=Outcome.confirmed)]


def deny(dispute: Dispute, command: c.Deny, ground: Ground) -> list[e.AnyEvent]:
    """The consumer says it has not come: the way to the officer is open at once."""
    must_be(ground, Role.consumer)
    must_be_in(dispute, State.settling, State.mediating)
    if dispute.agreement is None:
        raise Refused("nothing_agreed")
    mediating = dispute.state is State.mediating
    return [
        e.PerformanceDenied(
            at=ground.now,
            words=command.words,
            state=dispute.state if mediating else _state_again(dispute),
            due=None if mediating else confirm_clock(dispute, ground),
            reminders=() if mediating else confirm_reminders(dispute, ground),
        )
    ]


def see_refund(dispute: Dispute, command: c.SeeRefund, ground: Ground) -> list[e.AnyEvent]:
    """Money went back: counted once per key, and it may end the dispute by itself.

    Errors: `Refused("payment_unknown")` for money of a payment that is not disputed here.
    """
    must_be(ground, Role.system)
    if command.trade_no not in {paid.trade_no for paid in dispute.payments}:
        raise Refused("payment_unknown")
    if any(r.key == command.key and r.status == "seen" for r in dispute.refunds):
        return []
    after = dispute.refunded_fen + command.amount_fen
    verified = _is_enough(dispute, after)
    seen = e.RefundSeen(
        at=ground.now,
        key=command.key,
        trade_no=command.trade_no,
        amount_fen=command.amount_fen,
        verified=verified,
    )
    if not verified or dispute.wallet_leads:
        return [seen]
    if dispute.agreement is not None and dispute.state in {State.settling, State.awaiting_consumer}:
        return [seen, e.Settled(at=ground.now, outcome=Outcome.performed)]
    if dispute.state in {State.awaiting_merchant, State.overdue}:
        return [seen, _silent_answer(dispute, ground)]
    return [seen]


def _silent_answer(dispute: Dispute, ground: Ground) -> e.Answered:
    """A merchant who simply paid back all that was asked has answered."""
    return e.Answered(
        at=ground.now,
        words="",
        pictures=(),
        late=answers_late(dispute, ground),
        due=ground.consumer_clock(),
        reminders=ground.reminders(),
    )


def _is_enough(dispute: Dispute, refunded_fen: int) -> bool:
    """Whether all refund money that was agreed, or else claimed, has been seen."""
    agreement = dispute.agreement
    if agreement is not None:
        return agreement.remedy in REFUNDS and refunded_fen - dispute.agreed_base_fen >= agreement.amount_fen
    return dispute.claim.remedy in REFUNDS and refunded_fen >= dispute.claim.amount_fen


def prove(dispute: Dispute, command: c.Prove, ground: Ground) -> list[e.AnyEvent]:
    """A payment known only from a file is the wallet's own word now: refunds by API are open."""
    must_be(ground, Role.system)
    if dispute.unverified:
        return []
    if any(paid.trade_no == command.trade_no and not paid.proven for paid in dispute.payments):
        return [e.PaymentProven(at=ground.now, trade_no=command.trade_no)]
    return []


def know_payer(dispute: Dispute, command: c.KnowPayer, ground: Ground) -> list[e.AnyEvent]:
    """One payment, one dispute, and it is the payer's: whoever brought only a file steps back."""
    must_be(ground, Role.system)
    if command.trade_no not in {paid.trade_no for paid in dispute.payments}:
        raise Refused("payment_unknown")
    if dispute.unverified:
        raise Refused("payment_unverified")
    if dispute.consumer == command.consumer:
        return []
    return [e.PayerKnown(at=ground.now, trade_no=command.trade_no, consumer=command.consumer)]


def refund_fails(dispute: Dispute, command: c.RefundFails, ground: Ground) -> list[e.AnyEvent]:
    """The wallet said no for good; told once per key."""
    must_be(ground, Role.system)
    if any(r.key == command.key and r.status == "ordered" for r in dispute.refunds):
        return [e.RefundFailed(at=ground.now, key=command.key, code=command.code)]
    return []


def not_seen_in_time(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """The performance clock has run out: both are told and escalation is open again."""
    if dispute.performance is Performance.seen:
        return []
    clock, reminders = confirm_clock(dispute, ground), confirm_reminders(dispute, ground)
    return [e.Unperformed(at=ground.now, state=_state_again(dispute), due=clock, reminders=reminders)]


def _state_again(dispute: Dispute) -> State:
    """Where a dispute stands when what was agreed has not come.

    A merchant whose time ran out at the wallet meanwhile is overdue: the wallet will not say it a second time.
    """
    overdue = dispute.wallet_leads and dispute.wallet_status == WALLET_NAMES[State.overdue]
    return State.overdue if overdue else State.awaiting_consumer


def must_be_ours(dispute: Dispute) -> None:
    """`Refused("wallet_leads")` where the consumer must act in the wallet that holds the case."""
    if dispute.wallet_leads and dispute.state in OPEN:
        raise Refused("wallet_leads", wallet=dispute.wallet)
