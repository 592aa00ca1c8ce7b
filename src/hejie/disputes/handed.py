"""What each step on the way to 12315 changes in a dispute's row; its state never moves by them."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from hejie.disputes import handoff_events as h
from hejie.disputes.handoff import Handoff, HandoffState, Odr
from hejie.disputes.model import Dispute


def handed(dispute: Dispute, event: h.HandoffEvent) -> Dispute:
    """The row after the event."""
    match event:
        case h.HandoffConsented():
            fresh = Handoff(
                state=HandoffState.consented, package=event.package, digest=event.digest, consented_at=event.at
            )
            return replace(dispute, handoff=fresh)
        case h.OdrBegun():
            return replace(dispute, odr=Odr(since=event.at, until=event.until))
        case h.OdrEnded():
            if dispute.odr is None:
                raise AssertionError("no negotiation was begun")
            return replace(dispute, odr=replace(dispute.odr, ended_at=event.at, because=event.because))
        case _:
            if dispute.handoff is None:
                raise AssertionError("a hand-off begins with the consent")
            return replace(dispute, handoff=_step(dispute.handoff, event))


def _step(
    now: Handoff,
    event: h.HandoffConsentWithdrawn | h.HandedOff | h.HandoffSending | h.HandoffDoubted | h.HandoffReceived
    | h.HandoffAccepted | h.HandoffRefused | h.HandoffReturned | h.HandoffConcluded,
) -> Handoff:  # fmt: skip
    state = HandoffState
    match event:
        case h.HandoffConsentWithdrawn():
            return replace(now, state=state.withdrawn, ended_at=event.at)
        case h.HandedOff():
            return replace(now, state=state.handed, handed_at=event.at, officer=event.officer)
        case h.HandoffSending():
            return replace(now, state=state.sending)
        case h.HandoffDoubted():
            return replace(now, state=state.unknown, doubted_at=event.at, doubts=now.doubts + 1)
        case h.HandoffReceived():
            return replace(
                now,
                state=state.received,
                number=event.number,
                received_at=event.received_at,
                decide_by=event.decide_by,
            )
        case h.HandoffAccepted():
            return replace(now, state=state.accepted, accepted_at=event.accepted_at, mediate_by=event.mediate_by)
        case h.HandoffRefused():
            return replace(now, state=state.refused, refusal=event.refusal, ended_at=event.at)
        case h.HandoffReturned():
            return replace(now, state=state.returned, ended_at=event.at)
        case h.HandoffConcluded():
            return replace(now, state=state.concluded, ended_at=event.at)
        case _:
            assert_never(event)
