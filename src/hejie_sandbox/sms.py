"""The SMS provider (docs/protocol/sms.md): one message per key, an outbox, faults."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import msgspec
from msgspec import Struct, field

from hejie_sandbox import sms_receipts
from hejie_sandbox.asgi import answer, read_body
from hejie_sandbox.server import hang_up

if TYPE_CHECKING:
    import sqlite3

    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

LARGEST_BODY = 64 * 1024
SKEW_SECONDS = 300
PER_MINUTE = 30
"""Messages a minute to one number, unless the account has another limit."""
ANY_TEMPLATE = "*"
DEFAULT_ACCOUNT = "hejie"


class Message(Struct, frozen=True, kw_only=True):
    """The body of one request; `key` is the caller's own, unique for ever."""

    account: str
    key: str
    to: str
    signature_name: str
    template: str
    text: str
    timestamp: int
    params: dict[str, str] = field(default_factory=dict)
    channel: Literal["text", "voice"] = "text"
    """A voice call reads the text aloud."""


class RefusedError(Exception):
    """A request that the provider refuses."""

    def __init__(self, status: int, code: str, **more: int) -> None:
        super().__init__(code)
        self.status, self.code, self.more = status, code, more


def put_account(box: Sandbox, account: str, secret: str, templates: list[str], per_minute: int = PER_MINUTE) -> None:
    """Register an account, its secret, its templates (`*` = any) and how much one number may get."""
    row = {"account": account, "secret": secret, "templates": json.dumps(templates), "per_minute": per_minute}
    with box.ledger.transaction():
        box.ledger.insert("sms_accounts", replace=True, **row)


def first_account(box: Sandbox) -> sqlite3.Row:
    """Return the account made on the first start: name, random secret, any template."""
    sql = "SELECT * FROM sms_accounts WHERE account = ?"
    if box.ledger.row(sql, DEFAULT_ACCOUNT) is None:
        put_account(box, DEFAULT_ACCOUNT, token_hex(32), [ANY_TEMPLATE])
    found = box.ledger.row(sql, DEFAULT_ACCOUNT)
    if found is None:
        raise KeyError(DEFAULT_ACCOUNT)
    return found


async def send(box: Sandbox, scope: Scope, receive: Receive, reply: Send) -> None:
    """Answer one request at `/sms/send`."""
    delay, drop, status = 0.0, False, 200
    body: dict[str, Any] = {}
    try:
        raw = await read_body(receive, LARGEST_BODY)
        given = dict(scope["headers"]).get(b"x-sms-signature", b"").decode("latin-1")
        with box.ledger.transaction():
            if box.knobs.fires("sms_unavailable") is not None:
                status, body = 503, {"error": "unavailable"}
            else:
                body = {"message_id": _accept(box, raw, given), "status": "queued"}
                delay = box.knobs.fires("sms_slow") or 0
                drop = box.knobs.fires("sms_drop_after_commit") is not None
    except RefusedError as refused:
        status, body = refused.status, {"error": refused.code, **refused.more}
    if delay:
        await asyncio.sleep(delay)
    if drop:
        await hang_up(scope)
        return
    await answer(reply, json.dumps(body).encode(), "application/json", status)


async def query(box: Sandbox, scope: Scope, receive: Receive, reply: Send) -> None:
    """Answer one request at `/sms/query`: what became of a message."""
    status, body = 200, {}
    try:
        raw = await read_body(receive, LARGEST_BODY)
        given = dict(scope["headers"]).get(b"x-sms-signature", b"").decode("latin-1")
        body = _status(box, raw, given)
    except RefusedError as refused:
        status, body = refused.status, {"error": refused.code}
    await answer(reply, json.dumps(body).encode(), "application/json", status)


class Question(Struct, frozen=True, kw_only=True):
    """The body of a question."""

    account: str
    key: str
    timestamp: int


def _status(box: Sandbox, raw: bytes | None, given: str) -> dict[str, str]:
    try:
        question = msgspec.json.decode(raw or b"", type=Question)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise RefusedError(400, "malformed") from None
    account = box.ledger.row("SELECT * FROM sms_accounts WHERE account = ?", question.account)
    _check_signature(box, account, question, raw or b"", given)
    if box.ledger.row("SELECT 1 FROM sms WHERE account = ? AND key = ?", question.account, question.key) is None:
        raise RefusedError(404, "unknown_key")
    return sms_receipts.known(box, question.account, question.key)


def put_address(box: Sandbox, account: str, url: str, per_second: int = 0) -> None:
    """Say where an account's receipts go, and how many messages a second it may send (0: any)."""
    with box.ledger.transaction():
        box.ledger.insert("sms_addresses", replace=True, account=account, url=url, per_second=per_second)


def _accept(box: Sandbox, raw: bytes | None, given: str) -> str:
    if raw is None:
        raise RefusedError(413, "too_large")
    try:
        message = msgspec.json.decode(raw, type=Message)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise RefusedError(400, "malformed") from None
    account = box.ledger.row("SELECT * FROM sms_accounts WHERE account = ?", message.account)
    _check_signature(box, account, message, raw, given)
    if account is None or not _known(account, message.template):
        raise RefusedError(422, "unknown_template")
    if not (message.to.isascii() and message.to.isdigit() and message.key and message.text):
        raise RefusedError(422, "bad_message")
    return _store(box, message, account["per_minute"])


def _check_signature(
    box: Sandbox, account: sqlite3.Row | None, message: Message | Question, raw: bytes, given: str
) -> None:
    secret = account["secret"] if account else token_hex(32)
    text = f"{message.timestamp}.".encode() + raw
    right = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    if account is None or not hmac.compare_digest(right.encode(), given.encode()):
        raise RefusedError(401, "bad_signature")
    if min(abs(now - message.timestamp) for now in (box.clock.now(), time.time())) > SKEW_SECONDS:
        raise RefusedError(401, "stale_timestamp")


def _known(account: sqlite3.Row, template: str) -> bool:
    templates = json.loads(account["templates"])
    return ANY_TEMPLATE in templates or template in templates


def _store(box: Sandbox, message: Message, per_minute: int) -> str:
    parts = (message.to, message.signature_name, message.template, message.params, message.text, message.channel)
    digest = hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
    before = box.ledger.row("SELECT * FROM sms WHERE account = ? AND key = ?", message.account, message.key)
    if before is not None:
        if before["body_digest"] != digest:
            raise RefusedError(409, "key_reused")
        return str(before["message_id"])
    now = box.clock.now()
    if box.ledger.value("SELECT count(*) FROM sms WHERE recipient = ? AND at > ?", message.to, now - 60) >= per_minute:
        raise RefusedError(429, "too_many", retry_after=60)
    address = box.ledger.row("SELECT * FROM sms_addresses WHERE account = ?", message.account)
    in_second = "SELECT count(*) FROM sms WHERE account = ? AND at > ?"
    if (
        address
        and address["per_second"]
        and box.ledger.value(in_second, message.account, now - 1) >= address["per_second"]
    ):
        raise RefusedError(429, "too_fast", retry_after=1)
    message_id = uuid4().hex
    box.ledger.insert(
        "sms", message_id=message_id, account=message.account, key=message.key, body_digest=digest,
        recipient=message.to, signature_name=message.signature_name, template=message.template,
        params=json.dumps(message.params, ensure_ascii=False), text=message.text, at=now,
    )  # fmt: skip
    if message.channel == "voice":
        box.ledger.insert("sms_calls", message_id=message_id)
    sms_receipts.put(box, message.account, message.key, message.channel)
    return message_id


def outbox(box: Sandbox, to: str = "", limit: int = 200) -> list[dict[str, Any]]:
    """Return messages sent, newest first; `to` limits them to one number."""
    sql = (
        "SELECT *, CASE WHEN message_id IN (SELECT message_id FROM sms_calls) THEN 'voice' ELSE 'text' END channel"
        " FROM sms WHERE ? IN ('', recipient) ORDER BY id DESC LIMIT ?"
    )
    names = ("message_id", "account", "key", "signature_name", "template", "text", "channel", "at")
    return [
        {name: row[name] for name in names} | {"to": row["recipient"], "params": json.loads(row["params"])}
        for row in box.ledger.rows(sql, to, limit)
    ]
