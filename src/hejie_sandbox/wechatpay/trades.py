"""Transactions and refunds: one `out_refund_no` is one refund; the money is seen two seconds after the yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hejie_sandbox.sandbox import dated_number
from hejie_sandbox.wechatpay import pushes
from hejie_sandbox.wechatpay.wire import RefusalError, instant

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.wechatpay.wire import Call

MOST_REFUNDS = 50
BETWEEN_SECONDS = 60
SETTLES_AFTER = 2


def _missing() -> RefusalError:
    return RefusalError(404, "RESOURCE_NOT_EXISTS", "订单不存在")


def _trade(call: Call, transaction_id: object) -> sqlite3.Row:
    sql = "SELECT * FROM wx_trades WHERE transaction_id = ? AND sub_mchid = ?"
    found = call.box.ledger.row(sql, str(transaction_id), call.merchant())
    if found is None:
        raise _missing()
    return found


def query(call: Call) -> dict[str, Any]:
    """GET /v3/pay/partner/transactions/id/{transaction_id}."""
    trade = _trade(call, call.path.rpartition("/")[2])
    return {
        "sp_mchid": call.partner["mchid"],
        "sub_mchid": trade["sub_mchid"],
        "transaction_id": trade["transaction_id"],
        "out_trade_no": trade["out_trade_no"],
        "trade_type": "NATIVE",
        "trade_state": "REFUND" if trade["refunded"] else "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "success_time": instant(trade["paid_at"]),
        "payer": {"sp_openid": trade["openid"]},
        "amount": {"total": trade["total"], "payer_total": trade["total"], "currency": "CNY", "payer_currency": "CNY"},
    }


def _refund(call: Call, number: str) -> sqlite3.Row | None:
    sql = "SELECT * FROM wx_refunds WHERE sub_mchid = ? AND out_refund_no = ?"
    return call.box.ledger.row(sql, call.merchant(), number)


def _told(call: Call, refund: sqlite3.Row) -> dict[str, Any]:
    trade = _trade(call, refund["transaction_id"])
    moved = call.box.now() >= refund["settles_at"]
    return {
        "refund_id": refund["refund_id"],
        "out_refund_no": refund["out_refund_no"],
        "transaction_id": trade["transaction_id"],
        "out_trade_no": trade["out_trade_no"],
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": instant(refund["at"]),
        "status": "SUCCESS" if moved else "PROCESSING",
        **({"success_time": instant(refund["settles_at"])} if moved else {}),
        "funds_account": "AVAILABLE",
        "amount": {
            "total": trade["total"],
            "refund": refund["amount"],
            "payer_total": trade["total"],
            "payer_refund": refund["amount"],
            "settlement_refund": refund["amount"],
            "settlement_total": trade["total"],
            "discount_refund": 0,
            "currency": "CNY",
        },
    }


def refund_query(call: Call) -> dict[str, Any]:
    """GET /v3/refund/domestic/refunds/{out_refund_no}."""
    found = _refund(call, call.path.rpartition("/")[2])
    if found is None:
        raise _missing()
    return _told(call, found)


def disturb(call: Call) -> None:
    """Inject a refund's faults, for numbers that are not refunded yet."""
    if _refund(call, str(call.content.get("out_refund_no"))) is not None:
        return
    if call.box.knobs.fires("window_expired", "wechatpay.refund") is not None:
        sql = "UPDATE wx_trades SET refund_until = min(refund_until, ?) WHERE transaction_id = ?"
        call.box.ledger.write(sql, call.box.now(), str(call.content.get("transaction_id")))
    if call.box.knobs.fires("balance_short", "wechatpay.refund") is not None:
        raise RefusalError(403, "NOT_ENOUGH", "余额不足")


def refund(call: Call) -> dict[str, Any]:
    """POST /v3/refund/domestic/refunds."""
    number, amount = call.content.get("out_refund_no"), call.content.get("amount")
    if not isinstance(number, str) or not 1 <= len(number) <= 64 or not isinstance(amount, dict):  # noqa: PLR2004
        raise RefusalError(400, "PARAM_ERROR", "参数错误")
    asked, total = amount.get("refund"), amount.get("total")
    if type(asked) is not int or type(total) is not int or asked <= 0 or amount.get("currency") != "CNY":
        raise RefusalError(400, "PARAM_ERROR", "金额错误")
    trade = _trade(call, call.content.get("transaction_id"))
    before = _refund(call, number)
    if before is not None:
        if (before["amount"], before["transaction_id"]) != (asked, trade["transaction_id"]):
            raise RefusalError(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致,请核实后再试")
        return _told(call, before)
    if total != trade["total"]:
        raise RefusalError(400, "INVALID_REQUEST", "订单金额与原交易不一致")
    _move(call, trade, number, asked)
    made = _refund(call, number)
    if made is None:
        raise _missing()
    return _told(call, made)


def _move(call: Call, trade: sqlite3.Row, number: str, amount: int) -> None:
    box, now = call.box, call.box.now()
    allowed = box.ledger.value("SELECT allows_refund FROM wx_merchants WHERE sub_mchid = ?", trade["sub_mchid"])
    if not allowed:
        raise RefusalError(403, "NO_AUTH", "没有退款权限")
    if now >= trade["refund_until"]:
        raise RefusalError(403, "TRADE_OVERDUE", "订单已经超过退款期限")
    past = box.ledger.rows("SELECT at FROM wx_refunds WHERE transaction_id = ?", trade["transaction_id"])
    if len(past) >= MOST_REFUNDS:
        raise RefusalError(400, "INVALID_REQUEST", "一笔订单最多支持50次部分退款")
    if any(now - row["at"] < BETWEEN_SECONDS for row in past):
        raise RefusalError(429, "FREQUENCY_LIMITED", "同一订单退款间隔须大于1分钟")
    if trade["refunded"] + amount > trade["total"]:
        raise RefusalError(400, "INVALID_REQUEST", "申请退款金额超过订单可退金额")
    paid = "UPDATE wx_merchants SET balance = balance - ? WHERE sub_mchid = ? AND balance >= ?"
    if not box.ledger.write(paid, amount, trade["sub_mchid"], amount):
        raise RefusalError(403, "NOT_ENOUGH", "余额不足")
    sql = "UPDATE wx_trades SET refunded = refunded + ? WHERE transaction_id = ?"
    box.ledger.write(sql, amount, trade["transaction_id"])
    box.ledger.insert(
        "wx_refunds", sub_mchid=trade["sub_mchid"], out_refund_no=number, refund_id=dated_number(now, "5030", 29),
        transaction_id=trade["transaction_id"], amount=amount, reason=str(call.content.get("reason", "")), at=now,
        settles_at=now + SETTLES_AFTER,
    )  # fmt: skip
    _announce(call, trade, number, amount)


def _announce(call: Call, trade: sqlite3.Row, number: str, amount: int) -> None:
    """Have the arrival pushed to the address that the refund named (no query in it, says WeChat Pay)."""
    url, settles_at = call.content.get("notify_url", ""), call.box.now() + SETTLES_AFTER
    if not isinstance(url, str) or "?" in url:
        raise RefusalError(400, "PARAM_ERROR", "notify_url 错误")
    refund = _refund(call, number)
    told = {
        "sp_mchid": call.partner["mchid"],
        "sub_mchid": trade["sub_mchid"],
        "transaction_id": trade["transaction_id"],
        "out_trade_no": trade["out_trade_no"],
        "refund_id": refund["refund_id"] if refund else "",
        "out_refund_no": number,
        "refund_status": "SUCCESS",
        "success_time": instant(settles_at),
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": trade["total"],
            "refund": amount,
            "payer_total": trade["total"],
            "payer_refund": amount,
        },
    }
    pushes.put(call.box, call.partner["mchid"], url, "REFUND.SUCCESS", told, settles_at)
