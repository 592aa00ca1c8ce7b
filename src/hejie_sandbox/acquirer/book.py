"""The bank's own books: merchants, payments, and refunds by the asker's key, each of which moves money once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hejie_sandbox.acquirer.wire import RefusalError
from hejie_sandbox.clock import BEIJING

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

SETTLES_AFTER = 2
WINDOW = 365 * 86400


def instant(at: float) -> str:
    """Return an instant in ISO 8601, Beijing."""
    return datetime.fromtimestamp(at, BEIJING).isoformat()


def payment(box: Sandbox, bank: str, number: str) -> dict[str, Any]:
    """Tell of one payment."""
    row = _paid(box, bank, number)
    return {
        "payment": row["payment"],
        "merchant": row["merchant"],
        "terminal": row["terminal"],
        "order": row["order_no"],
        "state": "paid" if row["refunded"] < row["amount"] else "reversed",
        "refundable": row["refunded"] < row["amount"],
        "amount_fen": row["amount"],
        "paid_at": instant(row["paid_at"]),
    }


def _paid(box: Sandbox, bank: str, number: str) -> sqlite3.Row:
    row = box.ledger.row("SELECT * FROM aq_payments WHERE bank = ? AND payment = ?", bank, number)
    if row is None:
        raise RefusalError(404, "payment_unknown")
    return row


def refund(box: Sandbox, bank: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Take a refund: accepted now, through two seconds later; a known key is told of again."""
    key, number, amount = asked.get("key"), asked.get("payment"), asked.get("amount_fen")
    if not (isinstance(key, str) and isinstance(number, str) and type(amount) is int and amount > 0):
        raise RefusalError(400, "body_invalid")
    before = box.ledger.row("SELECT * FROM aq_refunds WHERE bank = ? AND key = ?", bank, key)
    if before is not None:
        if (before["payment"], before["amount"]) != (number, amount):
            raise RefusalError(409, "key_reused")
        return told(box, before)
    paid = _paid(box, bank, number)
    merchant = box.ledger.row("SELECT * FROM aq_merchants WHERE bank = ? AND number = ?", bank, paid["merchant"])
    if merchant is None or asked.get("merchant") != paid["merchant"] or not merchant["allows"]:
        raise RefusalError(422, "not_allowed")
    if asked.get("currency") != "CNY":
        raise RefusalError(422, "currency_wrong")
    if box.now() > paid["paid_at"] + WINDOW or box.knobs.fires("window_expired", "acquirer.refund") is not None:
        raise RefusalError(422, "window_expired")
    if paid["refunded"] + amount > paid["amount"]:
        raise RefusalError(422, "amount_too_large")
    if merchant["balance"] < amount or box.knobs.fires("balance_short", "acquirer.refund") is not None:
        raise RefusalError(422, "balance_short")
    write = box.ledger.write
    write("UPDATE aq_merchants SET balance = balance - ? WHERE bank = ? AND number = ?", amount, bank, paid["merchant"])
    write("UPDATE aq_payments SET refunded = refunded + ? WHERE bank = ? AND payment = ?", amount, bank, number)
    box.ledger.insert(
        "aq_refunds", bank=bank, key=key, payment=number, amount=amount, at=box.now(),
        settles_at=box.now() + SETTLES_AFTER,
    )  # fmt: skip
    return refund_of(box, bank, key)


def refund_of(box: Sandbox, bank: str, key: str) -> dict[str, Any]:
    """Tell of one refund by its key."""
    row = box.ledger.row("SELECT * FROM aq_refunds WHERE bank = ? AND key = ?", bank, key)
    if row is None:
        raise RefusalError(404, "refund_unknown")
    return told(box, row)


def told(box: Sandbox, row: sqlite3.Row) -> dict[str, Any]:
    """Return a refund as it travels."""
    through = box.now() >= row["settles_at"]
    return {
        "key": row["key"],
        "payment": row["payment"],
        "state": "succeeded" if through else "accepted",
        "amount_fen": row["amount"],
        "code": "",
        "mendable": False,
        "moved_at": instant(row["settles_at"]) if through else None,
    }


def statement(box: Sandbox, bank: str, merchant: str, day: str) -> dict[str, Any]:
    """Tell of one merchant's day; days end at midnight here."""
    try:
        begin = datetime.fromisoformat(day).replace(tzinfo=BEIJING).timestamp()
    except ValueError:
        raise RefusalError(400, "body_invalid") from None
    if box.now() < begin + 86400:
        raise RefusalError(404, "statement_not_ready")
    span = (bank, merchant, begin, begin + 86400)
    paid = "SELECT * FROM aq_payments WHERE bank = ? AND merchant = ? AND paid_at >= ? AND paid_at < ?"
    back = (
        "SELECT r.*, p.order_no, p.terminal FROM aq_refunds r JOIN aq_payments p USING (bank, payment)"
        " WHERE r.bank = ? AND p.merchant = ? AND r.settles_at >= ? AND r.settles_at < ?"
    )
    payments = [_row("payment", row, row["paid_at"]) | {"key": ""} for row in box.ledger.rows(paid, *span)]
    refunds = [_row("refund", row, row["settles_at"]) | {"key": row["key"]} for row in box.ledger.rows(back, *span)]
    return {"rows": payments + refunds}


def _row(kind: str, row: sqlite3.Row, at: float) -> dict[str, Any]:
    same = {"payment": row["payment"], "order": row["order_no"], "amount_fen": row["amount"]}
    return {"kind": kind, "at": instant(at), "terminal": row["terminal"], **same}


def trace(box: Sandbox, bank: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Tell which payments one reference may mean; nobody is told who does not say what for."""
    if not asked.get("purpose") or not asked.get("dispute"):
        raise RefusalError(422, "purpose_missing")
    if asked.get("number"):
        sql = "SELECT * FROM aq_payments WHERE bank = ? AND (payment = ? OR order_no = ?)"
        rows = box.ledger.rows(sql, bank, asked["number"], asked["number"])
    elif asked.get("terminal") and asked.get("at"):
        try:
            at = datetime.fromisoformat(str(asked["at"])).timestamp()
        except ValueError:
            raise RefusalError(422, "reference_unreadable") from None
        sql = "SELECT * FROM aq_payments WHERE bank = ? AND terminal = ? AND abs(paid_at - ?) <= 60"
        rows = box.ledger.rows(sql, bank, asked["terminal"], at)
    else:
        raise RefusalError(422, "reference_unreadable")
    box.ledger.insert("aq_asked", bank=bank, purpose=asked["purpose"], dispute=asked["dispute"], at=box.now())
    wanted = ("payment", "merchant", "terminal", "paid_at", "amount_fen")
    found = [(payment(box, bank, row["payment"]), row["refunded"]) for row in rows]
    return {"answers": [{name: each[name] for name in wanted} | {"refunded_fen": back} for each, back in found]}
