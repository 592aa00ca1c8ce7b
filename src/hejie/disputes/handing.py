"""The way to 12315: the consumer's consent, an ODR firm's time before it, the hand-off, and what comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities.posts import must_hold
from hejie.disputes import events as e
from hejie.disputes import handoff_commands as hc
from hejie.disputes import handoff_events as h
from hejie.disputes.ground import Ground, must_be
from hejie.disputes.handoff import OVER, REFUSALS, UNCLEAR, UNSENT, Handoff, HandoffState, law_due
from hejie.disputes.model import Dispute, Outcome
from hejie.disputes.states import State

_THERE = UNCLEAR | {HandoffState.received, HandoffState.accepted}


def decide_handoff(dispute: Dispute, command: hc.HandoffCommand, ground: Ground) -> list[e.AnyEvent]:
    """One flat table of the commands on this way; errors as each of them."""
    match command:
        case hc.ConsentHandoff():
            return consent(dispute, command, ground)
        case hc.WithdrawHandoffConsent():
            return withdraw_consent(dispute, ground)
        case hc.HandOff():
            return hand_off(dispute, ground)
        case hc.EndOdr():
            return end_odr(dispute, command, ground)
        case hc.NoteHandoff():
            return note(dispute, command, ground)
        case _:
            assert_never(command)


def goes(dispute: Dispute) -> bool:
    """Whether a dispute may go to 12315: an officer has it, or closed it without an agreement."""
    if dispute.state is State.mediating:
        return True
    return dispute.state is State.mediated and dispute.outcome is Outcome.unsettled


def consent(dispute: Dispute, command: hc.ConsentHandoff, ground: Ground) -> list[e.AnyEvent]:
    """The consumer agrees to one package; an ODR enterprise negotiates first, once in a dispute (rule O1).

    Errors: `Refused` with `step_out_of_order`, `handoff_off`, `handoff_under_way`.
    """
    must_be(ground, Role.consumer)
    _must_go(dispute)
    if ground.settings.handoff == "off":
        raise Refused("handoff_off")
    if dispute.handoff is not None and dispute.handoff.state not in OVER:
        raise Refused("handoff_under_way")
    agreed: list[e.AnyEvent] = [h.HandoffConsented(at=ground.now, package=command.package, digest=command.digest)]
    if ground.odr and dispute.odr is None:
        return [*agreed, h.OdrBegun(at=ground.now, until=law_due("O1", ground.now, ground.city))]
    if dispute.odr is not None and dispute.odr.runs(ground.now):
        return agreed
    return [*agreed, *_by_itself(command.package, ground)]


def withdraw_consent(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """The consumer takes the consent back while nothing has left; `Refused("handoff_none" | "handoff_gone")`."""
    must_be(ground, Role.consumer)
    found = _standing(dispute)
    if found.state not in UNSENT:
        raise Refused("handoff_gone")
    return [h.HandoffConsentWithdrawn(at=ground.now)]


def hand_off(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """The officer who has the case lets it go.

    Errors: `Refused` with `handoff_none` (no consent stands), `step_out_of_order`, `not_your_case`,
    `handoff_under_way`, `odr_runs`.
    """
    must_be(ground, Role.officer)
    found = _standing(dispute)
    _must_go(dispute)
    must_hold(ground.post, ground.actor.id, dispute.officer)
    if found.state is not HandoffState.consented:
        raise Refused("handoff_under_way")
    if dispute.odr is not None and dispute.odr.runs(ground.now):
        raise Refused("odr_runs")
    return [h.HandedOff(at=ground.now, key=found.package, officer=ground.actor.id)]


def end_odr(dispute: Dispute, command: hc.EndOdr, ground: Ground) -> list[e.AnyEvent]:
    """The merchant says that no agreement comes, or its time is over; the way to 12315 is open then (rule O2)."""
    must_be(ground, Role.merchant, Role.system)
    odr, by_time = dispute.odr, ground.actor.role is Role.system
    if by_time and (odr is None or odr.until.at != command.at or ground.now < odr.until.at):
        return []
    if odr is None or odr.ended_at is not None:
        if by_time:
            return []
        raise Refused("odr_none")
    ended: list[e.AnyEvent] = [h.OdrEnded(at=ground.now, because="time" if by_time else "merchant")]
    waits = dispute.handoff is not None and dispute.handoff.state is HandoffState.consented
    if dispute.handoff is None or not waits or not goes(dispute) or dispute.agreement is not None:
        return ended
    return [*ended, *_by_itself(dispute.handoff.package, ground)]


def note(dispute: Dispute, command: hc.NoteHandoff, ground: Ground) -> list[e.AnyEvent]:
    """Write down how far it is; another key, or a step that is past, changes nothing.

    Nothing is ever on its way whose consent was taken back, or whose dispute has found another end.
    """
    must_be(ground, Role.system)
    found = dispute.handoff
    if found is None or found.package != command.key:
        return []
    at, state = ground.now, found.state
    match command.step:
        case hc.Step.sending:
            person_at = at + timedelta(hours=ground.settings.handoff_unknown_hours)
            sends = state is HandoffState.handed and goes(dispute)
            return [h.HandoffSending(at=at, person_at=person_at)] if sends else []
        case hc.Step.unknown:
            return [h.HandoffDoubted(at=at, reason=command.code)] if state in UNCLEAR else []
        case hc.Step.received if state in UNCLEAR:
            since = command.at or at
            due = law_due("A1", since, ground.city)
            return [h.HandoffReceived(at=at, number=command.number, received_at=since, decide_by=due)]
        case hc.Step.accepted if state is HandoffState.received:
            since = command.at or at
            return [h.HandoffAccepted(at=at, accepted_at=since, mediate_by=law_due("M1", since, ground.city))]
        case hc.Step.refused if state in _THERE and command.code in REFUSALS:
            return [h.HandoffRefused(at=at, refusal=command.code, words=command.words)]
        case hc.Step.returned if state in _THERE:
            return [h.HandoffReturned(at=at, words=command.words)]
        case hc.Step.concluded if state in _THERE:
            return [h.HandoffConcluded(at=at, settled=command.settled, words=command.words)]
        case _:
            return []


def _by_itself(key: str, ground: Ground) -> list[e.AnyEvent]:
    """Where the city lets the consent be enough, it goes at once."""
    return [h.HandedOff(at=ground.now, key=key, officer="")] if ground.settings.handoff == "consent" else []


def _must_go(dispute: Dispute) -> None:
    if not goes(dispute):
        raise Refused("step_out_of_order", state=dispute.state.value)


def _standing(dispute: Dispute) -> Handoff:
    if dispute.handoff is None or dispute.handoff.state in OVER:
        raise Refused("handoff_none")
    return dispute.handoff
