"""From when to when a merchant is an ODR enterprise: days of Shanghai, never two spans at once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hejie.base.errors import Refused
from hejie.merchants.odr import OdrSpan, spans_with

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 30)
SPAN = OdrSpan(first=MAY, last=JUNE)


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), False),
        (datetime(2026, 4, 30, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 6, 30, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 6, 30, 16, 0, tzinfo=UTC), False),
    ],
)
def test_its_days_are_those_of_shanghai(now, holds):
    assert SPAN.holds(now) is holds


def test_without_a_last_day_it_goes_on_and_the_same_first_day_ends_it():
    going = OdrSpan(first=MAY)
    assert going.holds(datetime(2030, 1, 1, tzinfo=UTC))
    assert spans_with([going], SPAN) == (SPAN,)


@pytest.mark.parametrize(
    ("before", "fresh", "code"),
    [
        ((), OdrSpan(first=JUNE, last=MAY), "odr_days_reversed"),
        ((SPAN,), OdrSpan(first=JUNE), "odr_days_overlap"),
        ((OdrSpan(first=MAY),), OdrSpan(first=JUNE), "odr_days_overlap"),
        ((SPAN,), OdrSpan(first=date(2026, 1, 1)), "odr_days_overlap"),
    ],
)
def test_no_two_at_once(before, fresh, code):
    with pytest.raises(Refused) as refused:
        spans_with(before, fresh)
    assert refused.value.code == code
