"""Whether a payment's merchant can be reached here: the question before any form is opened."""

from __future__ import annotations

from enum import StrEnum

from hejie.merchants.model import State


class Reach(StrEnum):
    """How a payment was resolved."""

    enrolled = "enrolled"
    """The merchant takes part in this city: the form opens."""
    elsewhere = "elsewhere"
    """It takes part in another city of this house."""
    known = "known"
    """It is registered here and does not take part."""
    unknown = "unknown"
    """Nobody here knows whom the account belongs to."""


FOUND = frozenset({Reach.enrolled, Reach.elsewhere})
"""What counts as covered: the consumer found a merchant that takes part."""


def reach(here: State | None, *, elsewhere: bool = False) -> Reach:
    """The outcome for a merchant that stands so `here` (none: not registered) and takes part `elsewhere` or not."""
    if here is State.enrolled:
        return Reach.enrolled
    if elsewhere:
        return Reach.elsewhere
    return Reach.unknown if here is None else Reach.known
