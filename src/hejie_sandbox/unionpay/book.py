"""Transactions as UnionPay books them: numbers, clearing days, and money that moves once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hejie_sandbox.clock import BEIJING
from hejie_sandbox.sandbox import digits
from hejie_sandbox.unionpay.wire import RefusalError

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.unionpay.wire import Call

SETTLES_AFTER = 2
CLEARING_DAYS = 330
PENDING, DONE = "05", "00"


def stamp(at: float) -> str:
    """Return an instant as `YYYYMMDDhhmmss` in Beijing."""
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y%m%d%H%M%S")


def settle_date(at: float) -> str:
    """Return the clearing day: from 23:00 on it is the next one."""
    return (datetime.fromtimestamp(at, BEIJING) + timedelta(hours=1)).strftime("%Y%m%d")


def write(box: Sandbox, **row: Any) -> str:
    """Book a transaction and return its `queryId`: two digits, `yyMMddhhmmss`, the trace number, one digit."""
    trace = digits(6)
    number = f"{digits(2)}{row['txn_time'][2:]}{trace}8"
    box.ledger.insert(
        "up_transactions", query_id=number, trace_no=trace, settle_date=settle_date(row["settles_at"]), **row
    )
    return number


def find(box: Sandbox, mer_id: str, order_id: str, txn_time: str) -> sqlite3.Row | None:
    """Return a transaction by what the member called it."""
    sql = "SELECT * FROM up_transactions WHERE mer_id = ? AND order_id = ? AND txn_time = ?"
    return box.ledger.row(sql, mer_id, order_id, txn_time)


def disturb(call: Call) -> None:
    """Inject a refund's faults, for orders that are not booked yet."""
    known = find(call.box, call.form.get("merId", ""), call.form.get("orderId", ""), call.form.get("txnTime", ""))
    if known is None and call.box.knobs.fires("balance_short", "unionpay.refund") is not None:
        raise RefusalError("66", "余额不足")
    if known is None and call.box.knobs.fires("window_expired", "unionpay.refund") is not None:
        raise RefusalError("35", "原交易不存在或状态不正确")


def refund(call: Call) -> dict[str, str]:
    """Take a refund (04) or a void of the same clearing day (31): accepted now, booked two seconds later."""
    box, merchant, now = call.box, call.merchant(), call.box.now()
    order, txn_time, amount = call.need("orderId"), call.need("txnTime"), _amount(call.need("txnAmt"))
    before = find(box, merchant["mer_id"], order, txn_time)
    if before is not None:
        raise RefusalError("12", "重复交易")
    paid = box.ledger.row(
        "SELECT * FROM up_transactions WHERE query_id = ? AND txn_type = '01'", call.need("origQryId")
    )
    if paid is None or paid["mer_id"] != merchant["mer_id"]:
        raise RefusalError("35", "原交易不存在或状态不正确")
    if call.form["txnType"] == "31" and (amount != paid["amount"] or settle_date(now) != paid["settle_date"]):
        raise RefusalError("36", "与原交易信息不符")
    if now > paid["at"] + CLEARING_DAYS * 86400:
        raise RefusalError("35", "原交易不存在或状态不正确")
    if paid["refunded"] + amount > paid["amount"]:
        raise RefusalError("36", "与原交易信息不符")
    taken = "UPDATE up_merchants SET balance = balance - ? WHERE mer_id = ? AND balance >= ?"
    if not box.ledger.write(taken, amount, merchant["mer_id"], amount):
        raise RefusalError("66", "余额不足")
    box.ledger.write("UPDATE up_transactions SET refunded = refunded + ? WHERE query_id = ?", amount, paid["query_id"])
    number = write(
        box, mer_id=merchant["mer_id"], order_id=order, txn_time=txn_time, txn_type=call.form["txnType"],
        amount=amount, card=paid["card"], of_query_id=paid["query_id"], at=now, settles_at=now + SETTLES_AFTER,
    )  # fmt: skip
    return {"respCode": DONE, "respMsg": "成功[0000000]", "queryId": number, "origQryId": paid["query_id"]}


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("999999999999") and int(text) > 0):
        raise RefusalError("10", "报文格式错误")
    return int(text)


def query(call: Call) -> dict[str, str]:
    """Tell of one transaction; 34 where it is not known (yet), and 05 for one that is not through."""
    call.merchant()
    found = find(call.box, call.form["merId"], call.need("orderId"), call.need("txnTime"))
    if found is None:
        raise RefusalError("34", "查无此交易[2600000]")
    through = call.box.now() >= found["settles_at"]
    return {
        "respCode": DONE,
        "respMsg": "成功[0000000]",
        "queryId": found["query_id"],
        "txnType": found["txn_type"],
        "txnSubType": "01" if found["txn_type"] == "01" else "00",
        "txnAmt": str(found["amount"]),
        "currencyCode": "156",
        "settleAmt": str(found["amount"]),
        "settleCurrencyCode": "156",
        "settleDate": found["settle_date"][4:],
        "traceNo": found["trace_no"],
        "traceTime": found["txn_time"][4:],
        "origRespCode": DONE if through else PENDING,
        "origRespMsg": "成功[0000000]" if through else "交易已受理，请稍后查询",
    }
