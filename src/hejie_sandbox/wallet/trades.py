"""Payments: made in the wallet, asked for by their merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hejie_sandbox.clock import beijing
from hejie_sandbox.money import yuan
from hejie_sandbox.sandbox import dated_number
from hejie_sandbox.wallet.refusals import business, invalid

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.wallet.wire import Call

DAY = 86400
PURCHASES = ("purchase", "stall")
"""Kinds that pay a merchant; a stall's collection code is printed like a transfer."""
KINDS = (*PURCHASES, "transfer", "red_packet", "wealth", "income")


def pay(
    box: Sandbox, *, user_id: str, merchant_id: str | None, total: int, subject: str, kind: str = "purchase",
    **details: Any,
) -> str:  # fmt: skip
    """Move `total` fen from a user to a merchant and return the trade number.

    Details: paid_at (instant, default now), trade_no, out_trade_no, counterparty, store_id, store_name, terminal_id,
    category, method. ValueError for an unknown kind or a purchase without merchant; KeyError for unknown parties.
    """
    ledger, paid_at = box.ledger, int(details.pop("paid_at", None) or box.now())
    if kind not in KINDS or (kind in PURCHASES) != (merchant_id is not None) or total <= 0:
        raise ValueError("unknown kind, a purchase without its merchant, or no amount")
    if ledger.row("SELECT 1 FROM users WHERE user_id = ?", user_id) is None:
        raise KeyError(user_id)
    with ledger.transaction():
        merchant = ledger.row("SELECT * FROM merchants WHERE merchant_id = ?", merchant_id) if merchant_id else None
        if merchant_id and merchant is None:
            raise KeyError(merchant_id)
        if merchant:
            ledger.write("UPDATE merchants SET balance = balance + ? WHERE merchant_id = ?", total, merchant_id)
            details.setdefault("counterparty", merchant["name"])
            details.setdefault("category", merchant["category"])
        days = merchant["refund_days"] if merchant else 0
        row = {
            "trade_no": dated_number(paid_at, "2200", 28),
            "out_trade_no": dated_number(paid_at, "T", 24) if merchant else "",
            "counterparty": "",
        } | details
        ledger.insert(
            "trades", **row, user_id=user_id, merchant_id=merchant_id, kind=kind, subject=subject, total=total,
            paid_at=paid_at, refund_until=paid_at + days * DAY,
        )  # fmt: skip
    return str(row["trade_no"])


def status(trade: sqlite3.Row, now: int) -> str:
    """Return the wallet's word for a trade: closed once wholly refunded, finished once past its refund window."""
    if trade["refunded"] == trade["total"]:
        return "TRADE_CLOSED"
    return "TRADE_FINISHED" if now >= trade["refund_until"] else "TRADE_SUCCESS"


def find(call: Call) -> sqlite3.Row:
    """Return the caller's own trade by trade_no, which wins, or out_trade_no; ACQ.TRADE_NOT_EXIST otherwise."""
    trade_no = call.text("trade_no", 64, required=False)
    order_no = call.text("out_trade_no", 64, required=False)
    if not trade_no and not order_no:
        raise invalid("parameter", "trade_no 与 out_trade_no 不能同时为空")
    column = "trade_no" if trade_no else "out_trade_no"
    found = call.box.ledger.row(
        f"SELECT trades.*, users.logon FROM trades JOIN users USING (user_id) WHERE {column} = ? AND merchant_id = ?",
        trade_no or order_no,
        call.merchant(),
    )
    if found is None:
        raise business("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return found


def masked(text: str) -> str:
    """Hide the middle of an account name the wallet's way."""
    return text[:3] + "***" + text[text.find("@") if "@" in text else -2 :]


def query(call: Call) -> dict[str, Any]:
    """alipay.trade.query: one trade of the merchant."""
    trade = find(call)
    answer = {
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "buyer_logon_id": masked(trade["logon"]),
        "buyer_user_id": trade["user_id"],
        "trade_status": status(trade, call.box.now()),
        "total_amount": yuan(trade["total"]),
        "buyer_pay_amount": yuan(trade["total"]),
        "receipt_amount": yuan(trade["total"]),
        "invoice_amount": yuan(trade["total"]),
        "point_amount": "0.00",
        "send_pay_date": beijing(trade["paid_at"]),
        "fund_bill_list": [{"fund_channel": "ALIPAYACCOUNT", "amount": yuan(trade["total"])}],
    }
    optional = {name: trade[name] for name in ("store_id", "store_name", "terminal_id") if trade[name]}
    kind = call.box.ledger.value("SELECT merchant_type FROM merchants WHERE merchant_id = ?", trade["merchant_id"])
    if kind == "INDIRECT":
        optional["alipay_sub_merchant_id"] = trade["merchant_id"]
    return answer | optional
