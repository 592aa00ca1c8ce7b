"""The whole road without pages: from the payment to the money back, through the wallet's own wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.town import CITY, OFFICER, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome, Performance, Remedy, Road
from hejie.disputes.states import State
from hejie.intake.payments import person_of
from hejie.merchants import commands as m
from hejie.merchants.standing import StandingRule
from hejie.store.pool import city_transaction


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def test_the_claim_is_accepted_and_the_money_goes_back_by_api(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.outcome, row.refunded_fen) == (State.settled, Outcome.performed, 5000)
    assert here.wallet.refunded(trade) == 5000


async def test_an_answer_lost_after_commit_is_found_by_asking_and_moves_no_money_twice(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    here.wallet.knob("drop_after_commit", method="alipay.trade.refund")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.refunded_fen, here.wallet.refunded(trade)) == (State.settled, 5000, 5000)
    kinds = [r[0] for r in await here.rows("select event from log where noun = 'refund' order by version")]
    assert "Doubted" in kinds


async def test_a_standing_rule_answers_at_once_by_the_same_road(here: Town):
    rule = StandingRule(id="r1", most_fen=5000)
    await here.tell(m.SetStandingRules(rules=(rule,)), here.as_merchant)
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    await here.work()
    assert (await here.read(dispute)).outcome is Outcome.performed
    assert here.wallet.refunded(trade) == 5000


async def test_a_refund_in_the_merchants_own_tool_is_seen_by_its_number(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    row = await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    assert row.refunds == ()
    number = here.wallet.post("hand-refunds", trade_no=trade, amount="50.00")["out_request_no"]
    await here.act(dispute, d.ClaimPerformed(refund_no=number), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.outcome, row.refunded_fen) == (Outcome.performed, 5000)


async def test_a_refund_from_before_the_filing_performs_nothing(here: Town):
    trade = await here.pay(5000)
    number = here.wallet.post("hand-refunds", trade_no=trade, amount="10.00")["out_request_no"]
    here.advance(hours=1)
    dispute = await here.file(trade, remedy=Remedy.refund_part, amount_fen=1000)
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    await here.act(dispute, d.ClaimPerformed(refund_no=number), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.refunded_fen) == (State.settling, 0)
    assert await here.rows("select 1 from refund") == []


async def test_a_refund_of_ours_is_not_counted_again_under_the_number_the_merchant_names(here: Town):
    trade = await here.pay(5000)
    first = await here.file(trade, remedy=Remedy.refund_part, amount_fen=2000)
    await here.act(first, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    second = await here.file(trade, remedy=Remedy.refund_part, amount_fen=2000)
    await here.act(second, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    await here.act(second, d.ClaimPerformed(refund_no=f"{first}-1"), here.as_merchant)
    await here.work()
    row = await here.read(second)
    assert (row.state, row.refunded_fen) == (State.settling, 0)
    assert here.wallet.refunded(trade) == 2000
    assert len(await here.rows("select 1 from refund")) == 1


async def test_where_our_refund_failed_the_merchants_own_is_seen_by_its_number(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    here.wallet.knob("balance_short", method="alipay.trade.refund")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    number = here.wallet.post("hand-refunds", trade_no=trade, amount="50.00")["out_request_no"]
    await here.act(dispute, d.ClaimPerformed(refund_no=number), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.outcome, row.refunded_fen) == (Outcome.performed, 5000)


async def test_a_wrong_refund_number_finds_nothing_and_is_given_up_after_a_while(here: Town):
    dispute = await here.file(await here.pay(5000))
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    await here.act(dispute, d.ClaimPerformed(refund_no="no-such-number"), here.as_merchant)
    here.advance(hours=3)
    await here.work()
    assert (await here.read(dispute)).state is State.settling
    assert await here.rows("select 1 from task where kind = 'find_refund'") == []


async def test_a_refund_in_the_own_tool_without_a_number_is_seen_in_the_bill_file(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    here.wallet.post("hand-refunds", trade_no=trade, amount="50.00")
    await here.work()
    assert (await here.read(dispute)).state is State.settling
    here.advance(hours=36)
    await here.work()
    assert (await here.read(dispute)).outcome is Outcome.performed


async def test_silence_escalates_by_itself_after_96_hours(here: Town):
    dispute = await here.file(await here.pay())
    here.advance(hours=95)
    await here.work()
    assert (await here.read(dispute)).state is State.awaiting_merchant
    here.advance(hours=2)
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.escalated_because) == (State.mediating, "silence")
    await here.act(dispute, d.Take(), OFFICER)


async def test_a_balance_too_short_fails_and_is_tried_again_under_a_fresh_key(here: Town):
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    here.wallet.knob("balance_short", method="alipay.trade.refund")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.state, row.performance) == (State.settling, Performance.failed)
    await here.act(dispute, d.RetryRefund(), here.as_merchant)
    await here.work()
    row = await here.read(dispute)
    assert (row.outcome, len(row.refunds), here.wallet.refunded(trade)) == (Outcome.performed, 2, 5000)


async def test_an_unproven_payment_is_proven_by_the_wallet_before_a_refund_goes_out(here: Town):
    trade = await here.pay(5000, proven=False)
    dispute = await here.file(trade)
    with pytest.raises(Refused, match="payment_unproven"):
        await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.api), here.as_merchant)
    await here.work()
    assert (await here.read(dispute)).proven
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.api), here.as_merchant)
    await here.work()
    assert here.wallet.refunded(trade) == 5000


async def test_a_standing_rule_answers_once_the_wallet_has_proven_the_payment(here: Town):
    await here.tell(m.SetStandingRules(rules=(StandingRule(id="r1", most_fen=5000),)), here.as_merchant)
    trade = await here.pay(5000, proven=False)
    dispute = await here.file(trade)
    await here.work()
    assert (await here.read(dispute)).outcome is Outcome.performed
    assert here.wallet.refunded(trade) == 5000


async def test_a_payment_whose_amount_differs_stays_unproven_and_becomes_a_work_item(here: Town):
    trade = await here.pay(5000)
    await here.rows("update payment set proven = false, paid_fen = 6000 where trade_no = %s returning 1", trade)
    dispute = await here.file(trade)
    await here.work()
    assert not (await here.read(dispute)).proven
    assert [r[0] for r in await here.rows("select kind from work_item")] == ["payment_differs"]


async def test_partial_refunds_over_two_payments(here: Town):
    one, two = await here.pay(3000), await here.pay(2000)
    dispute = await here.file(one, two, remedy=Remedy.refund_part, amount_fen=4000)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    assert (here.wallet.refunded(one), here.wallet.refunded(two)) == (3000, 1000)
    assert (await here.read(dispute)).outcome is Outcome.performed


async def test_a_case_born_in_the_wallet_is_mirrored_answered_and_closed_there(here: Town):
    trade = await here.pay(5000)
    words = {"user_id": "2088900000000001", "reason": "商品质量问题", "demand": "退款", "content": "面是凉的"}
    event = here.wallet.post("cases", trade_no=trade, **words)["complain_event_id"]
    await here.task("follow_case", event, {"wallet": "alipay", "event": event}, "case")
    await here.work()
    (identifier, state, origin) = (await here.rows("select id, state, origin from dispute"))[0]
    assert (state, origin) == ("awaiting_merchant", "wallet")
    row = await here.read(identifier)
    assert row.due is not None
    assert row.due.set_by == "alipay"
    await here.act(identifier, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    assert here.wallet.refunded(trade) == 5000
    here.wallet.post(f"cases/{event}/confirm", content="")
    await here.task("follow_case", event, {"wallet": "alipay", "event": event}, "case")
    await here.work()
    row = await here.read(identifier)
    assert (row.state, row.outcome) == (State.settled, Outcome.performed)


async def test_a_dispute_begun_from_a_file_is_the_payers_once_the_wallet_vouches_for_them(here: Town):
    trade = await here.pay(5000)
    async with city_transaction(here.app.pool, CITY) as connection:
        now = here.app.clock.now()
        stranger = await person_of(connection, CITY, b"s" * 32, here.app.desk.mint(CITY), "zh", now)
        await connection.execute(
            "update payment set proven = false, source = 'file', payer = %s where trade_no = %s", [b"s" * 32, trade]
        )
    payer, here.consumer = here.consumer, stranger
    dispute = await here.file(trade)
    await here.bring(trade, 5000)
    row = await here.act(dispute, d.KnowPayer(trade_no=trade, consumer=payer), SYSTEM)
    assert (row.consumer, row.proven) == (payer, True)
    assert await here.rows("select consumer from dispute") == [(payer,)]
    with pytest.raises(Missing):
        await here.act(dispute, d.Withdraw(), here.as_consumer)
    here.consumer = payer
    assert (await here.act(dispute, d.Withdraw(), here.as_consumer)).state is State.withdrawn
