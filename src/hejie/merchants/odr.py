"""From when to when a merchant is an enterprise of 12315's online dispute resolution (ODR), by an officer's word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused


class OdrSpan(Struct, frozen=True, kw_only=True):
    """First and last Shanghai day; without a last one it goes on."""

    first: date
    last: date | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it covers an instant's Shanghai day."""
        day = now.astimezone(SHANGHAI).date()
        return self.first <= day and (self.last is None or day <= self.last)


def spans_with(spans: Iterable[OdrSpan], fresh: OdrSpan) -> tuple[OdrSpan, ...]:
    """All spans after one was added, or given its last day: one with the same first day is replaced.

    Errors: `Refused("odr_days_reversed" | "odr_days_overlap")`.
    """
    if fresh.last is not None and fresh.last < fresh.first:
        raise Refused("odr_days_reversed")
    others = [each for each in spans if each.first != fresh.first]
    if any(_meet(each, fresh) for each in others):
        raise Refused("odr_days_overlap")
    return tuple(sorted([*others, fresh], key=lambda each: each.first))


def _meet(one: OdrSpan, other: OdrSpan) -> bool:
    return one.first <= (other.last or date.max) and other.first <= (one.last or date.max)
