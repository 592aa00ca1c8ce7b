"""Bindings in the database: one identity has one merchant at any instant, also where two officers act at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.support.town import ACCOUNT, CITY, CODE, OFFICER, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.errors import HejieError, Refused
from hejie.desk.bindings import BINDINGS
from hejie.desk.merchants import MERCHANTS
from hejie.merchants import commands as m
from hejie.merchants.bindings import Basis, Bind, End, Evidence, Identity, Scheme, Stood, Undo
from hejie.merchants.uscc import check_character
from hejie.queries.bindings import bindings_of, payee_at, register_of
from hejie.store.pool import city_transaction

TERMINAL = Identity(Scheme.terminal, "01080209", "48021000")
EVIDENCE = Evidence(basis=Basis.announced, source="48021000")


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def another(here: Town) -> str:
    """A second merchant."""
    identifier = here.app.desk.mint(CITY)
    command = m.RegisterMerchant(
        city=CITY, id=identifier, credit_code=CODE[:-2] + "1" + check_character(CODE[:-2] + "1"), name="新主人"
    )
    await here.app.desk.act(MERCHANTS, CITY, identifier, command, SYSTEM)
    return identifier


async def bind(
    here: Town, merchant: str, begins: datetime, ends: datetime | None = None, identity: Identity = TERMINAL
) -> str:
    identifier = here.app.desk.mint(CITY)
    command = Bind(id=identifier, identity=identity, merchant=merchant, begins=begins, ends=ends, evidence=EVIDENCE)
    await here.app.desk.act(BINDINGS, CITY, identifier, command, OFFICER)
    return identifier


async def outcome(coming: Awaitable[object]) -> str:
    try:
        await coming
    except HejieError as error:
        return error.code
    return "done"


async def test_of_many_who_bind_one_identity_at_once_one_wins(here: Town):
    now, other = here.app.clock.now(), await another(here)
    who = [here.merchant, other] * 4
    told = await asyncio.gather(*[outcome(bind(here, each, now - timedelta(days=9))) for each in who])
    assert told.count("done") == 1
    assert set(told) <= {"done", "binding_overlaps", "stale"}  # two that wait for each other: one is told to look again
    assert await here.rows("select count(*) from binding") == [(1,)]


async def test_linking_and_unlinking_at_once_end_in_one_truth(here: Town):
    """Two officers: one undoes it, one ends it, both try to bind it to the other merchant."""
    now, other = here.app.clock.now(), await another(here)
    first = await bind(here, here.merchant, now - timedelta(days=9))
    acts = [
        here.app.desk.act(BINDINGS, CITY, first, Undo(note="not theirs"), OFFICER),
        here.app.desk.act(BINDINGS, CITY, first, End(at=now, note="moved"), OFFICER),
        bind(here, other, now - timedelta(days=9)),
        bind(here, other, now - timedelta(days=9)),
        here.app.desk.act(BINDINGS, CITY, first, Undo(note="not theirs"), OFFICER),
    ]
    told = await asyncio.gather(*[outcome(each) for each in acts])
    assert set(told) <= {"done", "binding_overlaps", "binding_undone", "stale"}
    rows = await here.rows("select merchant, begins, ends from binding where not undone order by begins")
    assert len(rows) <= 1
    [(state, version)] = await here.rows("select undone, version from binding where id = %s", first)
    [(lines,)] = await here.rows("select count(*) from log where noun = 'binding' and id = %s", first)
    assert (state, lines) == (True, version)


async def test_one_after_the_other_is_no_overlap(here: Town):
    now, other = here.app.clock.now(), await another(here)
    first = await bind(here, here.merchant, now - timedelta(days=9))
    with pytest.raises(Refused, match="binding_overlaps"):
        await bind(here, other, now)
    await here.app.desk.act(BINDINGS, CITY, first, End(at=now, note="moved"), OFFICER)
    await bind(here, other, now)
    async with city_transaction(here.app.pool, CITY) as connection:
        register = await register_of(connection, CITY, [TERMINAL])
        found = [register.at([TERMINAL], now + timedelta(days=day)).merchant for day in (-10, -1, 0, 1)]
        assert [each.id for each in await bindings_of(connection, CITY, here.merchant)] == [first]
    assert found == ["", here.merchant, other, other]


async def test_the_payments_own_moment_tells_whom_it_went_to(here: Town):
    """An account passes from one merchant to another: each payment stays with who had it then."""
    now, other = here.app.clock.now(), await another(here)
    account = Identity(Scheme.alipay, ACCOUNT)
    await bind(here, other, now, identity=account)
    async with city_transaction(here.app.pool, CITY) as connection:
        told = [await payee_at(connection, CITY, "alipay", ACCOUNT, now + timedelta(days=day)) for day in (-1, 1)]
        assert await payee_at(connection, CITY, "alipay", "2088999", now) == Stood()
    assert [each.merchant for each in told] == [here.merchant, other]


async def test_a_payment_without_a_payee_gets_one_and_an_undone_link_shows_what_followed(here: Town):
    now = here.app.clock.now()
    account = Identity(Scheme.wechatpay, "1900000777")
    await here.rows(
        "insert into payment (city, wallet, trade_no, order_no, payer, account, merchant, shop, item, paid_fen,"
        " currency, paid_at, proven, source) select city, 'wechatpay', 'T1', '', handle, '1900000777', '', '', '',"
        " 100, 'CNY', %s, true, 'entry' from person limit 1 returning trade_no",
        now - timedelta(hours=1),
    )
    link = await bind(here, here.merchant, now - timedelta(days=9), identity=account)
    await here.work()
    [(merchant,)] = await here.rows("select merchant from payment where trade_no = 'T1'")
    assert merchant == here.merchant
    dispute = await here.file("T1")
    await here.app.desk.act(BINDINGS, CITY, link, Undo(note="a namesake's"), OFFICER)
    await here.work()
    assert await here.rows("select kind, subject from work_item") == [("binding_undone", dispute)]
