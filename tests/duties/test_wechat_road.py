"""A payment by WeChat Pay goes the whole road: the account is named, leave is said, the money goes back there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.town import CITY, OFFICER, WECHAT_ACCOUNT, Town, town

from hejie.disputes import commands as d
from hejie.disputes.model import Outcome
from hejie.disputes.states import State
from hejie.merchants import commands as m
from hejie.queries.merchant import read_merchant
from hejie.store.pool import city_transaction


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        await place.tell(m.AskEnrolment(wallet="wechatpay", account=WECHAT_ACCOUNT), OFFICER)
        await place.work()
        yield place


async def leave(here: Town) -> None:
    """The merchant says that it has given leave."""
    payload = {"wallet": "wechatpay", "code": WECHAT_ACCOUNT}
    await here.task("grant_authority", here.merchant, payload, "merchant")
    await here.work()


def moved(here: Town) -> list[int]:
    return [row["amount"] for row in here.wallet.get("wechatpay/ledger")["refunds"]]


async def settle(here: Town, dispute: str) -> None:
    """Work until the money is seen: WeChat Pay shows it a little after its yes."""
    for _ in range(4):
        await here.work()
        here.advance(seconds=30)


async def test_the_account_that_was_named_is_open_at_once(here: Town):
    async with city_transaction(here.app.pool, CITY) as connection:
        merchant = await read_merchant(connection, CITY, here.merchant)
    account = merchant.account("wechatpay", WECHAT_ACCOUNT)
    assert account is not None
    assert (account.kind.value, account.enrolment.value) == ("indirect", "open")


async def test_an_account_that_nobody_named_is_told_to_a_person(here: Town):
    await here.tell(m.AskEnrolment(wallet="wechatpay"), OFFICER)
    await here.work()
    waiting = await here.rows("select kind, parked from task where kind = 'enrol'")
    assert waiting == [("enrol", True)]


async def test_the_money_goes_back_through_wechat_pay(here: Town):
    await leave(here)
    dispute = await here.file(await here.pay_wechat(5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    row = await here.read(dispute)
    assert (row.wallet, row.state, row.outcome, row.refunded_fen) == (
        "wechatpay", State.settled, Outcome.performed, 5000,
    )  # fmt: skip
    assert moved(here) == [5000]


async def test_an_answer_lost_after_commit_moves_no_money_twice(here: Town):
    await leave(here)
    dispute = await here.file(await here.pay_wechat(5000))
    here.wallet.knob("drop_after_commit", method="wechatpay.refund")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    row = await here.read(dispute)
    assert (row.state, row.refunded_fen, moved(here)) == (State.settled, 5000, [5000])
    kinds = [r[0] for r in await here.rows("select event from log where noun = 'refund' order by version")]
    assert "Doubted" in kinds


async def test_query_and_bill_tell_of_one_refund(here: Town):
    await leave(here)
    dispute = await here.file(await here.pay_wechat(5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    here.advance(hours=40)
    for _ in range(3):
        await here.work()
        here.advance(minutes=11)
    found = await here.rows("select amount_fen, state from refund where city = %s", CITY)
    assert found == [(5000, "succeeded")]
    rows = await here.rows("select kind, amount_fen from statement_row where wallet = 'wechatpay' order by kind")
    assert rows == [("payment", 5000), ("refund", 5000)]
    assert (await here.read(dispute)).refunded_fen == 5000


async def test_without_leave_the_platform_refunds_nothing(here: Town):
    dispute = await here.file(await here.pay_wechat(5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    assert moved(here) == []
    assert (await here.read(dispute)).state is not State.settled


async def test_leave_that_was_said_but_not_given_is_shown_by_the_wallet(here: Town):
    shop = {"sub_mchid": WECHAT_ACCOUNT, "name": "x", "allows_refund": False}
    here.wallet.post("wechatpay", merchants=[shop])
    await leave(here)
    dispute = await here.file(await here.pay_wechat(5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    assert moved(here) == []
    assert [r[0] for r in await here.rows("select state from refund")] == ["failed"]
    assert (await here.read(dispute)).state is not State.settled
