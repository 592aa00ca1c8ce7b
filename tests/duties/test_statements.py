"""A day's bill file is matched with the disputes even where its loader was killed before it could."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.town import ACCOUNT, CITY, Town, town

from hejie.base.clock import SHANGHAI
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome, Road
from hejie.duties.authority import authority_on
from hejie.intake.statements import load_statement
from hejie.store.pool import city_transaction


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def test_a_day_that_was_loaded_and_not_matched_is_matched_when_the_task_comes_again(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    here.wallet.post("hand-refunds", trade_no=trade, amount="50.00")
    today = here.app.clock.now().astimezone(SHANGHAI).date()
    await here.work()
    here.advance(hours=36)
    tools = here.app.tools
    token = await authority_on(tools, CITY, "alipay", ACCOUNT)
    last = (await here.rows("select max(day) from statement"))[0][0]
    while last < today:
        last += timedelta(days=1)
        rows = await tools.wallet(CITY, "alipay").statement(last, token)
        async with city_transaction(tools.pool, CITY) as connection:
            now = here.app.clock.now()
            assert await load_statement(connection, CITY, "alipay", ACCOUNT, last, rows, now, tools.desk.chance)
    assert (await here.read(dispute)).outcome is None
    await here.work()
    assert (await here.read(dispute)).outcome is Outcome.performed


async def test_a_refund_of_ours_in_the_file_is_never_taken_for_the_merchants_own(here: Town):
    """Its answer was lost and every query fails: the file ends it, under its own key, and it is counted once."""
    trade = await here.pay(5000)
    first = await here.file(trade)
    here.wallet.knob("drop_after_commit", method="alipay.trade.refund")
    here.wallet.knob("system_error", method="alipay.trade.fastpay.refund.query", remaining=99)
    await here.act(first, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    here.advance(hours=24 * 3 + 1)
    await here.work()
    assert [row[:2] for row in await here.rows("select source, state from refund")] == [("api", "succeeded")]
    assert (await here.read(first)).refunded_fen == here.wallet.refunded(trade) == 5000
