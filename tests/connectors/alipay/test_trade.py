"""Refunds: success is money moved, a signed known no is a failure, all else stays open."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from tests.connectors.alipay.alipay_wall import Wall

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.alipay import Alipay
from hejie.connectors.wallet import RefundAnswer, RefundOrder, RefundStatus

ORDER = RefundOrder(key="330100-K-1", trade_no="2026", amount_fen=1250, reason="和解" * 200)
DONE = {"trade_no": "2026", "out_request_no": ORDER.key, "refund_amount": "12.50", "refund_status": "REFUND_SUCCESS"}


async def test_a_trade_is_told_as_the_wallet_tells_it(alipay: Alipay, wall: Wall) -> None:
    wall.says(
        trade_no="2026", out_trade_no="T1", trade_status="TRADE_SUCCESS", total_amount="88.8", store_name="面馆",
        send_pay_date="2026-03-01 08:00:00", buyer_open_id="074a",
    )  # fmt: skip
    trade = await alipay.trade("2026")
    assert (trade.paid_fen, trade.refundable, trade.payer, trade.shop_name) == (8880, True, "074a", "面馆")
    assert trade.paid_at == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("status", ["TRADE_FINISHED", "TRADE_CLOSED", "WAIT_BUYER_PAY", "TRADE_NEW_WORD"])
async def test_only_a_successful_trade_may_be_refunded(alipay: Alipay, wall: Wall, status: str) -> None:
    wall.says(trade_no="2026", trade_status=status, total_amount="1.00")
    assert not (await alipay.trade("2026")).refundable


async def test_no_such_trade_is_missing(alipay: Alipay, wall: Wall) -> None:
    wall.says("40004", sub_code="ACQ.TRADE_NOT_EXIST")
    with pytest.raises(Missing, match="trade_missing"):
        await alipay.trade("2026")


@pytest.mark.parametrize(
    "wrong",
    [
        {"total_amount": "1.005"},
        {"total_amount": "1e2"},
        {"total_amount": "-1.00"},
        {"total_amount": None},
        {"total_amount": ["1"]},
        {"trade_status": ""},
        {"send_pay_date": "yesterday"},
        {"trade_no": "2027"},
    ],
)
async def test_a_misshapen_trade_is_unknown(alipay: Alipay, wall: Wall, wrong: dict[str, object]) -> None:
    wall.says(**({"trade_no": "2026", "trade_status": "TRADE_SUCCESS", "total_amount": "1.00"} | wrong))
    with pytest.raises(Unknown):
        await alipay.trade("2026")


async def test_money_moved_now_is_success_with_the_cumulative_total_beside(alipay: Alipay, wall: Wall) -> None:
    wall.says(trade_no="2026", fund_change="Y", refund_fee="20.00")
    assert await alipay.refund(ORDER, "t") == RefundAnswer(
        status=RefundStatus.succeeded, key=ORDER.key, amount_fen=1250, total_refunded_fen=2000
    )
    asked = wall.asked()
    assert (asked["refund_amount"], asked["out_request_no"], len(asked["refund_reason"])) == ("12.50", ORDER.key, 256)


async def test_code_10000_without_fund_change_is_only_accepted(alipay: Alipay, wall: Wall) -> None:
    wall.says(trade_no="2026", fund_change="N", refund_fee="12.50")
    answer = await alipay.refund(ORDER, "t")
    assert (answer.status, answer.amount_fen) == (RefundStatus.accepted, 0)


@pytest.mark.parametrize("wrong", [{"refund_fee": "12.49"}, {"trade_no": "2027"}, {"refund_fee": None}])
async def test_a_success_that_does_not_fit_our_order_is_unknown(alipay: Alipay, wall: Wall, wrong: dict) -> None:
    wall.says(**({"trade_no": "2026", "fund_change": "Y", "refund_fee": "12.50"} | wrong))
    with pytest.raises(Unknown):
        await alipay.refund(ORDER, "t")


@pytest.mark.parametrize(
    ("code", "sub_code", "retryable"),
    [
        ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", True),
        ("40004", "ACQ.REASON_TRADE_BEEN_FREEZEN", True),
        ("40004", "ACQ.TRADE_HAS_FINISHED", False),
        ("40004", "ACQ.TRADE_NOT_EXIST", False),
        ("40004", "ACQ.TRADE_NOT_ALLOW_REFUND", False),
        ("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", False),
        ("20001", "aop.invalid-app-auth-token", True),
        ("40002", "isv.invalid-signature", True),
        ("40006", "isv.insufficient-isv-permissions", True),
    ],
)
async def test_a_signed_known_no_is_a_failure(
    alipay: Alipay, wall: Wall, code: str, sub_code: str, *, retryable: bool
) -> None:
    wall.says(code, sub_code=sub_code)
    assert await alipay.refund(ORDER, "t") == RefundAnswer(
        status=RefundStatus.failed, key=ORDER.key, code=sub_code, retryable=retryable
    )


@pytest.mark.parametrize(
    ("code", "sub_code"),
    [
        ("20000", "aop.unknow-error"),
        ("40004", "ACQ.SYSTEM_ERROR"),
        ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST"),
        ("40004", "ACQ.NEVER_SEEN_BEFORE"),
        ("40004", ""),
    ],
)
async def test_an_unsure_no_stays_open(alipay: Alipay, wall: Wall, code: str, sub_code: str) -> None:
    wall.says(code, sub_code=sub_code)
    with pytest.raises(Unknown):
        await alipay.refund(ORDER, "t")


async def test_an_unsigned_no_stays_open(alipay: Alipay, wall: Wall) -> None:
    body = '{"alipay_trade_refund_response":{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}}'
    wall.answers.append(httpx.Response(200, text=body))
    with pytest.raises(Unknown, match="reply_unsigned"):
        await alipay.refund(ORDER, "t")


async def test_asked_by_key_success_tells_the_wallets_own_amount(alipay: Alipay, wall: Wall) -> None:
    wall.says(**DONE)
    assert await alipay.refund_status(ORDER, "t") == RefundAnswer(
        status=RefundStatus.succeeded, key=ORDER.key, amount_fen=1250
    )
    asked = {"trade_no": "2026", "out_request_no": ORDER.key, "query_options": ["gmt_refund_pay"]}
    assert wall.asked() == asked


async def test_another_amount_than_ordered_is_told_for_the_asker_to_compare(alipay: Alipay, wall: Wall) -> None:
    wall.says(**(DONE | {"refund_amount": "12.00"}))
    assert (await alipay.refund_status(ORDER, "t")).amount_fen == 1200


@pytest.mark.parametrize("wrong", [{"out_request_no": "other"}, {"trade_no": "2027"}, {"refund_amount": "1.234"}])
async def test_success_of_another_refund_is_unknown(alipay: Alipay, wall: Wall, wrong: dict[str, str]) -> None:
    wall.says(**(DONE | wrong))
    with pytest.raises(Unknown):
        await alipay.refund_status(ORDER, "t")


@pytest.mark.parametrize(
    ("node", "status"),
    [
        ({}, RefundStatus.absent),
        ({"trade_no": "2026", "refund_amount": "12.50"}, RefundStatus.absent),
        ({"refund_status": "REFUND_PROCESSING"}, RefundStatus.accepted),
    ],
)
async def test_without_a_status_the_key_is_absent(
    alipay: Alipay, wall: Wall, node: dict[str, str], status: RefundStatus
) -> None:
    wall.says(**node)
    assert (await alipay.refund_status(ORDER, "t")).status is status


async def test_a_query_refused_for_the_asker_says_nothing_of_the_refund(alipay: Alipay, wall: Wall) -> None:
    wall.says("20001", sub_code="aop.app-auth-token-time-out")
    with pytest.raises(Refused, match="authority_invalid"):
        await alipay.refund_status(ORDER, "t")
    wall.says("40004", sub_code="ACQ.TRADE_NOT_EXIST")
    assert (await alipay.refund_status(ORDER, "t")).status is RefundStatus.absent
