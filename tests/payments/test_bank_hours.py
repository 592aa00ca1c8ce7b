"""A bank's business days, by a table; 2026-11-30 is a Monday."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.payments.bank_hours import BankHours, business_day, closed_at, next_open

HOURS = BankHours()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-30T00:00", "2026-11-30"),
        ("2026-11-30T22:59:59", "2026-11-30"),
        ("2026-11-30T23:00", "2026-12-01"),
        ("2026-12-04T23:00", "2026-12-07"),
        ("2026-12-05T12:00", "2026-12-07"),
        ("2026-12-06T23:30", "2026-12-07"),
    ],
)
def test_the_cut_off_makes_the_day(instant, day):
    assert business_day(HOURS, at(instant)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2026-11-30T08:59", "2026-11-30T09:00"),
        ("2026-11-30T09:00", "2026-11-30T09:00"),
        ("2026-11-30T16:59", "2026-11-30T16:59"),
        ("2026-11-30T17:00", "2026-12-01T09:00"),
        ("2026-12-04T18:00", "2026-12-07T09:00"),
        ("2026-12-05T10:00", "2026-12-07T09:00"),
    ],
)
def test_the_bank_opens_next(instant, opens):
    assert next_open(HOURS, at(instant)) == at(opens)


def test_a_day_is_told_of_when_the_bank_opens_after_it():
    assert closed_at(HOURS, date(2026, 12, 4)) == at("2026-12-07T09:00")


@pytest.mark.parametrize(
    "hours",
    [BankHours(days=()), BankHours(days=(0,)), BankHours(days=(8,)), BankHours(opens=time(17), closes=time(9))],
)
def test_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(Refused, match="bank_hours_wrong"):
        hours.must_make_sense()
