"""What each step of a dispute on its way to 12315 brings: the sending, the end of an ODR firm's time, and the words."""

from __future__ import annotations

from hejie.agenda.task import Task
from hejie.base.actor import Role
from hejie.disputes import handoff_events as h
from hejie.disputes.model import Dispute


def for_handoff(dispute: Dispute, event: object) -> list[Task]:
    """The package goes out by a duty of its own; the ODR firm's time ends by itself."""
    match event:
        case h.HandedOff(key=key):
            payload: dict[str, object] = {"key": key}
            destination = f"national:{dispute.city}"
            return [Task(kind="hand_off", noun="dispute", subject=dispute.id, destination=destination, payload=payload)]
        case h.HandoffSending(person_at=at) if at is not None and dispute.handoff is not None:
            told: dict[str, object] = {"key": dispute.handoff.package}
            return [Task(kind="handoff_unclear", noun="dispute", subject=dispute.id, at=at, payload=told)]
        case h.OdrBegun(until=until):
            ends: dict[str, object] = {"at": until.at.isoformat()}
            return [Task(kind="end_odr", noun="dispute", subject=dispute.id, at=until.at, payload=ends)]
        case _:
            return []


def told_of_handoff(event: h.HandoffEvent) -> list[tuple[Role, str]]:
    """Who is told by a message; a doubt stands on the page until it is solved."""
    match event:
        case h.OdrBegun():
            return [(Role.merchant, "odr_begun"), (Role.consumer, "odr_begun")]
        case h.HandoffConsented() | h.HandoffConsentWithdrawn() | h.HandoffSending() | h.HandoffDoubted():
            return []
        case h.HandoffRefused() | h.HandoffReturned():
            return [(Role.consumer, "handoff_back")]
        case _:
            return [(Role.consumer, "handoff")]
