"""A city's ladder of measures against merchants with which mediation failed: its steps in order, and their days."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

Named = Literal["warning", "inspection", "paycode_suspended", "status_withdrawn", "publication"]
ORDER: tuple[str, ...] = get_args(Named)
"""From the mildest to the strongest: a city may leave steps out, and takes none before a milder one of its own."""

Days = Annotated[int, Meta(ge=1, le=90)]


class Rung(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step; all spans are of 24 hours."""

    step: Named
    announce_days: Days
    """From the announcement until it takes effect."""
    appeal_days: Days
    """From the announcement until the merchant can appeal no more."""
    lasts_days: Annotated[int, Meta(ge=1, le=1096)] | None = None
    """From its effect until it is over by itself; none for one that an officer has to end."""


class Ladder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a city takes measures, and which; off unless it names a first day."""

    valid_from: date | None = None
    valid_to: date | None = None
    """The last day."""
    span_days: Annotated[int, Meta(ge=30, le=1830)] = 730
    """So long the step before counts for the next one, from its announcement."""
    steps: tuple[Rung, ...] = ()

    def holds(self, day: date) -> bool:
        """Whether the city takes measures on a day."""
        return (
            self.valid_from is not None and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        )


def fault_of(ladder: Ladder) -> tuple[str, str]:
    """Why a ladder cannot be, and where it says so; both empty for a sound one."""
    if ladder.valid_to and (ladder.valid_from is None or ladder.valid_to < ladder.valid_from):
        return "ladder_days", "ladder.valid_to"
    if ladder.valid_from and not ladder.steps:
        return "ladder_empty", "ladder.steps"
    places = [ORDER.index(each.step) for each in ladder.steps]
    if places != sorted(set(places)):
        return "ladder_order", "ladder.steps"
    return "", ""
