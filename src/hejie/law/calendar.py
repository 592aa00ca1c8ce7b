"""Days of rest and work, year by year as the State Council's notices set them; a year without its notice is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from itertools import accumulate
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from hejie.base.errors import Refused
from hejie.law.words import Words

_MONDAY_WEEK = b"\0\0\0\0\0\1\1"
_SATURDAY = 5
_LATE_DECEMBER = (12, 25)
"""A notice may already take days off in the last week of the year before."""


class Holiday(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One block of days off, weekends within it included."""

    name: Words
    first: date
    last: date
    statutory: Annotated[tuple[date, ...], Meta(min_length=1)]
    """The days that the holiday law itself names."""


class Year(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One year's notice."""

    year: Annotated[int, Meta(ge=1990, le=2100)]
    notice: Words
    issued: date
    workdays: tuple[date, ...]
    """Saturdays and Sundays that are worked."""
    holiday: Annotated[tuple[Holiday, ...], Meta(min_length=1)]


class Why(StrEnum):
    """Why a day does not count."""

    weekend = "weekend"
    holiday = "holiday"
    pause = "pause"


class Named(NamedTuple):
    """Which block a day off belongs to."""

    name: Words
    statutory: bool


class Calendar:
    """Every day from year `first` to year `last` with its kind, and running numbers of working days.

    Days are whole numbers here: `date.toordinal()` less `base`. Years without a notice rest on Saturdays and
    Sundays only, and are told by `missing`.
    """

    def __init__(self, years: Iterable[Year], first: int = 1990, last: int = 2100) -> None:
        self.years: Mapping[int, Year] = {year.year: year for year in years}
        self.base = date(first, 1, 1).toordinal()
        self.size = date(last, 12, 31).toordinal() - self.base + 1
        weekday = date(first, 1, 1).weekday()
        weeks = _MONDAY_WEEK * (self.size // 7 + 2)
        self.rest = bytearray(weeks[weekday : weekday + self.size])
        """1 on every day of rest."""
        self.swapped: set[int] = set()
        self.named: dict[int, Named] = {}
        self._ends: dict[int, int] = {}
        for year in self.years.values():
            self._put(year)
        self.count = list(accumulate(1 - kind for kind in self.rest))
        """Working days up to and with each day."""
        self.work = [day for day, kind in enumerate(self.rest) if not kind]
        """The working days themselves, ascending."""
        self._known = bytearray(self.size)
        for number in self.years:
            begin, end = self.day(date(number, 1, 1)), self.day(date(number, 12, 31))
            self._known[begin : end + 1] = b"\1" * (end + 1 - begin)

    def _put(self, year: Year) -> None:
        for each in year.workdays:
            self.rest[self.day(each)] = 0
            self.swapped.add(self.day(each))
        for block in year.holiday:
            begin, end = self.day(block.first), self.day(block.last)
            statutory = {self.day(each) for each in block.statutory}
            for day in range(begin, end + 1):
                self.rest[day] = 1
                self.named[day] = Named(block.name, day in statutory)
                self._ends[day] = end + 1

    def day(self, of: date) -> int:
        """A date's number; `Refused("law_day_out_of_range")` outside the calendar."""
        number = of.toordinal() - self.base
        if not 0 <= number < self.size:
            raise self._outside()
        return number

    def date(self, number: int) -> date:
        """A number's date."""
        return date.fromordinal(number + self.base)

    def nth_work(self, number: int) -> int:
        """The working day with this running number, from 1; `Refused("law_day_out_of_range")` beyond the calendar."""
        if number > len(self.work):
            raise self._outside()
        return self.work[number - 1]

    def _outside(self) -> Refused:
        first, last = date.fromordinal(self.base), date.fromordinal(self.base + self.size - 1)
        return Refused("law_day_out_of_range", first=first, last=last)

    def after_rest(self, day: int) -> int:
        """The first day from this one on that is no day of rest."""
        return self.nth_work(self.count[day] + 1) if self.rest[day] else day

    def after_holiday(self, day: int) -> int:
        """The first day from this one on that lies in no block of days off; it may be a plain weekend."""
        while day in self._ends:
            day = self._ends[day]
        return day

    def why(self, day: int) -> Why | None:
        """Why a day is one of rest; None for a working day."""
        if not self.rest[day]:
            return None
        return Why.holiday if day in self.named else Why.weekend

    def missing(self, first: int, last: int) -> tuple[int, ...]:
        """Years between two days, both included, whose notice is not there."""
        if self._known.find(0, first, last + 1) < 0:
            return ()
        return tuple(year for year in range(self.date(first).year, self.date(last).year + 1) if year not in self.years)


def faults_of(year: Year) -> list[tuple[str, str, str]]:
    """What is wrong with a notice's days: (part, field, why)."""
    found: list[tuple[str, str, str]] = []
    off: set[date] = set()
    if year.issued.year > year.year:
        found.append(("", "issued", "date_impossible"))
    for number, block in enumerate(year.holiday, start=1):
        part = f"holiday {number}"
        if block.last < block.first:
            found.append((part, "last", "dates_reversed"))
            continue
        days = {date.fromordinal(day) for day in range(block.first.toordinal(), block.last.toordinal() + 1)}
        if not all(_belongs(year.year, day) for day in (block.first, block.last)):
            found.append((part, "first", "outside_year"))
        if not days.issuperset(block.statutory):
            found.append((part, "statutory", "outside_block"))
        if days & off:
            found.append((part, "first", "overlap"))
        off |= days
    for day in year.workdays:
        if day.weekday() < _SATURDAY or day in off:
            found.append(("", "workdays", "no_weekend"))
        if not _belongs(year.year, day):
            found.append(("", "workdays", "outside_year"))
    return found


def _belongs(year: int, day: date) -> bool:
    return day.year == year or (day.year == year - 1 and (day.month, day.day) >= _LATE_DECEMBER)
