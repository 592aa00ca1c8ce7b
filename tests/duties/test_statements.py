"""A day's bill file is matched with the disputes even where its loader was killed before it could."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.support.town import ACCOUNT, CITY, Town, town

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing
from hejie.connectors.wallet import StatementRow
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome, Road
from hejie.duties.authority import authority_on
from hejie.duties.statements import statement
from hejie.intake.statements import load_statement
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, LaterError, Work


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


async def _matched(here: Town, seen: list[StatementRow]) -> None:
    """Yesterday's file with these rows is loaded, and the account's task runs over it."""
    yesterday = here.app.clock.now().astimezone(SHANGHAI).date() - timedelta(days=1)
    async with city_transaction(here.app.pool, CITY) as connection:
        now = here.app.clock.now()
        await load_statement(connection, CITY, "alipay", ACCOUNT, yesterday, seen, now, here.app.tools.desk.chance)
    await here.work()


async def test_a_failed_refund_that_the_file_shows_as_paid_is_a_persons_and_not_overwritten(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    here.wallet.knob("balance_short", method="alipay.trade.refund", remaining=99)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    [(key, state)] = await here.rows("select id, state from refund")
    assert state == "failed"
    here.advance(hours=36)
    row = StatementRow(kind="refund", trade_no=trade, order_no="", amount_fen=5000, refund_key=key)
    await _matched(here, [row])
    assert await here.rows("select kind, subject from work_item") == [("refund_disagrees", key)]
    assert await here.rows("select state from refund") == [("failed",)]


async def test_a_file_that_does_not_come_for_a_day_is_taken_as_empty_and_told(here: Town):
    await here.work()
    last = (await here.rows("select max(day) from statement"))[0][0]
    [(subject, payload)] = await here.rows("select subject, payload from task where kind = 'statement'")
    work = Work(CITY, 1, "statement", "merchant", subject, payload, 1, here.app.clock.now(), here.app.clock.now())
    tools = replace(here.app.tools, wallet=lambda *_: Fileless())
    here.advance(hours=24)
    with pytest.raises(AgainError):
        await statement(work, tools)
    assert await here.rows("select max(day) from statement") == [(last,)]
    here.advance(hours=24)
    with pytest.raises(LaterError):
        await statement(work, tools)
    assert await here.rows("select max(day) from statement") == [(last + timedelta(days=1),)]
    assert await here.rows("select kind from work_item") == [("statement_missing",)]


class Fileless:
    """A wallet that never has a file."""

    async def statement(self, day: date, _: str) -> list[StatementRow]:
        raise Missing("statement_not_ready", day=str(day))


async def test_a_refund_that_only_the_bill_file_knows_counts_as_refunded_before(here: Town):
    trade = await here.pay(5000)
    here.wallet.post("hand-refunds", trade_no=trade, amount="20.00")
    here.advance(hours=36)
    await here.work()
    dispute = await here.file(trade)
    row = await here.read(dispute)
    assert (row.payments[0].before_fen, row.claim.amount_fen) == (2000, 3000)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.outcome, row.refunded_fen, here.wallet.refunded(trade)) == (Outcome.performed, 3000, 5000)


async def test_money_that_the_file_shows_after_a_refund_failed_is_not_paid_again(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    here.wallet.knob("balance_short", method="alipay.trade.refund")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    here.wallet.post("hand-refunds", trade_no=trade, amount="20.00")
    here.advance(hours=36)
    await here.work()
    await here.act(dispute, d.RetryRefund(), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.outcome, row.refunded_fen, here.wallet.refunded(trade)) == (Outcome.performed, 5000, 5000)
