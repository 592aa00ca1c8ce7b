"""Payments and refunds: asking for a trade, moving money back under our key, asking for that key."""

from __future__ import annotations

from hejie.base.errors import Missing, Refused, Unknown
from hejie.base.money import yuan
from hejie.connectors.alipay.codes import ABSENT, Fate, refund_fate, word
from hejie.connectors.alipay.gateway import Gateway
from hejie.connectors.wallet import RefundAnswer, RefundOrder, RefundStatus, Trade

_REASON = 256


def absent(error: Refused) -> bool:
    """Whether a query's signed no means that there is none of that number."""
    return word(str(error.facts.get("said", ""))) in ABSENT


async def trade(gateway: Gateway, trade_no: str, authority: str) -> Trade:
    """`alipay.trade.query`; `Missing("trade_missing")`, and `Unknown("reply_mismatch")` for another trade's answer."""
    try:
        answer = await gateway.call("alipay.trade.query", {"trade_no": trade_no}, authority)
    except Refused as error:
        if absent(error):
            raise Missing("trade_missing") from None
        raise
    if answer.need("trade_no") != trade_no:
        raise Unknown("reply_mismatch", field="trade_no")
    status = answer.need("trade_status")
    return Trade(
        trade_no=trade_no,
        order_no=answer.text("out_trade_no"),
        status=status,
        refundable=status == "TRADE_SUCCESS",
        paid_fen=answer.fen("total_amount"),
        paid_at=answer.moment("send_pay_date"),
        payer=answer.text("buyer_user_id") or answer.text("buyer_open_id"),
        shop_name=answer.text("store_name"),
        terminal=answer.text("terminal_id"),
    )


async def refund(gateway: Gateway, order: RefundOrder, authority: str) -> RefundAnswer:
    """`alipay.trade.refund`: one request, safe to repeat, since `order.key` is its `out_request_no`.

    Code 10000 with `fund_change=Y` is money moved by this request. With `N` the wallet knew the key
    already or has not moved it yet: `accepted`, and the caller asks by key, as after any doubt. A signed
    refusal is `failed`; one whose sub code we do not know for harmless is `Unknown("refund_unsure")`.
    """
    biz = {
        "trade_no": order.trade_no,
        "refund_amount": yuan(order.amount_fen),
        "out_request_no": order.key,
        "refund_reason": order.reason[:_REASON],
    }
    try:
        answer = await gateway.call("alipay.trade.refund", biz, authority)
    except Refused as error:
        return _refused(order, error)
    moved = answer.text("fund_change") == "Y"
    total = answer.fen("refund_fee") if moved or answer.text("refund_fee") else None
    if answer.need("trade_no") != order.trade_no or (moved and (total or 0) < order.amount_fen):
        raise Unknown("reply_mismatch", field="trade_no, refund_fee")
    return RefundAnswer(
        status=RefundStatus.succeeded if moved else RefundStatus.accepted,
        key=order.key,
        amount_fen=order.amount_fen if moved else 0,
        total_refunded_fen=total,
    )


def _refused(order: RefundOrder, error: Refused) -> RefundAnswer:
    fate, said = refund_fate(error), str(error.facts["said"])
    if fate is Fate.unknown:
        raise Unknown("refund_unsure", said=said) from None
    return RefundAnswer(status=RefundStatus.failed, key=order.key, code=said, retryable=fate is Fate.retryable)


async def refund_status(gateway: Gateway, order: RefundOrder, authority: str) -> RefundAnswer:
    """`alipay.trade.fastpay.refund.query`, to be asked ten seconds after the refund at the earliest.

    No `refund_status` in the answer means not received, failed or too early: `absent`, never a failure.
    A success tells the wallet's own amount, which the asker compares with what it ordered; an answer
    about another trade or key is `Unknown("reply_mismatch")`.
    """
    biz = {"trade_no": order.trade_no, "out_request_no": order.key, "query_options": ["gmt_refund_pay"]}
    try:
        answer = await gateway.call("alipay.trade.fastpay.refund.query", biz, authority)
    except Refused as error:
        if absent(error):
            return RefundAnswer(status=RefundStatus.absent, key=order.key, code=str(error.facts["said"]))
        raise
    status = answer.text("refund_status")
    if status != "REFUND_SUCCESS":
        return RefundAnswer(status=RefundStatus.accepted if status else RefundStatus.absent, key=order.key, code=status)
    if (answer.need("trade_no"), answer.need("out_request_no")) != (order.trade_no, order.key):
        raise Unknown("reply_mismatch", field="trade_no, out_request_no")
    return RefundAnswer(
        status=RefundStatus.succeeded,
        key=order.key,
        amount_fen=answer.fen("refund_amount"),
        moved_at=answer.moment("gmt_refund_pay"),
    )
