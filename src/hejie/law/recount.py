"""Open duties counted again after a calendar has changed: which of them end on another day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from hejie.law.book import Book
from hejie.law.calendar import Calendar
from hejie.law.clock import Pause, Span, end_of, span_of, spans_of


class Open(NamedTuple):
    """A duty that is not done yet; its limit is one in days, for no calendar moves one in hours."""

    key: int
    rule: str
    """The rule's id; its wording is that of the first day."""
    begun: date
    """Day 0, a Shanghai day."""
    due: date
    """The last day, as it was counted before."""
    pauses: tuple[Pause, ...] = ()
    extended: bool = False
    promised: Span | None = None
    province: str = ""


class Moved(NamedTuple):
    """A duty that ends on another day than before."""

    key: int
    before: date
    after: date


def recount(duties: Iterable[Open], book: Book, days: Calendar) -> Iterator[Moved]:
    """Every duty whose end the calendar moves; the wording is chosen, and the days are counted, anew for each.

    Errors: those of `Book.chosen` and of `deadline`.
    """
    for duty in duties:
        rule = book.chosen(duty.rule, duty.begun, duty.province)
        span = span_of(rule, duty.promised, extended=duty.extended)
        spans = spans_of(rule, duty.pauses, days) if duty.pauses else ()
        after = days.date(end_of(rule, span, days.day(duty.begun), days, spans))
        if after != duty.due:
            yield Moved(duty.key, duty.due, after)
