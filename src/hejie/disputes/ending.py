"""Clocks that run out, the way to the officer, and every end of a dispute."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities.dues import WALLET_SOURCES, Rule, due
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.ground import Ground, must_be, must_be_in
from hejie.disputes.mirror import time_over
from hejie.disputes.model import Dispute, Outcome, Performance
from hejie.disputes.performing import must_be_ours, not_seen_in_time
from hejie.disputes.states import State
from hejie.disputes.talk import expire, must_have_taken

MOODS = range(1, 6)
BROKEN = frozenset({Performance.denied, Performance.failed})
OFFICER_ENDS = frozenset({Outcome.mediated, Outcome.unsettled})


def run_out(dispute: Dispute, command: c.RunOut, ground: Ground) -> list[e.AnyEvent]:
    """A clock has run out; a clock that was replaced meanwhile changes nothing."""
    must_be(ground, Role.system)
    if command.rule == Rule.offer_expires:
        return expire(dispute, command.offer, ground)
    if command.rule in WALLET_SOURCES:
        return time_over(dispute, command, ground)
    clock = dispute.due
    if clock is None or clock.rule != command.rule or clock.at != command.at or not clock.passed(ground.now):
        return []
    if dispute.state is State.settling:
        return not_seen_in_time(dispute, ground)
    if clock.set_by != ground.city:
        return []
    if dispute.state is State.awaiting_merchant:
        return _merchant_silent(dispute, ground)
    return _consumer_silent(dispute, ground)


def _merchant_silent(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    overdue = e.WentOverdue(at=ground.now)
    if not dispute.escalates_by_itself:
        return [overdue]
    because = "unreached" if dispute.unreachable else "silence"
    return [overdue, e.Escalated(at=ground.now, because=because)]


def note_reach(dispute: Dispute, command: c.NoteReach, ground: Ground) -> list[e.AnyEvent]:
    """Whether the merchant could be told; what it has answered, or what has moved on, changes nothing any more."""
    must_be(ground, Role.system)
    if command.reached:
        return [e.Reached(at=ground.now)] if dispute.unreachable else []
    waits = dispute.state in {State.awaiting_merchant, State.overdue} and not dispute.answered
    return [e.Unreached(at=ground.now)] if waits and dispute.unreached_at is None else []


def _consumer_silent(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """Settled-unconfirmed only where performance was verified, else lapsed; never as confirmed."""
    if dispute.performance is Performance.seen:
        return [e.Settled(at=ground.now, outcome=Outcome.unconfirmed)]
    return [e.Lapsed(at=ground.now, reopen_due=due(Rule.reopen, ground.now, ground.settings))]


def escalate(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """The consumer asks the officer in: when the merchant is overdue, or has answered and it does not satisfy."""
    must_be(ground, Role.consumer)
    must_be_ours(dispute)
    if not may_escalate(dispute):
        raise Refused("escalation_too_early", state=dispute.state.value)
    return [e.Escalated(at=ground.now, because="asked")]


def may_escalate(dispute: Dispute) -> bool:
    """Whether the door to the officer is open."""
    if dispute.state in {State.overdue, State.awaiting_consumer}:
        return True
    return dispute.state is State.awaiting_merchant and dispute.answered


def withdraw(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """The consumer takes it back; not while agreed money is on its way."""
    must_be(ground, Role.consumer)
    must_be_ours(dispute)
    must_be_in(dispute, State.awaiting_merchant, State.awaiting_consumer, State.overdue, State.mediating)
    if dispute.refund_under_way:
        raise Refused("refund_under_way")
    return [e.Withdrawn(at=ground.now)]


def reopen(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """One tap, for a while after a lapse; `Refused("reopening_over")` afterwards."""
    must_be(ground, Role.consumer)
    must_be_in(dispute, State.lapsed)
    if dispute.reopen_due is None or dispute.reopen_due.passed(ground.now):
        raise Refused("reopening_over")
    return [e.Reopened(at=ground.now, due=ground.consumer_clock(), reminders=ground.reminders())]


def take(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """An officer takes the case; `Refused("taken_by_other")` if a colleague holds it."""
    must_be(ground, Role.officer)
    must_be_in(dispute, State.mediating)
    if dispute.officer == ground.actor.id:
        return []
    if dispute.officer:
        raise Refused("taken_by_other")
    return [e.Taken(at=ground.now, officer=ground.actor.id, agency=ground.actor.organisation)]


def close(dispute: Dispute, command: c.Close, ground: Ground) -> list[e.AnyEvent]:
    """The officer who took it closes with memo and agency.

    Errors: `Refused` with `memo_missing`, `agency_missing`, `outcome_wrong`, `nothing_agreed`
    (mediated means an agreement stands), `agreement_not_kept`, `refund_under_way`, `not_your_case`.
    """
    must_be(ground, Role.officer)
    must_be_in(dispute, State.mediating)
    must_have_taken(dispute, ground)
    if not command.memo:
        raise Refused("memo_missing")
    if not command.agency:
        raise Refused("agency_missing")
    if command.outcome not in OFFICER_ENDS:
        raise Refused("outcome_wrong")
    if command.outcome is Outcome.mediated and dispute.agreement is None:
        raise Refused("nothing_agreed")
    if command.outcome is Outcome.mediated and dispute.performance in BROKEN:
        raise Refused("agreement_not_kept")
    if dispute.refund_under_way:
        raise Refused("refund_under_way")
    return [
        e.Mediated(
            at=ground.now,
            officer=ground.actor.id,
            agency=command.agency,
            memo=command.memo,
            outcome=command.outcome,
        )
    ]


def end_by_mediation(dispute: Dispute, command: c.EndByMediation, ground: Ground) -> list[e.AnyEvent]:
    """The mediation beside it has ended: what was agreed there needs no offer here.

    Errors: `Refused` with `refund_under_way`, `outcome_wrong`.
    """
    must_be(ground, Role.system)
    must_be_in(dispute, State.mediating)
    if command.outcome not in OFFICER_ENDS:
        raise Refused("outcome_wrong")
    if dispute.refund_under_way:
        raise Refused("refund_under_way")
    return [
        e.Mediated(
            at=ground.now,
            officer=command.officer,
            agency=command.agency,
            memo=command.memo,
            outcome=command.outcome,
        )
    ]


def rate(dispute: Dispute, command: c.Rate, ground: Ground) -> list[e.AnyEvent]:
    """Asked once after the end; `Refused("rated_before")` the second time, `("survey_over")` when it is too late."""
    must_be(ground, Role.consumer)
    must_be_in(dispute, State.settled, State.lapsed, State.mediated)
    if dispute.survey is not None:
        raise Refused("rated_before")
    if dispute.closed_at is None or due(Rule.survey, dispute.closed_at, ground.settings).passed(ground.now):
        raise Refused("survey_over")
    if command.mood not in MOODS:
        raise Refused("mood_unknown")
    return [e.Rated(at=ground.now, solved=command.solved, mood=command.mood)]
