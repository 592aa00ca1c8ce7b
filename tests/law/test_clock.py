"""The clock: the worked dates, and random starts, pauses and calendars against a naive walk day by day."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import law_cases
from tests.support.law_cases import DATES

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.law.calendar import Calendar, Holiday, Why, Year
from hejie.law.clock import Deadline, Pause, Span, deadline, end_of, spans_of
from hejie.law.rules import Actor, Rank, Roll, Rule, Source, Trigger, Unit, Written
from hejie.law.shipped import book, calendar
from hejie.law.words import Words

WORDS = Words(zh="字", en="word")
APPRAISAL = Pause(*map(date.fromisoformat, law_cases.APPRAISAL))
ONE = timedelta(days=1)


def _start(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _found(name: str, start: str, pauses=(), **more: object) -> Deadline:
    begun = _start(start)
    rule = book().chosen(name, begun.astimezone(SHANGHAI).date())
    return deadline(rule, begun, calendar(), pauses, **more)


@pytest.mark.parametrize("case", [each for each in DATES if not (each.span or each.city)])
def test_worked_dates(case):
    pauses = [Pause(date.fromisoformat(first), date.fromisoformat(last)) for first, last in case.pauses]
    found = _found(case.rule, case.start, pauses, extended=case.extended)
    assert found.due.day.isoformat() == case.due
    assert found.due.at == datetime.combine(found.due.day + ONE, time(), SHANGHAI)
    assert [each.day.isoformat() for each in found.readings[1:]] == list(case.others)
    assert not found.provisional


def test_a_year_without_its_notice_is_provisional():
    found = _found("M4", "2026-12-25")
    assert (found.provisional, found.missing_years) == (True, (2027,))
    assert _found("M1", "2026-10-01").missing_years == ()
    assert _found("M1", "2026-11-10").missing_years == (2027,)
    assert _found("R8", "2026-12-31T18:00", promised=Span(48, Unit.hours)).missing_years == ()


def test_hours_ignore_holidays_and_run_from_the_instant():
    found = _found("R8", "2026-09-30T18:00", promised=Span(48, Unit.hours))
    assert found.due.at == _start("2026-10-02T18:00")
    assert found.skipped == ()


def test_every_day_passed_over_has_its_reason():
    found = _found("A1", "2026-04-30T16:20")
    assert [(each.day.day, each.why, each.holiday and each.holiday.name.zh) for each in found.skipped] == [
        *((day, Why.holiday, "劳动节") for day in range(1, 6)),
        (10, Why.weekend, None),
    ]
    assert [each.holiday.statutory for each in found.skipped[:5]] == [True, True, False, False, False]
    assert found.swapped == (date(2026, 5, 9),)
    paused = _found("M1", "2026-06-01", [APPRAISAL])
    assert {each.why for each in paused.skipped} == {Why.pause}
    assert (paused.skipped[0].day, paused.skipped[-1].day, len(paused.skipped)) == (*APPRAISAL, 20)
    rolled = _found("M1", "2026-08-04")
    assert [each.day.day for each in rolled.skipped] == [3, 4, 5, 6, 7]


def test_a_duty_keeps_to_the_earlier_reading_and_a_right_has_the_later():
    duty, right = _found("M1", "2026-04-28"), _found("N4", "2026-04-15")
    assert (duty.due.roll, duty.due.day < duty.readings[1].day) == (Roll.R121, True)
    sunday = date(2029, 4, 15)
    assert right.raw_day == sunday
    assert (right.due.roll, right.due.day) == (Roll.R203, sunday + ONE)
    assert right.readings[1].day == sunday


def test_an_extension_is_added_where_the_rule_has_one():
    assert _found("V1", "2026-11-02", extended=True).span == Span(30, Unit.working_days)
    with pytest.raises(Refused) as caught:
        _found("A1", "2026-11-02", extended=True)
    assert caught.value.code == "law_extension_none"


@pytest.mark.parametrize(
    ("name", "start", "more", "code"),
    [
        ("J1", "2026-05-06", {}, "law_no_limit"),
        ("A1", "2026-05-06", {"pauses": [APPRAISAL]}, "law_pause_not_here"),
        ("M1", "2026-05-06", {"pauses": [Pause(APPRAISAL.last, APPRAISAL.first)]}, "law_pause_reversed"),
        ("R8", "2026-05-06", {}, "law_span_missing"),
        ("A1", "2026-05-06", {"promised": Span(1, Unit.hours)}, "law_span_not_here"),
        ("A1", "2100-12-30", {}, "law_day_out_of_range"),
        ("M1", "2100-12-30", {}, "law_day_out_of_range"),
        ("N4", "2099-12-30", {}, "law_day_out_of_range"),
        ("M1", "2026-05-06", {"pauses": [Pause(date(2026, 5, 7), date(2100, 12, 31))]}, "law_day_out_of_range"),
        ("R8", "2100-12-30T10:00", {"promised": Span(48, Unit.hours)}, "law_day_out_of_range"),
        ("R8", "2026-12-30", {"promised": Span(9999, Unit.years)}, "law_day_out_of_range"),
        ("A1", "9999-12-30", {}, "law_day_out_of_range"),
    ],
)
def test_what_cannot_be_counted_is_refused(name, start, more, code):
    with pytest.raises(Refused) as caught:
        _found(name, start, **more)
    assert caught.value.code == code


# A naive walk: one day after the other, no running numbers.


def _year(data, number: int) -> Year:
    first = date(number, 1, 1)
    blocks: list[Holiday] = []
    used: set[date] = set()
    for begin, length in data.draw(st.lists(st.tuples(st.integers(0, 350), st.integers(1, 9)), min_size=1, max_size=6)):
        days = {first + timedelta(days=begin + n) for n in range(length)}
        if not days & used and max(days).year == number:
            used |= days
            blocks.append(Holiday(name=WORDS, first=min(days), last=max(days), statutory=(min(days),)))
    weekends = [day for n in range(365) if (day := first + timedelta(days=n)).weekday() > 4 and day not in used]
    swapped = data.draw(st.lists(st.sampled_from(weekends), unique=True, max_size=8))
    return Year(year=number, notice=WORDS, issued=first, workdays=tuple(swapped), holiday=tuple(blocks))


class Walk:
    """The same rules, walked."""

    def __init__(self, years: list[Year], pauses: list[Pause]) -> None:
        self.off = {day for year in years for block in year.holiday for day in _between(block.first, block.last)}
        self.swapped = {day for year in years for day in year.workdays}
        self.paused = {day for pause in pauses for day in _between(pause.first, pause.last)}
        self.known = {year.year for year in years}

    def rest(self, day: date) -> bool:
        return day in self.off or (day.weekday() > 4 and day not in self.swapped)

    def raw(self, start: date, span: Span) -> date:
        left = span.amount
        if span.unit in {Unit.months, Unit.years}:
            month = start.year * 12 + start.month - 1 + span.amount * (12 if span.unit is Unit.years else 1)
            year, month = month // 12, month % 12 + 1
            left = (date(year, month, min(start.day, monthrange(year, month)[1])) - start).days
        day = start
        while left:
            day += ONE
            counts = day not in self.paused and not (span.unit is Unit.working_days and self.rest(day))
            left -= counts
        return day

    def end(self, day: date, roll: Roll) -> date:
        stays = {Roll.R121: lambda day: day in self.off, Roll.R203: self.rest, Roll.none: lambda _: False}[roll]
        while stays(day) or day in self.paused:
            day += ONE
        return day


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _rule(unit: Unit, amount: int, roll: Roll, actor: Actor) -> Rule:
    text = Written(
        id="A1", title=WORDS, sentence=WORDS, source=(), valid_from=date(2020, 1, 1), unit=unit, amount=amount,
        roll=roll, stopped_by=("M2",), actor=actor, trigger=Trigger(key="x", zh="x", en="x"), effect=WORDS,
        confirmed=True,
    )  # fmt: skip
    return Rule(text=text, sources=(Source(None, "1"),), rank=Rank.law)


SPANS = st.one_of(
    st.tuples(st.just(Unit.working_days), st.integers(1, 60)),
    st.tuples(st.just(Unit.calendar_days), st.integers(1, 90)),
    st.tuples(st.just(Unit.months), st.integers(1, 12)),
    st.tuples(st.just(Unit.years), st.just(1)),
)
DAYS = st.dates(date(2022, 6, 1), date(2025, 6, 1))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_clock_ends_where_a_walk_day_by_day_ends(data):
    years = [_year(data, number) for number in (2023, 2024)]
    pauses = [
        Pause(first, first + timedelta(days=length))
        for first, length in data.draw(st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=4))
    ]
    unit, amount = data.draw(SPANS)
    start = data.draw(st.datetimes(datetime(2022, 9, 1), datetime(2025, 3, 1)))  # noqa: DTZ001  a zone follows
    instant = start.replace(tzinfo=UTC)
    begun = instant.astimezone(SHANGHAI).date()
    plain = unit is Unit.working_days
    rule = _rule(
        unit, amount, Roll.none if plain else data.draw(st.sampled_from(Roll)), data.draw(st.sampled_from(Actor))
    )
    days = Calendar(years, 2020, 2030)
    walk = Walk(years, pauses)

    found = deadline(rule, instant, days, pauses)

    raw = walk.raw(begun, Span(amount, unit))
    rolls = (Roll.R121, Roll.R203) if rule.text.roll is Roll.R121 else (rule.text.roll,)
    ends = {walk.end(raw, roll) for roll in rolls}
    assert found.raw_day == raw
    assert {each.day for each in found.readings} == ends
    assert found.due.day == (max(ends) if rule.is_right else min(ends))
    assert end_of(rule, found.span, days.day(begun), days, spans_of(rule, pauses, days)) == days.day(found.due.day)
    passed = {
        day
        for day in _between(begun + ONE, found.due.day)
        if day in walk.paused or (walk.rest(day) if plain else day >= raw)
    } - ({found.due.day} - walk.paused)
    assert {each.day for each in found.skipped} == passed
    touched = _between(begun + ONE if plain else raw, max(ends))
    asked = plain or rule.text.roll is not Roll.none
    assert set(found.missing_years) == ({day.year for day in touched} - walk.known if asked else set())
