"""A refund told by callback, query, statement and clearing record at once is one refund, and is counted once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from tests.conftest import Database
from tests.duties.test_named_roads import Road
from tests.support.folding import fold_all
from tests.support.town import CITY, OFFICER, UNIONPAY_ACCOUNT, WECHAT_ACCOUNT, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.errors import Stale
from hejie.desk.refunds import REFUNDS
from hejie.disputes import commands as d
from hejie.disputes import model
from hejie.disputes.model import Outcome
from hejie.duties.refund import find_refund, follow_trade, refund
from hejie.duties.statements import take_seen
from hejie.merchants import commands as m
from hejie.payments import refund as r
from hejie.queries.statements import Seen
from hejie.worker import AgainError, LaterError, Work

ROADS = [Road("wechatpay", WECHAT_ACCOUNT), Road("unionpay", UNIONPAY_ACCOUNT)]


@pytest.fixture(params=ROADS, ids=str)
def road(request: pytest.FixtureRequest) -> Road:
    found: Road = request.param
    return found


@pytest.fixture
async def here(tmp_path: Path, database: Database, road: Road) -> AsyncIterator[Town]:
    async with town(tmp_path, database.app_url) as place:
        await place.tell(m.AskEnrolment(wallet=road.wallet, account=road.account), OFFICER)
        await place.work()
        await road.leave(place)
        yield place


def work_of(here: Town, kind: str, noun: str, subject: str, **payload: object) -> Work:
    now = here.app.clock.now()
    return Work(CITY, 0, kind, noun, subject, payload, 1, now, now)


async def as_a_worker(duty: Callable[[], Awaitable[object]]) -> None:
    """A duty that says "later" has done its part; one that came second looks again."""
    for _ in range(9):
        try:
            await duty()
        except Stale:
            continue
        except (LaterError, AgainError):
            return
        return


async def test_a_refund_of_ours_told_four_ways_at_once_ends_once(here: Town, road: Road, database: Database):
    trade = await road.pay(here, 5000)
    dispute = await here.file(trade)
    here.wallet.knob("drop_after_commit", method=f"{road.wallet}.refund")  # sent, and its answer lost
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    [(key,)] = await here.rows("select id from refund")
    here.advance(seconds=30)
    tools, fen = here.app.tools, 5000
    payload = {"dispute": dispute, "trade_no": trade, "amount_fen": fen}
    seen = Seen(trade_no=trade, key=key, amount_fen=fen, dispute=dispute, ours_fen=fen)
    pushed = work_of(here, "follow_trade", "trade", trade, wallet=road.wallet, trade_no=trade)
    asked = work_of(here, "refund", "refund", key, **payload)
    ways: list[Callable[[], Awaitable[object]]] = [
        lambda: follow_trade(pushed, tools),
        lambda: refund(asked, tools),
        lambda: take_seen(tools, CITY, road.wallet, seen, "statement"),
        lambda: take_seen(tools, CITY, road.wallet, seen, "clearing"),
    ]
    await asyncio.gather(*[as_a_worker(each) for each in ways * 3])
    await here.work()
    assert await here.rows("select state, amount_fen from refund") == [("succeeded", fen)]
    ended = "select count(*) from log where noun = 'refund' and id = %s and event = 'Succeeded'"
    assert await here.rows(ended, key) == [(1,)]
    row = await here.read(dispute)
    assert (row.refunded_fen, row.outcome, road.moved(here)) == (fen, Outcome.performed, [fen])
    assert await here.rows("select kind from work_item") == []
    with psycopg.connect(database.superuser_url) as connection:
        fold_all(connection)


async def test_a_refund_of_the_merchants_own_seen_three_ways_at_once_is_one(here: Town, road: Road):
    trade = await road.pay(here, 5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim", road=model.Road.own_tool), here.as_merchant)
    await here.work()
    here.advance(minutes=1)
    tools, number = here.app.tools, "OWN20261130001"
    seen = Seen(trade_no=trade, key=number, amount_fen=5000, dispute=dispute, ours_fen=None)
    named = work_of(here, "find_refund", "dispute", dispute, refund_no=number, trade_no=trade)
    ways: list[Callable[[], Awaitable[object]]] = [
        lambda: take_seen(tools, CITY, road.wallet, seen, "statement"),
        lambda: take_seen(tools, CITY, road.wallet, seen, "clearing"),
        lambda: find_refund(named, tools),
    ]
    await asyncio.gather(*[as_a_worker(each) for each in ways * 3])
    await here.work()
    assert await here.rows("select id, state, amount_fen from refund") == [(f"own:{trade}:{number}", "succeeded", 5000)]
    row = await here.read(dispute)
    assert (row.refunded_fen, row.outcome) == (5000, Outcome.performed)


async def test_a_push_ends_a_refund_that_was_taken_and_not_booked_yet(here: Town, road: Road):
    trade = await road.pay(here, 5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    here.advance(seconds=30)
    pushed = work_of(here, "follow_trade", "trade", trade, wallet=road.wallet, trade_no=trade)
    await follow_trade(pushed, here.app.tools)
    events = [event for (event,) in await here.rows("select event from log where noun = 'refund' order by version")]
    assert events.count("Succeeded") == 1
    await follow_trade(pushed, here.app.tools)
    assert await here.rows("select count(*) from log where noun = 'refund'") == [(len(events),)]


async def test_a_push_is_only_a_hint(here: Town, road: Road):
    """It says that something happened; a refund that the wallet does not know has not moved by it."""
    trade = await road.pay(here, 5000)
    dispute = await here.file(trade)
    order = r.Order(dispute=dispute, wallet=road.wallet, trade_no=trade, amount_fen=5000)
    for command in (order, r.Send()):
        await here.app.desk.act(REFUNDS, CITY, f"{dispute}-1", command, SYSTEM)
    pushed = work_of(here, "follow_trade", "trade", trade, wallet=road.wallet, trade_no=trade)
    await follow_trade(pushed, here.app.tools)
    assert await here.rows("select state from refund") == [("sending",)]
    assert road.moved(here) == []
