"""A complaint born in WeChat goes the whole road: pushed or found, answered here, refunded, completed there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.duties.complaint_lab import born, complain, complaining, history, moved, pay, pushes_done, there, until
from tests.support.town import CITY, OFFICER, PARTNER, Town

from hejie.cities.dues import Rule
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Origin, Outcome, Remedy, Road
from hejie.disputes.states import State
from hejie.merchants import commands as m
from hejie.store.certificates import KeptCertificates


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with complaining(tmp_path, app_url) as place:
        yield place


async def told(here: Town) -> list[tuple]:
    """Tellings that have not gone through."""
    return await here.rows("select payload, last_error from task where kind = 'tell_wallet'")


async def test_it_arrives_by_push_is_agreed_to_refunded_and_ends_on_both_sides(here: Town):
    number = complain(here, pay(here))
    dispute = await born(here, number)
    row = await here.read(dispute)
    assert (row.origin, row.wallet, row.state, row.claim.amount_fen) == (
        Origin.wallet, "wechatpay", State.awaiting_merchant, 5000,
    )  # fmt: skip
    assert row.due is not None
    assert (row.due.set_by, (row.due.at - row.filed_at).total_seconds()) == (CITY, 96 * 3600)
    assert [(due.set_by, due.hours, due.start) for due in row.wallet_dues] == [
        ("wechatpay", 24, row.filed_at), ("wechatpay", 72, row.filed_at),
    ]  # fmt: skip
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    assert moved(here) == [5000]
    assert history(here, number)[1] == ("MERCHANT_APPROVE_REFUND", "商家已同意：全额退款 50.00 元")
    for _ in range(4):
        here.advance(seconds=30)
        await until(here, pushes_done(here, 2))
    row = await here.read(dispute)
    assert (row.state, row.outcome, row.refunded_fen) == (State.settled, Outcome.performed, 5000)
    assert there(here, number) == "PROCESSED"
    assert moved(here) == [5000]
    assert await told(here) == []


async def test_without_a_push_it_is_found_by_looking(here: Town):
    here.wallet.knob("lost_callback")
    number = complain(here, pay(here))
    await here.rows("update task set ready_at = clock_timestamp() where kind = 'sweep_cases' returning 1")
    await here.work()
    assert await here.rows("select wallet, wallet_event from dispute") == [("wechatpay", number)]


@pytest.mark.parametrize("knob", ["duplicate_callback", "forged_callback", "stale_timestamp", "late_callback"])
async def test_whatever_becomes_of_the_push_there_is_one_dispute(here: Town, knob: str):
    here.wallet.knob(knob, value=20)
    number = complain(here, pay(here))
    for _ in range(3):
        await asyncio.sleep(0.3)
        here.advance(seconds=16)
    dispute = await born(here, number)
    assert [row[0] for row in await here.rows("select id from dispute")] == [dispute]
    assert len(await here.rows("select delivery from callback")) == 1


async def test_an_answer_here_is_an_answer_there_and_the_payers_word_comes_back(here: Town):
    number = complain(here, pay(here), problem_type="OTHERS")
    dispute = await born(here, number)
    words = here.app.desk.mint(CITY)
    said = [Content(id=words, kind="text", plain="我们马上处理".encode())]
    here.wallet.knob("drop_after_commit", method="wechatpay.response")
    await here.app.desk.act(DISPUTES, CITY, dispute, d.Answer(words=words), here.as_merchant, contents=said)
    await until(here, lambda: there(here, number) == "PROCESSING")
    await until(here, pushes_done(here, 2))
    assert history(here, number)[1:] == [("MERCHANT_RESPONSE", "我们马上处理")]
    assert (await here.read(dispute)).state is State.awaiting_consumer
    here.wallet.post(f"wechatpay/complaints/{number}/confirm", content="好了")
    await until(here, pushes_done(here, 3))
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.outcome) == (State.settled, Outcome.confirmed)
    assert await told(here) == []


async def test_a_no_is_an_answer_that_ends_nothing_and_a_withdrawal_does(here: Town):
    number = complain(here, pay(here))
    dispute = await born(here, number)
    words = here.app.desk.mint(CITY)
    said = [Content(id=words, kind="text", plain="面是热的".encode())]
    no = d.DeclineOffer(offer="claim", words=words)
    await here.app.desk.act(DISPUTES, CITY, dispute, no, here.as_merchant, contents=said)
    await until(here, lambda: len(history(here, number)) > 1)
    assert history(here, number)[1:] == [("MERCHANT_RESPONSE", "面是热的")]
    assert there(here, number) == "PROCESSING"
    here.wallet.post(f"wechatpay/complaints/{number}/revoke", content="")
    await until(here, pushes_done(here, 3))
    await here.work()
    assert (await here.read(dispute)).state is State.withdrawn


async def test_the_wallets_time_is_noted_and_reminded_of_and_ours_decides(here: Town):
    number = complain(here, pay(here))
    dispute = await born(here, number)
    marks = []
    for hours in (12, 12, 36, 12, 24):
        here.advance(hours=hours)
        await here.work()
        noted = await here.rows("select count(*) from log where event = 'WalletTimeOver'")
        told = await here.rows("select template from notice where template like 'wallet%%' order by at")
        marks.append(((await here.read(dispute)).state, noted[0][0], [name for (name,) in told]))
    waits, both = State.awaiting_merchant, ["wallet_answer", "wallet_done"]
    assert marks == [
        (waits, 0, both[:1]), (waits, 1, both[:1]), (waits, 1, both), (waits, 2, both), (State.overdue, 2, both),
    ]  # fmt: skip
    assert there(here, number) == "PENDING"
    assert await here.rows("select 1 from notice where template = 'overdue'") == [], "it can act in the wallet only"


async def test_an_answer_in_time_takes_the_first_clock_away(here: Town):
    number = complain(here, pay(here))
    dispute = await born(here, number)
    await here.act(dispute, d.MakeOffer(id=here.app.desk.mint(CITY), remedy=Remedy.exchange), here.as_merchant)
    await until(here, pushes_done(here, 2))
    await here.work()
    assert [due.rule for due in (await here.read(dispute)).wallet_dues] == [Rule.wallet_done]
    here.advance(hours=30)
    await here.work()
    assert await here.rows("select 1 from log where event = 'WalletTimeOver'") == []
    assert await here.rows("select 1 from notice where template like 'wallet%%'") == []


async def test_part_of_the_money_is_asked_agreed_in_words_refunded_and_completed(here: Town):
    number = complain(here, pay(here), apply_refund_amount=3000)
    dispute = await born(here, number)
    assert (await here.read(dispute)).claim.remedy is Remedy.refund_part
    offer = d.MakeOffer(id=here.app.desk.mint(CITY), remedy=Remedy.refund_part, amount_fen=1000, road=Road.api)
    await here.act(dispute, offer, here.as_merchant)
    await here.work()
    await here.act(dispute, d.AcceptOffer(offer=offer.id), here.as_consumer_of(await here.read(dispute)))
    for _ in range(4):
        here.advance(seconds=30)
        await until(here, pushes_done(here, 2))
    kinds = [kind for kind, _ in history(here, number)]
    assert moved(here) == [1000]
    assert kinds[-1] == "MERCHANT_CONFIRM_COMPLETE"
    assert ("MERCHANT_RESPONSE", "已退款") in history(here, number)
    row = await here.read(dispute)
    assert (row.state, row.refunded_fen) == (State.settled, 1000)
    assert await told(here) == []


async def test_what_is_done_without_money_is_completed_and_counts_as_silent(here: Town):
    number = complain(here, pay(here), problem_type="OTHERS")
    dispute = await born(here, number)
    offer = d.MakeOffer(id=here.app.desk.mint(CITY), remedy=Remedy.exchange)
    await here.act(dispute, offer, here.as_merchant)
    await here.act(dispute, d.AcceptOffer(offer=offer.id), here.as_consumer_of(await here.read(dispute)))
    words = here.app.desk.mint(CITY)
    proof = [Content(id=words, kind="text", plain="已换一碗".encode())]
    done = d.ClaimPerformed(words=words)
    await here.app.desk.act(DISPUTES, CITY, dispute, done, here.as_merchant, contents=proof)
    await until(here, lambda: there(here, number) == "PROCESSED")
    await until(here, pushes_done(here, 3))
    await here.work()
    assert ("MERCHANT_RESPONSE", "商家表示已履行：换货") in history(here, number)
    row = await here.read(dispute)
    assert (row.state, row.outcome) == (State.lapsed, Outcome.silent)


async def test_a_merchant_that_nobody_knows_is_an_item_for_a_person(here: Town):
    here.wallet.post("wechatpay", merchants=[{"sub_mchid": "1900000999", "name": "x"}])
    payment = {"sub_mchid": "1900000999", "amount": "50.00", "description": "x"}
    trade = here.wallet.post("wechatpay", payments=[payment])["transaction_ids"][0]
    number = complain(here, trade)
    await until(here, pushes_done(here, 1))
    await here.work()
    assert await here.rows("select kind, subject from work_item") == [("case_without_merchant", number)]
    assert await here.rows("select id from dispute") == []
    await here.tell(m.AskEnrolment(wallet="wechatpay", account="1900000999"), OFFICER)
    await here.work()
    await here.rows("update task set ready_at = clock_timestamp() where kind = 'sweep_cases' returning 1")
    await here.work()
    assert await here.rows("select wallet_event from dispute") == [(number,)], "once it is known, it is found"


async def test_where_pushes_go_is_told_by_itself(here: Town):
    kept = here.wallet.box.ledger.value("SELECT url FROM wx_notifications WHERE mchid = ?", PARTNER)
    assert kept == f"{here.app.settings.public_url}/api/{CITY}/callbacks/wechatpay/{PARTNER}"


async def test_a_payer_who_is_not_content_after_all_is_with_the_merchant_again(here: Town):
    number = complain(here, pay(here))
    dispute = await born(here, number)
    here.wallet.post(f"wechatpay/complaints/{number}/confirm", content="好了")
    await until(here, pushes_done(here, 2))
    await here.work()
    assert (await here.read(dispute)).state is State.settled
    here.advance(hours=30)
    here.wallet.post(f"wechatpay/complaints/{number}/continue", content="又坏了")
    await until(here, pushes_done(here, 3))
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.closed_at) == (State.awaiting_merchant, None)
    assert row.due is not None
    assert row.due.at > here.app.clock.now()


async def test_a_dispute_from_here_is_told_there_too_if_the_payer_complains_of_it(here: Town):
    trade = await here.pay_wechat(5000)
    dispute = await here.file(trade)
    number = complain(here, trade)
    await until(here, pushes_done(here, 1))
    await here.work()
    row = await here.read(dispute)
    assert (row.origin is Origin.wallet, row.wallet_event) == (False, number)
    assert len(await here.rows("select id from dispute")) == 1
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    for _ in range(4):
        await until(here, pushes_done(here, 2))
        here.advance(seconds=30)
    assert (await here.read(dispute)).state is State.settled
    assert there(here, number) == "PROCESSED"
    assert moved(here) == [5000]


async def test_what_one_process_fetched_the_others_believe(here: Town):
    shelf = KeptCertificates(here.app.pool, here.app.clock, CITY, "wechatpay")
    await shelf.keep({"0A": "first"})
    await shelf.keep({"0A": "other", "0B": "second"})
    assert sorted(await shelf.read()) == ["first", "second"]


async def test_a_wallet_that_the_city_does_not_have_raises_no_item(here: Town):
    for kind in ("sweep_cases", "tend_wallet"):
        await here.task(kind, CITY, {"wallet": "unknown"}, "city")
    await here.work()
    assert await here.rows("select kind from task where parked") == []
    assert await here.rows("select kind from work_item") == []
