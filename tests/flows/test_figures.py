"""Joint figures: each month counted once it is over, told to every member, small counts withheld."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.handovers.conftest import Two
from tests.support.alliance import HERE, START, THERE
from tests.web.officer.test_alliance import officer_of

from hejie.alliance.figures import COUNTS, Told, about, days_of, months_before, must_fit, withheld
from hejie.base.errors import Refused

PATH = f"/{HERE}/officer/alliance/figures"
ALL = dict.fromkeys(COUNTS, 9)


def test_months_are_whole_ones_of_shanghai():
    assert months_before(datetime(2026, 12, 31, 16, tzinfo=UTC), 2) == ["2026-12", "2026-11"]
    assert months_before(datetime(2026, 12, 31, 15, tzinfo=UTC), 1) == ["2026-11"]
    assert days_of("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))
    assert days_of("2026-12")[1] == date(2026, 12, 31)
    with pytest.raises(Refused, match="month_unreadable"):
        days_of("2026-13")


def test_small_counts_are_withheld_and_none_is_told():
    assert withheld(ALL | {"overdue": 4, "escalated": 0, "settled": 5}, 5) == ALL | {
        "overdue": None,
        "escalated": 0,
        "settled": 5,
    }


@pytest.mark.parametrize(
    ("change", "subject", "at"),
    [
        ({"month": "2026-10"}, about("2026-11"), START + timedelta(days=5)),
        ({"counts": {"received": 3}}, about("2026-11"), START + timedelta(days=5)),
        ({}, about("2026-11"), START),
    ],
    ids=["another-month", "other-counts", "not-over"],
)
def test_a_letter_that_does_not_fit_is_refused(change: dict[str, Any], subject: str, at: datetime):
    told = Told(**({"month": "2026-11", "least": 5, "counts": ALL} | change))
    with pytest.raises(Refused, match="letter_unreadable"):
        must_fit(told, subject, at)
    must_fit(Told(month="2026-11", least=5, counts=ALL), about("2026-11"), START + timedelta(days=5))


_COUNTS = """
insert into day_count (city, grain, first, cut, code, measure, span, n) values
  (%s, 'm', '2026-11-01', 'all', '', 'received', -1, 40), (%s, 'm', '2026-11-01', 'all', '', 'performed', -1, 21),
  (%s, 'm', '2026-11-01', 'all', '', 'overdue', -1, 2) returning 1
"""


async def test_a_month_is_told_once_it_is_over(two: Two):
    await two.work()
    await two.rows(THERE, _COUNTS, THERE, THERE, THERE)
    kinds = "select about, count(*) from letter_out where kind = 'figures' group by 1"
    assert await two.rows(THERE, kinds) == []
    await two.pass_time(days=2)
    await two.pass_time(days=1)
    assert await two.rows(THERE, kinds) == [("figures-2026-11", 1)]
    async with officer_of(two.both, HERE) as officer:
        shown = (await officer.get(PATH)).text
        table = (await officer.get(f"{PATH}.csv?month=2026-11")).content.decode("utf-8-sig").splitlines()
        assert (await officer.get(f"{PATH}?month=2026-13")).status_code == 422
    row = shown[shown.index(f'data-city="{THERE}"') :]
    assert [f">{told}</a>" in row for told in ("40", "21", "below 5")] == [True] * 3
    assert f"hejie statistics --city {THERE} --from 2026-11-01 --to 2026-11-30" in shown
    assert "2026-11,Chengdu,40,0,,0,21,0,0,5" in table
