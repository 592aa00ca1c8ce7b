"""Open duties after a calendar change: exactly those whose days it touches move, and all end where the clock ends."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hejie.base.clock import SHANGHAI
from hejie.law.calendar import Calendar, Holiday, Year
from hejie.law.clock import Pause, Span, deadline
from hejie.law.recount import Open, recount
from hejie.law.rules import Unit
from hejie.law.shipped import book, calendar
from hejie.law.words import Words

WORDS = Words(zh="元旦", en="New Year")
NEXT = Year(
    year=2027,
    notice=WORDS,
    issued=date(2026, 11, 20),
    workdays=(date(2026, 12, 27),),
    holiday=(Holiday(name=WORDS, first=date(2027, 1, 1), last=date(2027, 1, 3), statutory=(date(2027, 1, 1),)),),
)
AFTER = Calendar([*calendar().years.values(), NEXT])


def _due(rule: str, begun: date, days: Calendar) -> date:
    start = datetime.combine(begun, time(12), SHANGHAI)
    return deadline(book().chosen(rule, begun), start, days).due.day


def test_only_what_the_new_notice_touches_moves():
    days = [date(2026, 12, 1) + timedelta(days=n) for n in range(31)]
    duties = [
        Open(key=number, rule=rule, begun=day, due=_due(rule, day, calendar()))
        for number, (rule, day) in enumerate((rule, day) for rule in ("A1", "M1", "R1") for day in days)
    ]
    moved = {each.key: each for each in recount(duties, book(), AFTER)}
    wanted = {duty.key: _due(duty.rule, duty.begun, AFTER) for duty in duties}
    assert {key: each.after for key, each in moved.items()} == {
        duty.key: wanted[duty.key] for duty in duties if wanted[duty.key] != duty.due
    }
    assert 0 < len(moved) < len(duties)
    assert all(each.before != each.after for each in moved.values())
    assert list(recount(duties, book(), calendar())) == []


def test_pauses_and_promises_are_counted_too():
    pause = (Pause(date(2026, 12, 7), date(2026, 12, 9)),)
    promised = Span(44, Unit.working_days)
    duties = [
        Open(key=1, rule="M1", begun=date(2026, 10, 30), due=date(2027, 1, 1), pauses=pause),
        Open(key=2, rule="R8", begun=date(2026, 11, 2), due=date(2027, 1, 1), promised=promised),
    ]
    assert list(recount(duties, book(), calendar())) == []
    found = [tuple(each) for each in recount(duties, book(), AFTER)]
    assert found == [(1, date(2027, 1, 1), date(2027, 1, 4)), (2, date(2027, 1, 1), date(2026, 12, 31))]
