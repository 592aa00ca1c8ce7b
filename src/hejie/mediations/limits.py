"""The clocks of a mediation, each counted by the law in force on the day it began."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from hejie.base.clock import SHANGHAI
from hejie.law.book import Book
from hejie.law.calendar import Calendar
from hejie.law.clock import Deadline, Pause, deadline
from hejie.mediations.model import Limit

ACCEPTANCE = "A1"
MEDIATION = "M1"
TELLING = "M4"
CONFIRMATION = "O4"
VERIFICATION = "V1"
TERMS = "terms"
"""Not a rule of law: the last day that both agreed on."""


class Law:
    """The rules and the calendar, as the desk hands them in."""

    def __init__(self, book: Book, days: Calendar) -> None:
        self.book = book
        self.days = days

    def deadline(self, limit: Limit) -> Deadline:
        """How a limit was counted, with all that explains it; errors as `law.clock.deadline`."""
        rule = self.book.chosen(limit.rule, day_of(limit.start))
        return deadline(rule, limit.start, self.days, limit.pauses)

    def limit(self, rule: str, start: datetime, pauses: Iterable[Pause] = ()) -> Limit:
        """The limit of a rule that begins at an instant (aware); errors as `law.clock.deadline`."""
        kept = tuple(pauses)
        found = deadline(self.book.chosen(rule, day_of(start)), start, self.days, kept)
        return Limit(rule=rule, start=start, at=found.due.at, pauses=kept)


def by_day(start: datetime, day: date) -> Limit:
    """A limit that ends with an agreed day, at its 24:00 in Shanghai."""
    end = datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)
    return Limit(rule=TERMS, start=start, at=end)


def last_day(at: datetime) -> date:
    """The Shanghai day with whose end a limit ends, of the first instant that is too late."""
    return day_of(at - timedelta(microseconds=1))


def day_of(at: datetime) -> date:
    """The Shanghai day of an instant."""
    return at.astimezone(SHANGHAI).date()
