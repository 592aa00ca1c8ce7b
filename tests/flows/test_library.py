"""The case library: nobody is in it; a head tells a settled dispute, member cities read it, it can be taken back."""

from __future__ import annotations

import psycopg
import pytest
from tests.handovers.conftest import Two
from tests.support.alliance import HERE, THERE
from tests.support.folding import fold_all
from tests.web.officer.test_alliance import officer_of, submit

from hejie.alliance.anonymous import Trace, leaks
from hejie.alliance.library import Band, band, share
from hejie.base.actor import Actor, Role
from hejie.desk.library import told_of
from hejie.disputes import commands as d
from hejie.store.pool import city_transaction

GOOD = "顾客称餐食中有异物，店家当天看了后厨的记录，同意按原价的一半退款并致歉。"
PATH = f"/{HERE}/officer/library"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD, []),
        ("打电话给 138-1234-5678 后解决", [(Trace.phone, "138-1234-5678")]),
        ("座机0571-87654321", [(Trace.phone, "0571-87654321")]),
        ("身份证 33010619900101123X", [(Trace.identity, "33010619900101123X")]),
        ("代码 92510104MA6ABCDE1E", [(Trace.identity, "92510104MA6ABCDE1E")]),
        ("停车的是浙A·12345", [(Trace.plate, "浙A·12345")]),
        ("王先生同意了", [(Trace.address_form, "王先生")]),
        ("11月30日退了88.5元", [(Trace.day, "11月30日"), (Trace.amount, "88.5元")]),
        ("写信到 a.b@qq.com", [(Trace.mail, "a.b@qq.com")]),
        ("订单２０２６１１３０２２００１", [(Trace.number, "2026113022001")]),
        ("在锦里 面馆吃面", [(Trace.name, "锦里面馆")]),
        ("成都一家面馆", []),
    ],
)
def test_what_gives_somebody_away_is_found(text: str, found: list[tuple[Trace, str]]):
    names = ("成都锦里面馆有限公司", "锦里面馆", "")
    assert [(each.trace, each.found) for each in leaks(text, names)] == found


@pytest.mark.parametrize(
    ("fen", "told"),
    [(0, Band.to_50), (5000, Band.to_50), (5001, Band.to_200), (500000, Band.to_5000), (500001, Band.over_5000)],
)
def test_sums_are_told_in_bands(fen: int, told: Band):
    assert band(fen) is told
    assert (share(4444, 10000), share(10000, 10000), share(90000, 10000)) == (45, 100, 200)


async def _settled(two: Two) -> str:
    """A dispute here whose claim the merchant accepts, and the consumer says that it was done."""
    merchant = await two.register(HERE)
    case = await two.file(merchant)
    await two.to_dispute(HERE, case, d.AcceptOffer(offer="claim"), Actor(Role.merchant, "x", merchant))
    await two.to_dispute(HERE, case, d.Confirm(), Actor(Role.consumer, two.consumer))
    await two.work()
    return case


async def test_it_is_told_without_anybody_read_there_and_taken_back(two: Two, database):
    case = await _settled(two)
    new = f"/{HERE}/officer/disputes/{case}/library"
    async with officer_of(two.both, HERE) as here, officer_of(two.both, THERE) as there:
        refused = await submit(here, new, new, case_words=f"{GOOD}在锦里面馆，电话13812345678。")
        assert (refused.status_code, "锦里面馆 · 13812345678" in refused.text) == (422, True)
        assert await two.rows(HERE, "select 1 from library_case") == []
        assert (await submit(here, new, new, case_words=GOOD)).status_code == 303
        again = await submit(here, new, new, case_words=GOOD)
        assert (again.status_code, "told in the library already" in again.text) == (422, True)
        await two.work()
        found = (await there.get(f"/{THERE}/officer/library?q=后厨")).text
        assert GOOD in found
        assert "Hangzhou" in found
        assert "¥50 to ¥200" in found
        assert "Take the case back" not in found
        assert "No case was found." in (await there.get(f"/{THERE}/officer/library?q=前厅")).text
        letters = await two.rows(THERE, "select convert_from(bytes, 'UTF8') from letter_in where kind = 'case'")
        assert case not in letters[0][0]
        ((name,),) = await two.rows(HERE, "select id from library_case")
        assert (await submit(here, PATH, f"{PATH}/{name}/withdraw")).status_code == 303
        await two.work()
        assert "No case was found." in (await there.get(f"/{THERE}/officer/library")).text
    with psycopg.connect(database.superuser_url) as connection:
        assert fold_all(connection)["library_case"] == 2


async def test_what_has_not_settled_here_is_not_told(two: Two):
    case = await two.file(await two.register(HERE))
    new = f"/{HERE}/officer/disputes/{case}/library"
    async with officer_of(two.both, HERE) as here:
        assert "Only a dispute that has settled" in (await here.get(new)).text
        async with city_transaction(two.both.app.pool, HERE) as connection:
            facts, names = await told_of(connection, HERE, case, 5)
    assert facts is None
    assert names == ("成都锦里面馆", "锦里一号", "锦里面馆")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"month": "2026-11-30"}, "letter_unreadable"),
        ({"paid": "8800"}, "letter_unreadable"),
        ({"summary": f"{GOOD}王先生。"}, "case_identifies"),
    ],
)
async def test_a_case_that_says_too_much_is_refused(two: Two, change: dict[str, str], code: str):
    data = {
        "problem": "quality", "trade": "62", "remedy": "refund_part", "paid": "to_200", "share": 50, "days": 3,
        "kept": True, "month": "2026-11", "summary": GOOD, "withdrawn": False,
    }  # fmt: skip
    name = two.both.app.desk.mint(THERE)
    await two.both.put(THERE, HERE, name, 1, data | change, kind="case")
    await two.work()
    assert await two.rows(HERE, "select code from letter_in where kind = 'case'") == [(code,)]
    assert await two.rows(HERE, "select 1 from library_case") == []
