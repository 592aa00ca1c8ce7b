"""Receipts of text messages: queued with the message, signed with the account's secret, pushed until they are taken."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

RETRIES = (1, 10, 60, 600, 3600)
"""Seconds of the sandbox's clock between the tries."""
AT_ONCE = 16


def put(box: Sandbox, account: str, key: str, channel: str) -> None:
    """Decide what becomes of a message, inside the transaction that takes it."""
    fires, now = box.knobs.fires, box.clock.now()
    if fires("sms_no_receipt") is not None:
        return
    status, code = "delivered", ""
    if channel == "voice" and fires("voice_no_answer") is not None:
        status, code = "failed", "no_answer"
    elif fires("sms_number_gone") is not None:
        status, code = "failed", "number_gone"
    elif fires("sms_undelivered") is not None:
        status, code = "failed", "not_delivered"
    late = fires("sms_late_receipt") or 0
    forged = fires("sms_forged_receipt") is not None
    receipt = uuid4().hex
    for _ in range(1 if fires("sms_receipt_twice") is None else 2):
        box.ledger.insert(
            "sms_receipts", receipt_id=receipt, account=account, key=key, status=status, code=code, forged=forged,
            known_at=now + late, due_at=now + late,
        )  # fmt: skip


def known(box: Sandbox, account: str, key: str) -> dict[str, str]:
    """What the provider tells of a message when it is asked."""
    sql = "SELECT * FROM sms_receipts WHERE account = ? AND key = ? AND known_at <= ? ORDER BY id DESC"
    row = box.ledger.row(sql, account, key, box.clock.now())
    return {"status": "sent", "code": ""} if row is None else {"status": row["status"], "code": row["code"]}


def due(box: Sandbox) -> list[sqlite3.Row]:
    """Return the receipts to be pushed now, oldest first."""
    sql = "SELECT * FROM sms_receipts WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?"
    return box.ledger.rows(sql, box.clock.now(), AT_ONCE)


async def send(box: Sandbox, client: httpx.AsyncClient, receipt: sqlite3.Row) -> None:
    """Push one receipt once and book the answer; 200 ends it."""
    address = box.ledger.row("SELECT * FROM sms_addresses WHERE account = ?", receipt["account"])
    account = box.ledger.row("SELECT * FROM sms_accounts WHERE account = ?", receipt["account"])
    if address is None or account is None or not address["url"]:
        _book(box, receipt, "given_up")
        return
    stamp = box.now()
    names = ("receipt_id", "account", "key", "status", "code")
    raw = json.dumps({**{name: receipt[name] for name in names}, "timestamp": stamp}).encode()
    secret = "forged" if receipt["forged"] else account["secret"]
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-sms-signature": signature}
    try:
        answer = await client.post(address["url"], content=raw, headers=headers)
        taken = answer.status_code == httpx.codes.OK
    except (httpx.HTTPError, httpx.InvalidURL):
        taken = False
    _book(box, receipt, "done" if taken else "waiting")


def _book(box: Sandbox, receipt: sqlite3.Row, state: str) -> None:
    tries, due_at = receipt["attempts"] + 1, receipt["due_at"]
    if state == "waiting":
        state, due_at = (state, box.clock.now() + RETRIES[tries - 1]) if tries <= len(RETRIES) else ("given_up", due_at)
    with box.ledger.transaction():
        sql = "UPDATE sms_receipts SET state = ?, attempts = ?, due_at = ? WHERE id = ?"
        box.ledger.write(sql, state, tries, due_at, receipt["id"])
