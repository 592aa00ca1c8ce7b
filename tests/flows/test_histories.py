"""A merchant's history asked of another city: counts alone, small ones withheld, in the trails of both."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.handovers.conftest import CODE, Two
from tests.support.alliance import HERE, THERE
from tests.web.officer.test_alliance import officer_of, submit

from hejie.alliance.histories import COUNTS, guarded, span

PATH = f"/{HERE}/officer/histories"


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
        ((4, 4, 0, 0, 0), (None, None, None, None, None)),
        ((20, 10, 4, 0, 1), (20, 10, None, 0, None)),
        ((20, 17, 5, 20, 16), (20, None, 5, 20, None)),
    ],
)
def test_no_count_is_told_from_which_a_person_could_be_found(counts: tuple[int, ...], told: tuple[Any, ...]):
    assert guarded(dict(zip(COUNTS, counts, strict=True)), 5) == dict(zip(COUNTS, told, strict=True))


def test_two_years_end_today():
    assert span(date(2026, 11, 30)) == (date(2024, 12, 1), date(2026, 11, 30))
    assert span(date(2028, 2, 29)) == (date(2026, 3, 1), date(2028, 2, 29))


_COUNTED = """
insert into dispute_counted (city, id, merchant, problem, trade, channel, district, received_on, overdue_on,
  escalated_on, outcome, ended_on, seen_fen, told_fen)
select %(city)s, %(city)s || '-' || n, %(merchant)s, 'quality', '', 'here', '510107', date '2026-06-01',
  case when n <= 6 then date '2026-06-05' end, null, case when n <= 12 then 'performed' end,
  case when n <= 12 then date '2026-06-09' end, 0, 0 from generate_series(1, 20) n
"""
_DISPUTES = """
insert into dispute (city, id, version, home, state, consumer, merchant, shop, district, origin, wallet, problem,
  claim_kind, claim_fen, currency, undue, filed_at, officer, changed_at, denied_falsely, asked, seen_by, authority,
  offered_to, helper, body)
select city, id, 1, city, 'awaiting_merchant', 'c', merchant, '', district, 'here', 'alipay', problem, 'refund_full',
  1, 'CNY', false, received_on, '', received_on, '', '', '', '', '', '',
  jsonb_build_object('pressure', jsonb_build_object('upheld', id like '%%-1')) from dispute_counted
where city = %(city)s returning 1
"""


async def _counted(two: Two, merchant: str) -> None:
    """Twenty disputes there: twelve settled, six overdue, one of pressure."""
    app = two.at(THERE).app
    async with app.pool.connection() as connection, connection.transaction():
        await connection.execute("select set_config('hejie.city', %s, true)", [THERE])
        values = {"city": THERE, "merchant": merchant}
        await connection.execute(_COUNTED, values)
        await connection.execute(_DISPUTES, values)


async def test_it_is_asked_answered_by_the_house_and_written_in_both_trails(two: Two):
    await _counted(two, await two.register(THERE))
    asked = {"code": CODE, "peer": THERE, "purpose": "measure", "dispute": ""}
    async with officer_of(two.both, HERE) as officer:
        sent = await submit(officer, PATH, PATH, **asked)
        assert sent.status_code == 303, sent.text
        again = await submit(officer, PATH, PATH, **asked)
        assert (again.status_code, "waits for its answer already" in again.text) == (422, True)
        await two.work()
        shown = (await officer.get(sent.headers["location"])).text
    assert "disputes filed 20" in shown
    assert "of them settled 12" in shown
    assert "of them overdue 6" in shown
    assert "of them found to be pressure on the merchant fewer than can be told" in shown
    line = "select person, act, subject, result from trail where act like 'history%%'"
    assert await two.rows(HERE, line) == [(f"o-{HERE}", "history_asked", CODE, "done")]
    assert await two.rows(THERE, line) == [(f"city:{HERE}", "history_asked/measure", CODE, "done")]


async def test_a_purpose_without_its_dispute_and_a_city_that_may_not_be_asked_are_refused(two: Two):
    async with officer_of(two.both, HERE) as officer:
        for fields, words in (
            ({"purpose": "dispute", "dispute": ""}, "Please give the number of the dispute"),
            ({"purpose": "dispute", "dispute": "330100-1"}, ""),
            ({"purpose": "measure", "dispute": "", "peer": "310000"}, "Please choose a member city that may be asked."),
            ({"purpose": "measure", "dispute": "", "code": "92510104MA6ABCDE1X"}, ""),
        ):
            told = await submit(officer, PATH, PATH, **{"code": CODE, "peer": THERE, **fields})
            assert told.status_code in {404, 422}, fields
            assert words in told.text
    assert await two.rows(HERE, "select 1 from history_ask") == []
    assert await two.rows(HERE, "select 1 from letter_out where kind = 'history_asked'") == []


async def test_a_refusal_and_an_answer_to_nothing_are_seen(two: Two):
    async with officer_of(two.both, HERE) as officer:
        await submit(officer, PATH, PATH, code=CODE, peer=THERE, purpose="measure", dispute="")
        ((name,),) = await two.rows(HERE, "select id from history_ask")
        data = {"credit_code": CODE, "known": True, "first": "2026-01-01", "last": "2026-02-01", "least": 5}
        await two.both.put(THERE, HERE, "330100-0", 1, {**data, "counts": {}, "measures": 0}, kind="history")
        await two.work()
        assert await two.rows(HERE, "select code from letter_in where about = '330100-0'") == [("history_unknown",)]
        assert (await two.rows(HERE, "select state from history_ask where id = %s", name)) == [("answered",)]
        assert "The merchant is not registered there." in (await officer.get(PATH)).text
