"""The bank as one ASGI application: requests checked, acted on in one transaction, committed, then answered or not."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from hejie_sandbox.acquirer import book, wire
from hejie_sandbox.acquirer.wire import Heard, RefusalError
from hejie_sandbox.asgi import base_url, read_body
from hejie_sandbox.server import hang_up

if TYPE_CHECKING:
    import sqlite3

    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

LARGEST_BODY = 64 * 1024
_DEPTH = 4


class Outcome(NamedTuple):
    """What was decided inside the transaction, and the faults of its answer."""

    status: int
    kind: str
    body: bytes
    headers: dict[str, str]
    delay: float = 0
    drop: bool = False


async def gateway(box: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call to `/acquirer/BANK/v1/...`."""
    body = await read_body(receive, LARGEST_BODY) or b""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    method = str(scope.get("method", ""))
    heard = Heard(method, f"{base_url(scope)}{path}", headers, body)
    parts = [unquote(part) for part in path.strip("/").split("/")]
    with box.ledger.transaction():
        outcome = _act(box, heard, parts)
    await reply(outcome, scope, send)


async def reply(outcome: Outcome, scope: Scope, send: Send) -> None:
    """Send what was decided, late or not at all where its faults say so."""
    if outcome.delay:
        await asyncio.sleep(outcome.delay)
    if outcome.drop:
        await hang_up(scope)
        return
    pairs = {"content-type": outcome.kind, "content-length": str(len(outcome.body)), **outcome.headers}
    sent = [(name.encode(), value.encode()) for name, value in pairs.items()]
    await send({"type": "http.response.start", "status": outcome.status, "headers": sent})
    await send({"type": "http.response.body", "body": outcome.body, "more_body": False})


def _act(box: Sandbox, heard: Heard, parts: list[str]) -> Outcome:
    bank = box.ledger.row("SELECT * FROM aq_banks WHERE id = ?", parts[1] if len(parts) > 1 else "")
    if bank is None or len(parts) < _DEPTH or parts[2] != "v1":
        return Outcome(404, "text/plain", b"no such bank", {})
    method, fires = f"acquirer.{parts[3]}", box.knobs.fires
    delay, forged = fires("delay", method) or 0, fires("bad_signature", method) is not None
    if fires("system_error", method) is not None:
        return Outcome(502, "text/plain", b"", {}, delay)
    status, kind, told = 200, "application/json", {}
    try:
        wire.authenticate(box, bank, heard)
        with box.ledger.transaction():
            told = _answer(box, bank, heard, parts[3:])
    except RefusalError as refused:
        status, kind, told = refused.status, "application/problem+json", problem(refused)
    body = json.dumps(told, ensure_ascii=False).encode()
    writes = heard.method == "POST"
    if writes and fires("system_error_after_commit", method) is not None:
        return Outcome(503, "text/plain", b"", {}, delay)
    if fires("garbage", method) is not None:
        body = body[:-2]
    headers = wire.answer_headers(box, bank, heard, status, kind, body, forged=forged)
    return Outcome(status, kind, body, headers, delay, writes and fires("drop_after_commit", method) is not None)


def problem(refused: RefusalError) -> dict[str, Any]:
    """Return a refusal as it travels (RFC 9457)."""
    return {"type": f"urn:bank:{refused.code}", "title": refused.code, "status": refused.status, "code": refused.code}


def _answer(box: Sandbox, bank: sqlite3.Row, heard: Heard, parts: list[str]) -> dict[str, Any]:
    match heard.method, parts:
        case "GET", ["payments", number]:
            return book.payment(box, bank["id"], number)
        case "GET", ["refunds", key]:
            return book.refund_of(box, bank["id"], key)
        case "GET", ["statements", merchant, day]:
            return book.statement(box, bank["id"], merchant, day)
        case "POST", ["refunds"]:
            asked = read(heard)
            if heard.headers.get("idempotency-key") != asked.get("key"):
                raise RefusalError(400, "body_invalid")
            return book.refund(box, bank["id"], asked)
        case "POST", ["traces"]:
            return book.trace(box, bank["id"], read(heard))
        case _:
            raise RefusalError(404, "page_unknown")


def read(heard: Heard) -> dict[str, Any]:
    """Return a request's JSON object; RefusalError 400 for anything else."""
    try:
        told = json.loads(heard.body)
    except ValueError:
        raise RefusalError(400, "json_broken") from None
    if not isinstance(told, dict):
        raise RefusalError(400, "body_invalid")
    return told
