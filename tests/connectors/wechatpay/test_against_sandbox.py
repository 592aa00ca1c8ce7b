"""The connector against the emulator over a socket: money moves once, and what is unclear is unknown."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.connectors.wechatpay.wechatpay_lab import MERCHANT, Lab

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.transport import http_client
from hejie.connectors.wallet import RefundOrder, RefundStatus
from hejie.connectors.wechatpay import Wechatpay

_keys = iter(range(1, 10_000))


def order(trade_no: str, fen: int = 1200, *, paid: int = 5000, key: str = "") -> RefundOrder:
    key = key or f"330100-01M8D6NMZZ-N5VDV1N9NJXX-{next(_keys)}"
    return RefundOrder(key=key, trade_no=trade_no, amount_fen=fen, paid_fen=paid, reason="和解" * 50)


def later(lab: Lab, seconds: float) -> None:
    lab.post("clock", advance_seconds=seconds)


async def test_a_payment_as_wechat_pay_tells_it(lab: Lab, wallet: Wechatpay):
    number = lab.pay("28.00")
    told = await wallet.trade(number, MERCHANT)
    assert (told.trade_no, told.paid_fen, told.status, told.refundable) == (number, 2800, "SUCCESS", True)
    assert told.paid_at is not None
    assert abs(told.paid_at - lab.now()) < timedelta(seconds=30)


@pytest.mark.parametrize(("number", "account"), [("4200000000000000000000000000", MERCHANT), (None, "1900000999")])
async def test_a_payment_of_nobody_or_of_another_is_missing(lab: Lab, wallet: Wechatpay, number, account):
    with pytest.raises(Missing, match="trade_missing"):
        await wallet.trade(number or lab.pay(), account)


async def test_a_refund_is_accepted_then_seen(lab: Lab, wallet: Wechatpay):
    wanted = order(lab.pay())
    assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.absent
    assert (await wallet.refund(wanted, MERCHANT)).status is RefundStatus.accepted
    later(lab, 3)
    seen = await wallet.refund_status(wanted, MERCHANT)
    assert (seen.status, seen.amount_fen, seen.key) == (RefundStatus.succeeded, 1200, wanted.key)
    assert seen.moved_at is not None
    assert lab.refunds()[-1] == (wanted.key, 1200)


async def test_one_number_is_one_refund_however_often_it_is_sent(lab: Lab, wallet: Wechatpay):
    wanted = order(lab.pay())
    answers = await asyncio.gather(*(wallet.refund(wanted, MERCHANT) for _ in range(6)))
    assert {answer.status for answer in answers} == {RefundStatus.accepted}
    later(lab, 3)
    assert (await wallet.refund(wanted, MERCHANT)).status is RefundStatus.accepted, "a yes never says that it moved"
    assert [each for each in lab.refunds() if each[0] == wanted.key] == [(wanted.key, 1200)]
    with pytest.raises(Unknown, match="refund_unsure"):
        await wallet.refund(order(wanted.trade_no, 1300, key=wanted.key), MERCHANT)


@pytest.mark.parametrize("knob", ["drop_after_commit", "system_error_after_commit", "bad_signature"])
async def test_what_came_to_no_believable_answer_is_unknown_and_found_by_its_number(lab: Lab, wallet: Wechatpay, knob):
    wanted = order(lab.pay())
    lab.knob(knob, "wechatpay.refund")
    with pytest.raises(Unknown):
        await wallet.refund(wanted, MERCHANT)
    later(lab, 3)
    assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.succeeded
    assert [each for each in lab.refunds() if each[0] == wanted.key] == [(wanted.key, 1200)]


async def test_an_error_before_anything_happened_leaves_nothing(lab: Lab, wallet: Wechatpay):
    wanted = order(lab.pay())
    lab.knob("system_error", "wechatpay.refund")
    with pytest.raises(Unknown, match="wallet_unavailable"):
        await wallet.refund(wanted, MERCHANT)
    assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.absent
    assert (await wallet.refund(wanted, MERCHANT)).status is RefundStatus.accepted


@pytest.mark.parametrize(
    ("knob", "code", "retryable"),
    [("balance_short", "NOT_ENOUGH", True), ("window_expired", "TRADE_OVERDUE", False)],
)
async def test_a_signed_no_is_a_failure_with_its_reason(lab: Lab, wallet: Wechatpay, knob, code, retryable):
    wanted = order(lab.pay())
    lab.knob(knob, "wechatpay.refund")
    answer = await wallet.refund(wanted, MERCHANT)
    assert (answer.status, answer.code, answer.retryable) == (RefundStatus.failed, code, retryable)
    assert not [each for each in lab.refunds() if each[0] == wanted.key]


async def test_without_the_merchants_leave_nothing_moves(lab: Lab, wallet: Wechatpay):
    lab.merchant(allows_refund=False)
    answer = await wallet.refund(order(lab.pay()), MERCHANT)
    assert (answer.status, answer.code, answer.retryable) == (RefundStatus.failed, "NO_AUTH", True)


async def test_two_refunds_of_one_payment_need_a_minute_between_them(lab: Lab, wallet: Wechatpay):
    number = lab.pay()
    await wallet.refund(order(number), MERCHANT)
    second = order(number)
    with pytest.raises(Unknown, match="wallet_unavailable"):
        await wallet.refund(second, MERCHANT)
    later(lab, 61)
    assert (await wallet.refund(second, MERCHANT)).status is RefundStatus.accepted


async def test_more_than_was_paid_never_moves(lab: Lab, wallet: Wechatpay):
    number = lab.pay()
    with pytest.raises(Unknown, match="refund_unsure"):
        await wallet.refund(order(number, 5001), MERCHANT)
    with pytest.raises(Unknown, match="refund_unsure"):
        await wallet.refund(order(number, 100, paid=4000), MERCHANT)
    assert not [row for row in lab.get("wechatpay/ledger")["refunds"] if row["transaction_id"] == number]


async def test_by_platform_certificate_too_and_while_one_takes_over(lab: Lab):
    lab.partner(certified=True)
    number = lab.pay()
    certificate = (lab.public["platform_certificate"],)
    async with http_client() as client:
        only = Wechatpay(lab.keys(public_key_id="", platform_certificates=certificate), lab, client)
        assert (await only.trade(number, MERCHANT)).trade_no == number
        both = Wechatpay(lab.keys(platform_certificates=certificate), lab, client)
        assert (await both.trade(number, MERCHANT)).trade_no == number
        lab.partner(certified=False)
        assert (await both.trade(number, MERCHANT)).trade_no == number
        with pytest.raises(Unknown, match="certificate_rotated"):
            await only.trade(number, MERCHANT)


async def test_a_wrong_key_of_ours_is_told(lab: Lab):
    async with http_client() as client:
        wallet = Wechatpay(lab.keys(serial="00"), lab, client)
        with pytest.raises(Refused, match="own_signature_refused"):
            await wallet.trade(lab.pay(), MERCHANT)


async def test_a_clock_that_is_wrong_believes_nothing(lab: Lab):
    class Behind:
        def now(self) -> datetime:
            return lab.now() - timedelta(minutes=4)

    class FarBehind:
        def now(self) -> datetime:
            return datetime(2020, 1, 1, tzinfo=UTC)

    number = lab.pay()
    async with http_client() as client:
        assert (await Wechatpay(lab.keys(), Behind(), client).trade(number, MERCHANT)).trade_no == number
        with pytest.raises(Unknown, match="reply_signature_wrong"):
            await Wechatpay(lab.keys(), FarBehind(), client).trade(number, MERCHANT)


async def test_the_bill_of_a_day_tells_payments_and_refunds(lab: Lab, wallet: Wechatpay):
    day = lab.now().astimezone(SHANGHAI).date()
    wanted = order(lab.pay("31.00"), 500, paid=3100)
    await wallet.refund(wanted, MERCHANT)
    with pytest.raises(Missing, match="statement_not_ready"):
        await wallet.statement(day, MERCHANT)
    later(lab, 48 * 3600)
    rows = await wallet.statement(day, MERCHANT)
    paid = [row for row in rows if row.kind == "payment" and row.trade_no == wanted.trade_no]
    back = [row for row in rows if row.kind == "refund" and row.refund_key == wanted.key]
    assert [row.amount_fen for row in paid] == [3100]
    assert [(row.amount_fen, row.trade_no) for row in back] == [(500, wanted.trade_no)]
    assert back[0].finished_at is not None


@pytest.mark.parametrize(
    "typed", ["../../../certificates", "1?sub_mchid=9", "1/2", "a b", "", "x" * 65, "１２３", "%2e%2e"]
)
async def test_nothing_that_people_typed_becomes_a_part_of_an_address(lab: Lab, typed):
    asked: list[str] = []

    async def noted(request: httpx.Request) -> None:
        asked.append(str(request.url))

    async with http_client() as client:
        client.event_hooks["request"].append(noted)
        wallet = Wechatpay(lab.keys(), lab, client)
        with pytest.raises(Missing, match="trade_missing"):
            await wallet.trade(typed, MERCHANT)
        wanted = RefundOrder(key=typed, trade_no="4200001", amount_fen=1)
        assert (await wallet.refund_status(wanted, MERCHANT)).status is RefundStatus.absent
    assert asked == []


async def test_authority_is_the_number_that_the_merchant_names(lab: Lab, wallet: Wechatpay):
    given = await wallet.authorise(MERCHANT)
    assert (given.token, given.account) == (MERCHANT, MERCHANT)
    assert given.expires_at > lab.now()
    with pytest.raises(Refused, match="authority_code_invalid"):
        await wallet.authorise("19000001/../x")
