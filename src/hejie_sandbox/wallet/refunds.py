"""Refunds: by the gateway under a key of the caller, or by the merchant's hand in its own tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hejie_sandbox.clock import beijing
from hejie_sandbox.money import fen, yuan
from hejie_sandbox.sandbox import dated_number
from hejie_sandbox.wallet import trades
from hejie_sandbox.wallet.refusals import business, invalid

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.wallet.wire import Call


def refund(call: Call) -> dict[str, Any]:
    """alipay.trade.refund: one key of a trade refunds once; a repeat answers fund_change=N."""
    trade = trades.find(call)
    try:
        amount = fen(call.text("refund_amount", 11))
    except ValueError:
        raise invalid("parameter", "退款金额格式有误") from None
    key = call.text("out_request_no", 64, required=False)
    if not key and amount != trade["total"]:
        raise business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "部分退款须传入退款请求号")
    key = key or trade["out_trade_no"]
    before = _refund(call.box, trade["trade_no"], key)
    if before is not None:
        if before["amount"] != amount:
            raise business("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求")
        return _refunded(call.box, trade["trade_no"], changed=False)
    _move(call.box, trade, key, amount, call.text("refund_reason", 256, required=False), call.app["app_id"])
    return _refunded(call.box, trade["trade_no"], changed=True)


def by_hand(box: Sandbox, trade_no: str, amount: int, reason: str = "") -> str:
    """Refund in the merchant's own tool and return the number shown there; GatewayError as the gateway would."""
    with box.ledger.transaction():
        trade = box.ledger.row("SELECT * FROM trades WHERE trade_no = ? AND merchant_id IS NOT NULL", trade_no)
        if trade is None:
            raise business("ACQ.TRADE_NOT_EXIST", "交易不存在")
        number = dated_number(box.now(), "H", 20)
        _move(box, trade, number, amount, reason, "")
    return number


def refund_query(call: Call) -> dict[str, Any]:
    """alipay.trade.fastpay.refund.query: one refund by its key; an unknown key answers without a status."""
    trade = trades.find(call)
    found = _refund(call.box, trade["trade_no"], call.text("out_request_no", 64))
    if found is None:
        return {}
    asked = call.content.get("query_options", [])
    moved = {"gmt_refund_pay": beijing(found["at"])} if "gmt_refund_pay" in asked else {}
    return {
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "out_request_no": found["out_request_no"],
        "refund_reason": found["reason"],
        "total_amount": yuan(trade["total"]),
        "refund_amount": yuan(found["amount"]),
        "refund_status": "REFUND_SUCCESS",
        "send_back_fee": yuan(found["amount"]),
        **moved,
    }


def _refund(box: Sandbox, trade_no: str, key: str) -> sqlite3.Row | None:
    return box.ledger.row("SELECT * FROM refunds WHERE trade_no = ? AND out_request_no = ?", trade_no, key)


def disturb(call: Call) -> None:
    """Inject a refund's faults, for keys not refunded yet; outside what a refusal undoes, so that they last."""
    trade = trades.find(call)
    if _refund(call.box, trade["trade_no"], call.text("out_request_no", 64, required=False)) is not None:
        return
    if call.box.knobs.fires("window_expired", call.method) is not None:
        sql = "UPDATE trades SET refund_until = min(refund_until, ?) WHERE trade_no = ?"
        call.box.ledger.write(sql, call.box.now(), trade["trade_no"])
    if call.box.knobs.fires("balance_short", call.method) is not None:
        raise business("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户的支付宝账户中无足够的资金进行退款")


def _move(box: Sandbox, trade: sqlite3.Row, key: str, amount: int, reason: str, app_id: str) -> None:
    if trade["frozen"]:
        raise business("ACQ.REASON_TRADE_BEEN_FREEZEN", "当前交易被冻结，不允许退款")
    match trades.status(trade, box.now()):
        case "TRADE_FINISHED":
            raise business("ACQ.TRADE_HAS_FINISHED", "交易已完结，不允许退款")
        case "TRADE_CLOSED":
            raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    if amount <= 0:
        raise business("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
    if trade["refunded"] + amount > trade["total"]:
        raise business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    ledger = box.ledger
    paid = "UPDATE merchants SET balance = balance - ? WHERE merchant_id = ? AND balance >= ?"
    if not ledger.write(paid, amount, trade["merchant_id"], amount):
        raise business("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户的支付宝账户中无足够的资金进行退款")
    ledger.write("UPDATE trades SET refunded = refunded + ? WHERE trade_no = ?", amount, trade["trade_no"])
    ledger.insert(
        "refunds", trade_no=trade["trade_no"], out_request_no=key, amount=amount, reason=reason, at=box.now(),
        road="api" if app_id else "hand", app_id=app_id,
    )  # fmt: skip


def _refunded(box: Sandbox, trade_no: str, *, changed: bool) -> dict[str, Any]:
    trade = box.ledger.row("SELECT * FROM trades JOIN users USING (user_id) WHERE trade_no = ?", trade_no)
    last = box.ledger.value("SELECT max(at) FROM refunds WHERE trade_no = ?", trade_no)
    if trade is None:
        raise business("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return {
        "trade_no": trade_no,
        "out_trade_no": trade["out_trade_no"],
        "buyer_logon_id": trades.masked(trade["logon"]),
        "buyer_user_id": trade["user_id"],
        "fund_change": "Y" if changed else "N",
        "refund_fee": yuan(trade["refunded"]),
        "send_back_fee": yuan(trade["refunded"]),
        "gmt_refund_pay": beijing(last),
        "refund_detail_item_list": [{"fund_channel": "ALIPAYACCOUNT", "amount": yuan(trade["refunded"])}],
    }
