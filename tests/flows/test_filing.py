"""Where a dispute begins is fixed at filing: the city of the shop, where a member's register knows it and we do not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, FULL, SETTINGS, T0, bought, paid
from tests.flows.conftest import grant, officer
from tests.handovers.conftest import ACCOUNT, TRADE, Two
from tests.support.alliance import HERE, THERE
from tests.web.officer.test_alliance import officer_of, submit

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.disputes import commands as d
from hejie.disputes.events import Filed
from hejie.disputes.filing import file
from hejie.disputes.ground import Ground
from hejie.disputes.homing_events import Leaving
from hejie.edge import sessions
from hejie.edge.sessions import Viewer
from hejie.handovers import commands as c
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.store import units
from hejie.store.pool import city_transaction
from hejie.web.asgi import web_app
from hejie.web.consumer import ROUTES
from hejie.web.entrance import session_cookie


def _filed(*elsewhere: str) -> list[object]:
    rows = [replace(bought(paid(f"T{n}"), merchant=""), elsewhere=each) for n, each in enumerate(elsewhere)]
    ground = Ground(city=HERE, now=T0, actor=CONSUMER, settings=SETTINGS, bought=tuple(rows))
    trades = tuple(each.paid.trade_no for each in rows)
    return list(file(d.File(id="330100-1", trades=trades, problem="quality", claim=FULL), ground))


def test_a_filing_against_a_shop_of_another_city_leaves_at_once_with_its_clock():
    filed, leaving = _filed(THERE)
    assert isinstance(filed, Filed)
    assert isinstance(leaving, Leaving)
    assert (filed.merchant, filed.reach, leaving.to, leaving.because) == ("", None, THERE, "shop_elsewhere")
    assert filed.due is not None
    assert filed.due.at == T0 + timedelta(hours=96)


@pytest.mark.parametrize(("elsewhere", "code"), [(("",), "merchant_unknown"), ((THERE, ""), "payments_mixed")])
def test_what_no_register_knows_and_what_two_cities_share_is_not_filed(elsewhere: tuple[str, ...], code: str):
    with pytest.raises(Refused, match=code):
        _filed(*elsewhere)


_TOLD = """
insert into peer_unit select %s, %s, 'u-' || %s, 1, '', '', '', '', '', '[]', %s, now(), null, 'ended', now(), '{}'
returning 1
"""


async def _pay(two: Two) -> None:
    now, house = two.both.clock.now(), two.at(HERE).app
    payer = payer_handle(house.tools.vaults(HERE), "alipay", "u1")
    async with city_transaction(house.pool, HERE) as connection:
        two.consumer = await person_of(connection, HERE, payer, house.desk.mint(HERE), "zh", now)
        made = Paid(
            wallet="alipay", trade_no=TRADE, payer=payer, account=ACCOUNT, payee="成都锦里面馆", paid_fen=8800,
            paid_at=now, proven=True, source="entry",
        )  # fmt: skip
        await take_payment(connection, HERE, made)


@asynccontextmanager
async def _phone(two: Two) -> AsyncIterator[httpx.AsyncClient]:
    house = two.at(HERE).app.house
    viewer = Viewer(city=HERE, role=Role.consumer, person=two.consumer, organisation="", scope="")
    async with city_transaction(house.pool, HERE) as connection:
        token = await sessions.begin(connection, house.chance, viewer)
    cookie = session_cookie(house, viewer, token)
    transport = httpx.ASGITransport(web_app(house, routes=ROUTES), raise_app_exceptions=False)
    headers = {"accept-language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test", headers=headers) as client:
        client.cookies.set(cookie.key, str(cookie.value))
        yield client


async def _file(two: Two) -> str:
    """By the consumer's own pages, which say where it goes before it is sent."""
    new = f"/{HERE}/disputes/new?trade={TRADE}"
    async with _phone(two) as phone:
        assert "The shop is registered in Chengdu." in (await phone.get(f"/{HERE}/bill")).text
        assert "does not begin anew there" in (await phone.get(new)).text
        fields = {"trade": TRADE, "problem": "quality", "remedy": "refund_full", "words": "面里有头发"}
        sent = await submit(phone, new, f"/{HERE}/disputes", **fields)
        assert sent.status_code == 303, sent.text
        case = sent.headers["location"].partition("?")[0].rpartition("/")[2]
        for path in ("", "/12315", "/record.pdf", "/record.zip"):
            assert (await phone.get(f"/{HERE}/disputes/{case}{path}")).status_code in {200, 303}, path
    return case


async def _officers_see(two: Two, case: str) -> None:
    async with officer_of(two.both, HERE) as client:
        for path in ("", f"/disputes/{case}", "/statistics", "/duties", "/items", "/coverage", "/supervision"):
            assert (await client.get(f"/{HERE}/officer{path}")).status_code == 200, path


async def test_it_is_taken_there_with_the_very_clock_of_the_filing(two: Two):
    there = await two.register(THERE)
    await grant(two, THERE, there)
    await two.work()
    await _pay(two)
    case = await _file(two)
    filed = await two.dispute(HERE, case)
    await two.pass_time(hours=1)
    kept, taken = await two.dispute(HERE, case), await two.dispute(THERE, case)
    assert (kept.home, taken.home, taken.merchant) == (THERE, THERE, there)
    assert taken.due.at == filed.due.at == filed.filed_at + timedelta(hours=96)
    assert taken.filed_at == filed.filed_at
    await _officers_see(two, case)
    assert await two.rows(HERE, "select kind, subject from task where parked") == []


async def test_where_the_other_city_refuses_it_stays_and_an_officer_has_it(two: Two):
    await grant(two, THERE, there := await two.register(THERE))
    await two.work()
    await two.rows(THERE, "delete from account where merchant = %s returning 1", there)
    await two.rows(THERE, "update merchant set credit_code = %s where id = %s returning 1", "92510104MA6ABCDE2C", there)
    await _pay(two)
    case = await _file(two)
    due = (await two.dispute(HERE, case)).due.at
    await two.work()
    await two.to_handover(THERE, f"{case}-1", c.Refuse(code="merchant_unknown"), officer(THERE))
    await two.work()
    stays = await two.dispute(HERE, case)
    assert (stays.home, stays.away, stays.merchant, stays.due.at) == (HERE, None, "", due)
    assert ("handover_back",) in await two.rows(HERE, "select kind from work_item where done_at is null")
    await _officers_see(two, case)
    two.both.clock.at = due
    await two.work()
    assert (await two.dispute(HERE, case)).state.value in {"overdue", "mediating"}
    await _officers_see(two, case)
    assert await two.rows(HERE, "select kind, subject from task where parked") == []


async def test_an_account_that_two_cities_tell_of_is_nobody_elses(two: Two):
    await _pay(two)
    query = f"select {units.VOUCHING} from payment p where trade_no = %s"
    for peer, found in ((THERE, THERE), (HERE, THERE), ("350200", "")):
        await two.rows(HERE, _TOLD, HERE, peer, peer, [f"alipay:{ACCOUNT}"])
        assert await two.rows(HERE, query, TRADE) == [(found,)]


async def test_an_account_that_is_known_here_is_nobody_elses(two: Two):
    await _pay(two)
    await two.rows(HERE, _TOLD, HERE, THERE, THERE, [f"alipay:{ACCOUNT}"])
    await two.rows(HERE, "insert into account values (%s, 'alipay', %s, 'm-1') returning 1", HERE, ACCOUNT)
    query = f"select {units.VOUCHING} from payment p where trade_no = %s"
    assert await two.rows(HERE, query, TRADE) == [("",)]
