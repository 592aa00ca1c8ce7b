"""What we tell a wallet about its case arrives once, whatever becomes of the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.town import OFFICER, USER, Town, town

from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome, Remedy, Road
from hejie.disputes.states import State

FEEDBACK = "alipay.merchant.tradecomplain.feedback.submit"
FINISH = "alipay.merchant.complain.government.finish"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def _born(here: Town) -> tuple[str, str]:
    words = {"user_id": USER, "reason": "商品质量问题", "demand": "退款", "content": "面是凉的"}
    event = here.wallet.post("cases", trade_no=await _unknown_payment(here), **words)["complain_event_id"]
    return event, await _followed(here, event)


async def _unknown_payment(here: Town) -> str:
    payment = {"user_id": USER, "merchant_id": "2088000000000001", "amount": "50.00", "subject": "片儿川"}
    return str(here.wallet.post("load", payments=[payment])["trade_nos"][0])


async def _followed(here: Town, event: str) -> str:
    await here.task("follow_case", event, {"wallet": "alipay", "event": event}, "case")
    await here.work()
    return str((await here.rows("select id from dispute where wallet_event = %s", event))[0][0])


def _said(here: Town, event: str) -> list[str]:
    return [row["content"] for row in here.wallet.get("ledger")["replies"] if row["event_id"] == event]


def _status(here: Town, event: str) -> str:
    return next(row["status"] for row in here.wallet.get("ledger")["cases"] if row["event_id"] == event)


async def _left(here: Town) -> list[tuple]:
    return await here.rows("select kind, last_error from task where kind = 'tell_wallet'")


async def test_an_answer_lost_after_commit_is_not_said_twice_and_parks_nothing(here: Town):
    event, dispute = await _born(here)
    here.wallet.knob("drop_after_commit", method=FEEDBACK)
    offer = d.MakeOffer(id=here.app.desk.mint("330100"), remedy=Remedy.voucher)
    await here.act(dispute, offer, here.as_merchant)
    await here.work()
    assert _said(here, event) == ["商家提出和解方案：代金券"]
    assert await _left(here) == []


async def test_a_case_that_takes_no_second_feedback_is_told_in_its_talk(here: Town):
    event, dispute = await _born(here)
    offer = d.MakeOffer(id=here.app.desk.mint("330100"), remedy=Remedy.refund_part, amount_fen=1000, road=Road.api)
    await here.act(dispute, offer, here.as_merchant)
    await here.work()
    await here.act(dispute, d.AcceptOffer(offer=offer.id), here.as_consumer)
    await here.work()
    assert _said(here, event) == ["商家提出和解方案：部分退款 10.00 元", "已退款"]
    assert await _left(here) == []


async def test_an_ended_case_is_told_nothing(here: Town):
    event, dispute = await _born(here)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    here.wallet.post(f"cases/{event}/cancel", content="")
    await here.work()
    assert _said(here, event) == []
    assert await _left(here) == []


async def test_a_closing_lost_after_commit_is_seen_and_not_repeated(here: Town):
    event, dispute = await _born(here)
    words = here.app.desk.mint("330100")
    answer = [Content(id=words, kind="text", plain="没有问题".encode())]
    await here.app.desk.act(DISPUTES, "330100", dispute, d.Answer(words=words), here.as_merchant, contents=answer)
    await here.work()
    here.wallet.post(f"cases/{event}/escalate", content="")
    await _followed(here, event)
    await here.act(dispute, d.Take(), OFFICER)
    memo = here.app.desk.mint("330100")
    here.wallet.knob("drop_after_commit", method=FINISH)
    await here.app.desk.act(
        DISPUTES,
        "330100",
        dispute,
        d.Close(memo=memo, agency="330106", outcome=Outcome.unsettled),
        OFFICER,
        contents=[Content(id=memo, kind="text", plain="双方未达成一致".encode())],
    )
    await here.work()
    assert _status(here, event) == "PLATFORM_FINISH"
    assert (await here.read(dispute)).state is State.mediated
    assert await _left(here) == []


async def test_the_payer_of_a_wallets_case_is_known_by_the_trade_and_not_by_the_case(here: Town):
    _, dispute = await _born(here)
    assert (await here.read(dispute)).consumer == here.consumer


async def test_a_merchants_no_and_yes_reach_the_wallet_that_holds_the_case(here: Town):
    event, dispute = await _born(here)
    words = here.app.desk.mint("330100")
    said = [Content(id=words, kind="text", plain="面是热的".encode())]
    no = d.DeclineOffer(offer="claim", words=words)
    await here.app.desk.act(DISPUTES, "330100", dispute, no, here.as_merchant, contents=said)
    await here.work()
    assert _said(here, event) == ["面是热的"]
    assert _status(here, event) == "MERCHANT_FEEDBACKED"
    other, second = await _born(here)
    await here.act(second, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    await here.work()
    assert _said(here, other) == ["商家已同意：全额退款 50.00 元"]
    assert _status(here, other) == "MERCHANT_FEEDBACKED"
    assert (await here.read(second)).state is State.settling
    assert await _left(here) == []
