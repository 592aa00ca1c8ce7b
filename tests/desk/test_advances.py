"""Advances in the database: no fund promises what it has not, no transfer counts twice, rows and ledger agree."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from datetime import date
from pathlib import Path

import psycopg
import pytest
from tests.conftest import Database
from tests.support.folding import fold_all
from tests.support.town import CITY, OFFICER, Town, town

from hejie.base.errors import HejieError
from hejie.desk.advances import ADVANCES, FUNDS
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome
from hejie.payments import advance as a
from hejie.payments import fund as f
from hejie.queries.advances import advance_of, ledger_page, read_fund
from hejie.store.pool import city_transaction


@pytest.fixture
async def here(tmp_path: Path, database: Database) -> AsyncIterator[Town]:
    async with town(tmp_path, database.app_url) as place:
        yield place


async def failed(here: Town, count: int) -> list[str]:
    """Disputes about 50 yuan each that an officer closed without an agreement."""
    disputes = [await here.file(await here.pay()) for _ in range(count)]
    here.advance(hours=97)
    await here.work()
    for dispute in disputes:
        await here.act(dispute, d.Take(), OFFICER)
        await here.act(dispute, d.Close(memo="M", agency="330106", outcome=Outcome.unsettled), OFFICER)
    return disputes


async def fund(here: Town, fen: int) -> str:
    identifier = here.app.desk.mint(CITY)
    found = f.Found(
        name="城市先行赔付金", promiser=f.Promiser.city, principal="", cap_fen=5_000, begins=date(2026, 1, 1)
    )
    await here.app.desk.act(FUNDS, CITY, identifier, found, OFFICER)
    await here.app.desk.act(FUNDS, CITY, identifier, f.Contribute(amount_fen=fen, reference="IN-1"), OFFICER)
    return identifier


async def told(here: Town, dispute: str, command: a.Command) -> str:
    return await outcome(here.app.desk.act(ADVANCES, CITY, dispute, command, OFFICER))


async def outcome(coming: Awaitable[object]) -> str:
    try:
        await coming
    except HejieError as error:
        return error.code
    return "done"


async def test_a_fund_asked_by_all_at_once_promises_what_it_has(here: Town, database: Database):
    disputes = await failed(here, 4)
    pool = await fund(here, 7_000)
    grant = a.GrantAdvance(fund=pool, amount_fen=3_000, finding="C")
    once = await asyncio.gather(*(told(here, each, grant) for each in disputes), told(here, disputes[0], grant))
    assert Counter(once)["done"] == 2
    assert set(once) <= {"done", "fund_short", "advance_made", "stale"}
    paid = [each for each in disputes if await told(here, each, a.PayOut(reference=f"P-{each}")) == "done"]
    assert len(paid) == 2
    back = a.Recover(amount_fen=1_000, reference="R-1")
    twice = await asyncio.gather(told(here, paid[0], back), told(here, paid[1], back))
    assert sorted(twice) == ["done", "reference_used"]
    assert await told(here, paid[0], a.WriteOff(reason="C")) == "done"
    assert await told(here, paid[0], a.Recover(amount_fen=1, reference="R-2")) == "advance_out_of_order"
    async with city_transaction(here.app.pool, CITY) as connection:
        held = await read_fund(connection, CITY, pool)
        lines, after = await ledger_page(connection, CITY, pool, "")
        left = await advance_of(connection, CITY, paid[1])
    assert left is not None
    assert held.claim_fen == left[0].owed_fen
    assert held.cash_fen + held.claim_fen + held.loss_fen == held.fund.contributed_fen == 7_000
    assert (len(lines), after) == (5, "")
    with psycopg.connect(database.superuser_url) as connection:
        assert fold_all(connection)["advance"] == 2


async def test_an_open_dispute_or_one_of_another_merchants_promise_is_paid_nothing(here: Town):
    dispute, pool = await here.file(await here.pay()), await fund(here, 7_000)
    assert await told(here, dispute, a.GrantAdvance(fund=pool, amount_fen=1, finding="C")) == "advance_not_ended"
    assert await told(here, dispute, a.PayOut(reference="P")) == "advance_unknown"
    merchant = await outcome(
        here.app.desk.act(
            ADVANCES, CITY, dispute, a.GrantAdvance(fund=pool, amount_fen=1, finding="C"), here.as_merchant
        )
    )
    assert merchant == "not_allowed"
    assert await here.rows("select id from advance") == []
    assert await here.rows("select debit from fund_entry") == [("cash",)]
