"""Payments by WeChat Pay, UnionPay and a bank go the whole road: account named, leave said, money back its own way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.town import (
    BANK,
    BANK_ACCOUNT,
    BANK_MERCHANT,
    CITY,
    OFFICER,
    UNIONPAY_ACCOUNT,
    WECHAT_ACCOUNT,
    Town,
    town,
)

from hejie.disputes import commands as d
from hejie.disputes.model import Outcome
from hejie.disputes.states import State
from hejie.merchants import commands as m
from hejie.queries.merchant import read_merchant
from hejie.store.pool import city_transaction


@dataclass(frozen=True)
class Road:
    """One of the wallets, and the merchant's account there."""

    wallet: str
    account: str

    async def pay(self, here: Town, fen: int) -> str:
        ways = {"wechatpay": here.pay_wechat, "unionpay": here.pay_unionpay, "acquirer": here.pay_acquirer}
        return await ways[self.wallet](fen)

    async def leave(self, here: Town) -> None:
        """The merchant says that it has given leave."""
        payload = {"wallet": self.wallet, "code": self.account}
        await here.task("grant_authority", here.merchant, payload, "merchant")
        await here.work()

    def moved(self, here: Town) -> list[int]:
        booked = here.wallet.get(f"{self.wallet}/ledger")
        if self.wallet != "unionpay":
            return [row["amount"] for row in booked["refunds"]]
        return [row["amount"] for row in booked["transactions"] if row["of_query_id"]]

    def forbid(self, here: Town) -> None:
        """The wallet knows nothing of such leave."""
        if self.wallet == "wechatpay":
            shop = {"sub_mchid": WECHAT_ACCOUNT, "name": "x", "allows_refund": False}
            here.wallet.post("wechatpay", merchants=[shop])
        elif self.wallet == "acquirer":
            shop = {"bank": BANK, "number": BANK_MERCHANT, "name": "x", "allows": False}
            here.wallet.post("acquirer", merchants=[shop])
        else:
            shop = {"mer_id": UNIONPAY_ACCOUNT, "member": "48029999", "name": "x"}
            here.wallet.post("unionpay", members=[{"member": "48029999", "secret": "x"}], merchants=[shop])


ROADS = [Road("wechatpay", WECHAT_ACCOUNT), Road("unionpay", UNIONPAY_ACCOUNT), Road("acquirer", BANK_ACCOUNT)]


@pytest.fixture(params=ROADS, ids=str)
def road(request: pytest.FixtureRequest) -> Road:
    found: Road = request.param
    return found


@pytest.fixture
async def here(tmp_path: Path, app_url: str, road: Road) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        await place.tell(m.AskEnrolment(wallet=road.wallet, account=road.account), OFFICER)
        await place.work()
        yield place


async def settle(here: Town, dispute: str) -> None:
    """Work until the money is seen: both show it a little after their yes."""
    for _ in range(4):
        await here.work()
        here.advance(seconds=30)


async def test_the_account_that_was_named_is_open_at_once(here: Town, road: Road):
    async with city_transaction(here.app.pool, CITY) as connection:
        merchant = await read_merchant(connection, CITY, here.merchant)
    account = merchant.account(road.wallet, road.account)
    assert account is not None
    assert (account.kind.value, account.enrolment.value) == ("indirect", "open")


async def test_an_account_that_nobody_named_is_told_to_a_person(here: Town, road: Road):
    await here.tell(m.AskEnrolment(wallet=road.wallet), OFFICER)
    await here.work()
    waiting = await here.rows("select kind, parked from task where kind = 'enrol'")
    assert waiting == [("enrol", True)]


async def test_the_money_goes_back_the_way_it_came(here: Town, road: Road):
    await road.leave(here)
    dispute = await here.file(await road.pay(here, 5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    row = await here.read(dispute)
    assert (row.wallet, row.state, row.outcome, row.refunded_fen) == (
        road.wallet, State.settled, Outcome.performed, 5000,
    )  # fmt: skip
    assert road.moved(here) == [5000]


async def test_an_answer_lost_after_commit_moves_no_money_twice(here: Town, road: Road):
    await road.leave(here)
    dispute = await here.file(await road.pay(here, 5000))
    here.wallet.knob("drop_after_commit", method=f"{road.wallet}.refund")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    row = await here.read(dispute)
    assert (row.state, row.refunded_fen, road.moved(here)) == (State.settled, 5000, [5000])
    kinds = [r[0] for r in await here.rows("select event from log where noun = 'refund' order by version")]
    assert "Doubted" in kinds


async def test_query_and_bill_tell_of_one_refund(here: Town, road: Road):
    await road.leave(here)
    dispute = await here.file(await road.pay(here, 5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    here.advance(hours=40)
    for _ in range(3):
        await here.work()
        here.advance(minutes=11)
    found = await here.rows("select amount_fen, state from refund where city = %s", CITY)
    assert found == [(5000, "succeeded")]
    rows = await here.rows("select kind, amount_fen from statement_row where wallet = %s order by kind", road.wallet)
    assert rows == [("payment", 5000), ("refund", 5000)]
    assert (await here.read(dispute)).refunded_fen == 5000


async def test_without_leave_the_platform_refunds_nothing(here: Town, road: Road):
    dispute = await here.file(await road.pay(here, 5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    assert road.moved(here) == []
    assert (await here.read(dispute)).state is not State.settled


async def test_leave_that_was_said_but_not_given_is_shown_by_the_wallet(here: Town, road: Road):
    road.forbid(here)
    await road.leave(here)
    dispute = await here.file(await road.pay(here, 5000))
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await settle(here, dispute)
    assert road.moved(here) == []
    assert [r[0] for r in await here.rows("select state from refund")] == ["failed"]
    assert (await here.read(dispute)).state is not State.settled
