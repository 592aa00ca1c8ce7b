"""A merchant's history as one city may tell another: counts of two years, small ones withheld; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from hejie.base.errors import Refused

ASKED, HISTORY = "history_asked", "history"
"""The kinds of letters."""
MONTHS = 24
_CODE = Annotated[str, Meta(min_length=18, max_length=18)]
_LEAP_DAY = (2, 29)
COUNTS = ("received", "settled", "overdue", "escalated", "pressure")
"""Disputes filed in the time: all; settled; overdue; escalated; found by an officer to be pressure on the merchant."""
_PARTS = COUNTS[1:]


class Purpose(StrEnum):
    """What the answer is for."""

    dispute = "dispute"
    """Judging a dispute that is under way."""
    paycode = "paycode"
    """Granting a payment code with promises."""
    measure = "measure"
    """Deciding on a measure."""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The question."""

    credit_code: _CODE
    purpose: Purpose
    dispute: Annotated[str, Meta(max_length=64)] = ""
    """The asking city's own number of the dispute, for the trails of both."""


class History(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer: counts only."""

    credit_code: _CODE
    known: bool
    """Whether the merchant is registered there at all."""
    first: date
    last: date
    least: Annotated[int, Meta(ge=1, le=1000)]
    """A count above none and below this is withheld."""
    counts: dict[str, int | None]
    """`COUNTS` → how many; none where it is withheld."""
    measures: Annotated[int, Meta(ge=0)]
    """Measures in effect today."""


def span(today: date) -> tuple[date, date]:
    """The first and last day of the two years that end today."""
    back = today.replace(year=today.year - MONTHS // 12, day=28 if (today.month, today.day) == _LEAP_DAY else today.day)
    return date.fromordinal(back.toordinal() + 1), today


def guarded(counts: Mapping[str, int], least: int) -> dict[str, int | None]:
    """The counts that may be told: none so small that it could point at a person, also not by subtraction.

    `counts` has `COUNTS`. Where all together are too few, nothing is told; a part is withheld where it, or what is left
    of the whole without it, is above none and below `least`.
    """
    whole = counts["received"]
    if 0 < whole < least:
        return dict.fromkeys(COUNTS)

    def told(part: int) -> int | None:
        return None if 0 < part < least or 0 < whole - part < least else part

    return {"received": whole, **{name: told(counts[name]) for name in _PARTS}}


def must_fit(answer: History, credit_code: str) -> None:
    """`Refused("letter_unreadable")` for an answer to another question, or with other counts than agreed."""
    below = any(each is not None and each < 0 for each in answer.counts.values())
    if set(answer.counts) != set(COUNTS) or answer.credit_code != credit_code or below:
        raise Refused("letter_unreadable")
