"""A bank's business days, by a table; 2026-11-30 is a Monday."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import msgspec
import pytest

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.payments.bank_hours import BankHours, business_day, closed_at, next_open
from hejie.settings import AcquirerHours

HOURS = BankHours()
OFF = ("01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07")
WORKED = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")


def of_2026(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


HOLIDAYS = tuple((of_2026(first), of_2026(last)) for first, last in (each.split("/") for each in OFF))
YEAR = BankHours(holidays=HOLIDAYS, workdays=tuple(of_2026(each) for each in WORKED))
"""The State Council's arrangement for 2026."""


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
    ("instant", "day"),
    [
        ("2025-12-31T22:59:59", "2025-12-31"),
        ("2025-12-31T23:00", "2026-01-04"),
        ("2026-01-04T12:00", "2026-01-04"),
        ("2026-02-13T23:00", "2026-02-14"),
        ("2026-02-14T12:00", "2026-02-14"),
        ("2026-02-14T23:00", "2026-02-24"),
        ("2026-02-18T09:00", "2026-02-24"),
        ("2026-02-27T23:30", "2026-02-28"),
        ("2026-02-28T23:30", "2026-03-02"),
        ("2026-04-04T00:00", "2026-04-07"),
        ("2026-05-05T23:00", "2026-05-06"),
        ("2026-05-09T10:00", "2026-05-09"),
        ("2026-06-18T23:00", "2026-06-22"),
        ("2026-09-20T10:00", "2026-09-20"),
        ("2026-09-26T10:00", "2026-09-28"),
        ("2026-10-01T00:00", "2026-10-08"),
        ("2026-10-07T23:00", "2026-10-08"),
        ("2026-10-10T22:59", "2026-10-10"),
        ("2026-10-11T10:00", "2026-10-12"),
    ],
)
def test_holidays_are_free_and_swapped_days_are_worked(instant, day):
    assert business_day(YEAR, at(instant)) == date.fromisoformat(day)


def test_the_bank_opens_next_after_its_holidays():
    assert next_open(YEAR, at("2026-02-14T17:00")) == at("2026-02-24T09:00")
    assert next_open(YEAR, at("2026-10-10T08:00")) == at("2026-10-10T09:00")
    assert closed_at(YEAR, date(2026, 9, 30)) == at("2026-10-08T09:00")


def test_the_year_has_as_many_business_days_as_are_counted_by_hand():
    """Of 261 Mondays to Fridays in 2026, 19 are free (2, 6, 1, 3, 1, 1, 5), and 6 days are worked for them."""
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    assert sum(YEAR.works(day) for day in days) == 261 - 19 + 6


def test_the_lists_are_read_from_the_connections():
    told = b'{"holidays": [["2026-02-15", "2026-02-23"]], "workdays": ["2026-02-14"]}'
    hours = BankHours(**msgspec.structs.asdict(msgspec.json.decode(told, type=AcquirerHours)))
    hours.must_make_sense()
    assert business_day(hours, at("2026-02-13T23:00")) == date(2026, 2, 14)


@pytest.mark.parametrize(
    "hours",
    [
        BankHours(days=()),
        BankHours(days=(0,)),
        BankHours(days=(8,)),
        BankHours(opens=time(17), closes=time(9)),
        BankHours(holidays=((date(2026, 2, 23), date(2026, 2, 15)),)),
        BankHours(holidays=((date(2026, 1, 1), date(2026, 3, 2)),)),
        BankHours(holidays=HOLIDAYS, workdays=(date(2026, 2, 15),)),
    ],
)
def test_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(Refused, match="bank_hours_wrong"):
        hours.must_make_sense()
