"""In which order letters about one thing are handled, and what a repeated number is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from hejie.base.errors import Refused

MOST_AHEAD = 1000
"""How far ahead of what was handled a letter may come."""
GAP_AFTER = timedelta(hours=1)
"""How long a missing number is waited for before a person is told."""


class Place(StrEnum):
    """What a letter is, by its number."""

    next = "next"
    """It can be handled."""
    held = "held"
    """An earlier one is to be handled first."""
    again = "again"
    """It is here already."""
    conflict = "conflict"
    """Another letter is here under its number: kept as evidence, never handled."""


def place(over: int, known: str | None, number: int, digest: str) -> Place:
    """Where a letter stands; `over` is the number up to which all are handled, `known` the digest under its number.

    Errors: `Refused("letter_too_far")`.
    """
    if known is not None:
        return Place.again if known == digest else Place.conflict
    if number > over + MOST_AHEAD:
        raise Refused("letter_too_far")
    return Place.next if number == over + 1 else Place.held


def missing(over: int, here: Collection[int]) -> list[int]:
    """The numbers that have not come, below the highest that has."""
    return [number for number in range(over + 1, max(here, default=over)) if number not in here]
