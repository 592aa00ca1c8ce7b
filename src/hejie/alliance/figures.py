"""Joint figures: what each city counts in a month and tells the others, small counts withheld; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused

FIGURES = "figures"
"""The kind of letter."""
COUNTS = ("received", "answered", "overdue", "escalated", "settled", "unsettled", "withdrawn")
MONTHS = 12
"""So many months back a city tells."""
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)


class Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The open members of the letter."""

    month: Annotated[str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    least: Annotated[int, Meta(ge=1, le=1000)]
    """A count above none and below this is withheld."""
    counts: dict[str, Annotated[int, Meta(ge=0)] | None]
    """`COUNTS` → how many; none where it is withheld."""


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day of a month; `Refused("month_unreadable")`."""
    if MONTH.fullmatch(month) is None:
        raise Refused("month_unreadable")
    first = date.fromisoformat(f"{month}-01")
    return first, date.fromordinal(_next(first).toordinal() - 1)


def _next(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def months_before(now: datetime, many: int = MONTHS) -> list[str]:
    """The months that are over in Shanghai, the newest first."""
    here = now.astimezone(SHANGHAI)
    number = here.year * 12 + here.month - 1
    return [f"{each // 12:04d}-{each % 12 + 1:02d}" for each in range(number - 1, number - 1 - many, -1)]


def about(month: str) -> str:
    """What the letters of a month are about."""
    return f"figures-{month}"


def withheld(counts: Mapping[str, int], least: int) -> dict[str, int | None]:
    """The counts with those above none and below `least` left out."""
    return {name: None if 0 < counts[name] < least else counts[name] for name in COUNTS}


def must_fit(told: Told, subject: str, written_at: datetime) -> None:
    """`Refused("letter_unreadable")` for other counts than agreed, another month, or one that was not over."""
    _, last = days_of(told.month)
    over = written_at.astimezone(SHANGHAI).date() > last
    if set(told.counts) != set(COUNTS) or subject != about(told.month) or not over:
        raise Refused("letter_unreadable")
