"""The calendar: each year day by day against two kept libraries, and an unknown year is never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from hejie.base.errors import Refused
from hejie.law.calendar import Why
from hejie.law.reading import examine
from hejie.law.shipped import calendar

YEARS = (2023, 2024, 2025, 2026)
WORKDAYS = {2023: 249, 2024: 251, 2025: 248, 2026: 248}
STATUTORY = {2023: 11, 2024: 11, 2025: 13, 2026: 13}
"""The holiday law names 13 days since the year 2025; Mid-Autumn of 2023 lies in National Day's block."""


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_what_two_libraries_say(year):
    days = calendar()
    working = {day: not days.rest[days.day(day)] for day in _days(year)}
    theirs = holidays.country_holidays("CN", years=year)
    assert working == {day: chinese_calendar.is_workday(day) for day in working}
    assert working == {day: theirs.is_working_day(day) for day in working}
    assert sum(working.values()) == WORKDAYS[year]


@pytest.mark.parametrize("year", YEARS)
def test_the_notice_is_named_and_statutory_days_are_marked(year):
    days = calendar()
    notice = days.years[year]
    assert notice.notice.zh == f"国务院办公厅关于{year}年部分节假日安排的通知"
    assert notice.issued.year == year - 1
    marked = [day for day in _days(year) if (found := days.named.get(days.day(day))) and found.statutory]
    assert len(marked) == STATUTORY[year]
    named = holidays.country_holidays("CN", years=year, language="en_US", categories=("public",))
    fixed = {day for day, name in named.items() if "day off" not in name.lower() and "observed" not in name.lower()}
    assert set(marked) == fixed


def test_a_year_without_its_notice_is_told_though_a_library_guesses_it():
    days = calendar()
    assert date(2027, 1, 1) in holidays.country_holidays("CN", years=2027)
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(2027, 1, 4))
    first, last = days.day(date(2026, 12, 31)), days.day(date(2027, 1, 4))
    assert days.missing(first, last) == (2027,)
    assert days.missing(first, first) == ()
    assert not days.rest[days.day(date(2027, 1, 1))]
    assert days.why(days.day(date(2027, 1, 2))) is Why.weekend


def test_a_notice_may_take_a_day_of_the_december_before():
    days = calendar()
    new_year = days.named[days.day(date(2022, 12, 31))]
    assert (new_year.name.en, new_year.statutory) == ("New Year's Day", False)
    assert days.missing(days.day(date(2022, 12, 31)), days.day(date(2023, 1, 3))) == (2022,)


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2101, 1, 1), date.min, date.max])
def test_a_day_beyond_the_calendar_is_refused(day):
    with pytest.raises(Refused) as caught:
        calendar().day(day)
    assert caught.value.code == "law_day_out_of_range"


GOOD = """
year = 2026
notice = { zh = "通知", en = "Notice" }
issued = 2025-11-04
workdays = [2026-01-04]

[[holiday]]
name = { zh = "元旦", en = "New Year" }
first = 2026-01-01
last = 2026-01-03
statutory = [2026-01-01]
"""


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("last = 2026-01-03", "last = 2025-12-31", ("holiday 1", "last", "dates_reversed")),
        ("first = 2026-01-01", "first = 2025-12-01", ("holiday 1", "first", "outside_year")),
        ("statutory = [2026-01-01]", "statutory = [2026-01-05]", ("holiday 1", "statutory", "outside_block")),
        ("workdays = [2026-01-04]", "workdays = [2026-01-05]", ("", "workdays", "no_weekend")),
        ("workdays = [2026-01-04]", "workdays = [2026-01-03]", ("", "workdays", "no_weekend")),
        ("workdays = [2026-01-04]", "workdays = [2027-01-02]", ("", "workdays", "outside_year")),
        ("issued = 2025-11-04", "issued = 2027-11-04", ("", "issued", "date_impossible")),
        ("issued = 2025-11-04", "issued = 2025-11-31", ("", "issued", "date_impossible")),
        ("issued = 2025-11-04", 'issued = "soon"', ("", "issued", "date_impossible")),
        ("issued = 2025-11-04", "", ("", "issued", "field_missing")),
        ("year = 2026", "year = 2026\nyears = 1", ("", "years", "field_unknown")),
        (
            "statutory = [2026-01-01]",
            "statutory = [2026-01-01]" + GOOD[GOOD.index("\n[[") :],
            ("holiday 2", "first", "overlap"),
        ),
    ],
)
def test_a_calendar_with_a_fault_says_where(before, after, where):
    found = examine({"2026.toml": GOOD.replace(before, after)})
    assert [fault[:4] for fault in found.faults] == [("2026.toml", *where)]
    assert found.years == ()


def test_a_year_stands_there_once():
    assert examine({"a.toml": GOOD}).faults == ()
    found = examine({"a.toml": GOOD, "b.toml": GOOD})
    assert [fault[:4] for fault in found.faults] == [("b.toml", "", "year", "repeated")]
