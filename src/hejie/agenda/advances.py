"""What an event of an advance brings: both sides of its dispute are told."""

from __future__ import annotations

from hejie.agenda.disputes import notices_of
from hejie.agenda.task import Task
from hejie.base.actor import Role
from hejie.payments.advance import Advance, AdvanceCancelled, AdvanceGranted, AnyEvent, PaidOut

_TEMPLATES = {AdvanceGranted: "advance_granted", PaidOut: "advance_paid", AdvanceCancelled: "advance_cancelled"}


def for_advance(advance: Advance, event: AnyEvent) -> list[Task]:
    """What passes between the merchant and the fund afterwards is told to nobody else."""
    template = _TEMPLATES.get(type(event))
    if template is None:
        return []
    return [
        Task(
            kind="notify",
            noun="dispute",
            subject=advance.id,
            destination=notices_of(advance.city),
            payload={"audience": audience.value, "template": template},
        )
        for audience in (Role.consumer, Role.merchant)
    ]
