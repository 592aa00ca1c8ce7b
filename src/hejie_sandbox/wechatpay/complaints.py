"""Complaints as WeChat Pay holds them: a payer's steps, the history, refunds that arrive; every step is pushed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hejie_sandbox.sandbox import dated_number
from hejie_sandbox.wechatpay import pushes

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

PENDING, PROCESSING, PROCESSED = "PENDING", "PROCESSING", "PROCESSED"
PROBLEM = re.compile("[A-Z][A-Z_]{0,63}")
"""A kind of problem: REFUND, SERVICE_NOT_WORK and OTHERS are published, and more may come."""
PAYER, MERCHANT, PLATFORM = "投诉人", "商家", "系统"
_OF_PAYMENT = "transaction_id = ? AND state != 'PROCESSED'"


class OutOfOrderError(ValueError):
    """The complaint is not where this step starts."""


def get(box: Sandbox, complaint_id: str) -> sqlite3.Row:
    """Return one complaint as of now; KeyError where there is none."""
    take_refunds(box)
    found = box.ledger.row("SELECT * FROM wx_complaints WHERE complaint_id = ?", complaint_id)
    if found is None:
        raise KeyError(complaint_id)
    return found


def complain(
    box: Sandbox, *, transaction_id: str, detail: str, problem_type: str = "REFUND", description: str = "",
    apply_refund_amount: int = 0, phone: str = "", mchid: str = "", media: str = "",
) -> str:  # fmt: skip
    """A payer complains of a payment; return the number. Money in fen; ValueError for what cannot be, or a second."""
    trade = box.ledger.row("SELECT * FROM wx_trades WHERE transaction_id = ?", transaction_id)
    partner = mchid or box.ledger.value("SELECT mchid FROM wx_partners ORDER BY rowid LIMIT 1")
    if trade is None or not partner:
        raise KeyError(transaction_id)
    if PROBLEM.fullmatch(problem_type) is None or not detail.strip() or not 0 <= apply_refund_amount <= trade["total"]:
        raise ValueError("no such problem, nothing said, or more than was paid")
    with box.ledger.transaction():
        if box.ledger.row(f"SELECT 1 FROM wx_complaints WHERE {_OF_PAYMENT}", transaction_id):
            raise ValueError("this payment already stands in an open complaint")
        number, now = dated_number(box.now(), "2002", 28), box.now()
        asked = (apply_refund_amount or trade["total"]) if problem_type == "REFUND" else 0
        box.ledger.insert(
            "wx_complaints", complaint_id=number, mchid=partner, sub_mchid=trade["sub_mchid"],
            transaction_id=transaction_id, state=PENDING, problem_type=problem_type,
            problem_description=description or "申请退款", detail=detail.strip()[:200], apply_refund_amount=asked,
            phone=phone, media=media, created_at=now,
        )  # fmt: skip
        note(box, number, PAYER, "USER_CREATE_COMPLAINT", detail.strip()[:200], media)
        tell(box, number, "CREATE_COMPLAINT")
    return number


def note(
    box: Sandbox, complaint_id: str, operator: str, kind: str, details: str = "", images: str = "", log_id: str = ""
) -> None:
    """Write a line of the history."""
    box.ledger.insert(
        "wx_negotiations", complaint_id=complaint_id, log_id=log_id or dated_number(box.now(), "3003", 28),
        operator=operator, operate_type=kind, details=details, images=images, at=box.now(),
    )  # fmt: skip


def history(box: Sandbox, complaint_id: str) -> list[sqlite3.Row]:
    """Return the history, newest first."""
    return box.ledger.rows("SELECT * FROM wx_negotiations WHERE complaint_id = ? ORDER BY id DESC", complaint_id)


def tell(box: Sandbox, complaint_id: str, action: str) -> None:
    """Push a step to the partner, if it has named an address."""
    mchid = box.ledger.value("SELECT mchid FROM wx_complaints WHERE complaint_id = ?", complaint_id)
    url = box.ledger.value("SELECT url FROM wx_notifications WHERE mchid = ?", mchid)
    event = "COMPLAINT.CREATE" if action == "CREATE_COMPLAINT" else "COMPLAINT.STATE_CHANGE"
    pushes.put(box, str(mchid), url or "", event, {"complaint_id": complaint_id, "action_type": action})


def change(box: Sandbox, complaint_id: str, **columns: object) -> None:
    """Write columns of one complaint."""
    names = ", ".join(f"{name} = ?" for name in columns)
    box.ledger.write(f"UPDATE wx_complaints SET {names} WHERE complaint_id = ?", *columns.values(), complaint_id)


def say(box: Sandbox, complaint_id: str, words: str, images: str = "") -> None:
    """The payer writes, with pictures or without; an open complaint waits for an answer again."""
    with box.ledger.transaction():
        _open(box, complaint_id)
        if not words.strip():
            raise ValueError("nothing said")
        change(box, complaint_id, incoming=1)
        note(box, complaint_id, PAYER, "USER_RESPONSE", words.strip()[:200], images)
        tell(box, complaint_id, "USER_RESPONSE")


def go_on(box: Sandbox, complaint_id: str, words: str) -> None:
    """The payer complains once more of the same: it is to be handled from the beginning."""
    with box.ledger.transaction():
        times = get(box, complaint_id)["times"] + 1
        change(box, complaint_id, state=PENDING, incoming=1, times=times, judged="")
        note(box, complaint_id, PAYER, "USER_CONTINUE_COMPLAINT", words.strip()[:200])
        tell(box, complaint_id, "CONTINUE_COMPLAINT")


def confirm(box: Sandbox, complaint_id: str, words: str) -> None:
    """The payer says that it is solved (spelt as WeChat Pay spells it)."""
    _end(box, complaint_id, "USER_COMFIRM_COMPLAINT", words)


def revoke(box: Sandbox, complaint_id: str, words: str) -> None:
    """The payer withdraws."""
    _end(box, complaint_id, "USER_REVOKE_COMPLAINT", words)


def ask_platform(box: Sandbox, complaint_id: str, words: str) -> None:
    """The payer asks WeChat Pay itself to help."""
    with box.ledger.transaction():
        _open(box, complaint_id)
        change(box, complaint_id, in_platform=1)
        note(box, complaint_id, PAYER, "USER_APPLY_PLATFORM_SERVICE", words.strip()[:200])
        tell(box, complaint_id, "USER_APPLY_PLATFORM_SERVICE")


def platform_ends(box: Sandbox, complaint_id: str, words: str) -> None:
    """WeChat Pay's help is over."""
    with box.ledger.transaction():
        _open(box, complaint_id)
        change(box, complaint_id, in_platform=0)
        note(box, complaint_id, PLATFORM, "PLATFORM_SERVICE_FINISHED", words.strip()[:200])
        tell(box, complaint_id, "PLATFORM_SERVICE_FINISHED")


STEPS = {
    "continue": go_on,
    "confirm": confirm,
    "revoke": revoke,
    "ask_platform": ask_platform,
    "platform_ends": platform_ends,
}


def _open(box: Sandbox, complaint_id: str) -> sqlite3.Row:
    found = get(box, complaint_id)
    if found["state"] == PROCESSED:
        raise OutOfOrderError("the complaint is over")
    return found


def _end(box: Sandbox, complaint_id: str, kind: str, words: str) -> None:
    with box.ledger.transaction():
        _open(box, complaint_id)
        change(box, complaint_id, state=PROCESSED, incoming=0, in_platform=0)
        note(box, complaint_id, PAYER, kind, words.strip()[:200])
        tell(box, complaint_id, kind)


def take_refunds(box: Sandbox) -> None:
    """Note money that has arrived; with all of it back, or what was approved, a complaint is over."""
    arrived = box.ledger.rows(
        "SELECT c.complaint_id, c.judged, c.apply_refund_amount, r.refund_id, r.amount, t.total, t.refunded"
        " FROM wx_complaints c JOIN wx_refunds r USING (transaction_id) JOIN wx_trades t USING (transaction_id)"
        " WHERE r.settles_at <= ? AND r.at >= c.created_at AND c.state != 'PROCESSED'"
        " AND NOT EXISTS (SELECT 1 FROM wx_negotiations n WHERE n.log_id = r.refund_id)",
        box.clock.now(),
    )
    for row in arrived:
        with box.ledger.transaction():
            full = row["refunded"] >= row["total"]
            kind = f"COMPLAINT_{'FULL' if full else 'PARTIAL'}_REFUNDED_SYSTEM_MESSAGE"
            note(box, row["complaint_id"], PLATFORM, kind, f"退款 {row['amount']} 分", log_id=row["refund_id"])
            if full or (row["judged"] == "APPROVE" and row["amount"] >= row["apply_refund_amount"]):
                change(box, row["complaint_id"], state=PROCESSED, incoming=0, in_platform=0)
            tell(box, row["complaint_id"], "REFUND_SUCCESS")
