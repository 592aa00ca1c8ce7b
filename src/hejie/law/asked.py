"""A limit as people ask for it: start, pauses and length as typed, the wording of that day, and the weaker ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.law.book import Book
from hejie.law.calendar import Calendar
from hejie.law.clock import Deadline, Pause, Reading, Span, deadline, span_of
from hejie.law.rules import Rule, Unit

UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        "h": Unit.hours,
        "d": Unit.calendar_days,
        "wd": Unit.working_days,
        "m": Unit.months,
        "y": Unit.years,
    }
)
"""How a length is written: `48h`, `3d`, `5wd`."""
_SPAN = re.compile(r"([1-9][0-9]{0,3})(h|d|wd|m|y)", re.ASCII)
_DAY = 10


class Question(Struct, frozen=True, kw_only=True):
    """What is asked of one rule."""

    rule: str
    start: datetime
    exact: bool
    """Whether the time of day was given."""
    province: str = ""
    pauses: tuple[Pause, ...] = ()
    span: Span | None = None
    """What was promised."""
    extended: bool = False

    @property
    def day(self) -> date:
        """The Shanghai day of the start: it chooses the wording."""
        return self.start.astimezone(SHANGHAI).date()


class Weaker(Struct, frozen=True):
    """A wording also in force that day, which gives way, and the end to which it would lead, if it can be counted."""

    rule: Rule
    due: Reading | None


def answered(question: Question, rules: Book, days: Calendar) -> Deadline:
    """The end of the limit by the wording of the day of its start.

    Errors: those of `Book.chosen` and of `deadline`, and `Refused("law_start_time_missing")` where hours run from a
    start without its time.
    """
    rule = rules.chosen(question.rule, question.day, question.province)
    span = span_of(rule, question.span, extended=question.extended)
    if not question.exact and span.unit is Unit.hours:
        raise Refused("law_start_time_missing", rule=rule.id, said=question.day)
    pauses, promised = question.pauses, question.span
    return deadline(rule, question.start, days, pauses, promised=promised, extended=question.extended)


def weaker(question: Question, rules: Book, days: Calendar) -> tuple[Weaker, ...]:
    """The wordings that give way to the one that decides."""
    found = rules.outranked(question.rule, question.day, question.province)
    return tuple(Weaker(rule, _due(rule, question, days)) for rule in found)


def _due(rule: Rule, question: Question, days: Calendar) -> Reading | None:
    try:
        return deadline(rule, question.start, days, question.pauses).due
    except Refused:
        return None


def start_of(text: str) -> tuple[datetime, bool]:
    """An instant, and whether its time of day was given; a day alone is its first instant in Shanghai.

    Errors: `Refused("law_start_unreadable")`.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=SHANGHAI)
        return found.astimezone(SHANGHAI).astimezone(UTC), len(text) > _DAY
    except (ValueError, OverflowError):
        raise Refused("law_start_unreadable", said=text[:40]) from None


def pause_of(text: str) -> Pause:
    """`FROM..TO`, both days included; `Refused("law_pause_unreadable")`."""
    first, _, last = text.partition("..")
    try:
        return Pause(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise Refused("law_pause_unreadable", said=text[:40]) from None


def length_of(text: str) -> Span:
    """`48h`, `3d`, `5wd`, `2m`, `1y`; `Refused("law_span_unreadable")`."""
    match = _SPAN.fullmatch(text)
    if not match:
        raise Refused("law_span_unreadable", said=text[:20])
    return Span(int(match[1]), UNITS[match[2]])
