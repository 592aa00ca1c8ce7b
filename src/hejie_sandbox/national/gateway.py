"""12315 as one ASGI application: requests checked, acted on in one transaction, committed, then answered or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from hejie_sandbox.acquirer import wire
from hejie_sandbox.acquirer.gateway import Outcome, problem, read, reply
from hejie_sandbox.acquirer.wire import Heard, RefusalError
from hejie_sandbox.asgi import base_url, read_body
from hejie_sandbox.national import book

if TYPE_CHECKING:
    import sqlite3

    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

LARGEST_BODY = 512 * 1024
TAG = "hejie-12315"
_DEPTH = 4


async def gateway(box: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call to `/national/CITY/v1/handoffs...`."""
    body = await read_body(receive, LARGEST_BODY) or b""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    heard = Heard(str(scope.get("method", "")), f"{base_url(scope)}{path}", headers, body)
    with box.ledger.transaction():
        outcome = _act(box, heard, [unquote(part) for part in path.strip("/").split("/")])
    await reply(outcome, scope, send)


def _act(box: Sandbox, heard: Heard, parts: list[str]) -> Outcome:
    city = box.ledger.row("SELECT * FROM nat_cities WHERE id = ?", parts[1] if len(parts) > 1 else "")
    if city is None or len(parts) < _DEPTH or parts[2:4] != ["v1", "handoffs"]:
        return Outcome(404, "text/plain", b"no such city", {})
    method, fires = f"national.{'submit' if heard.method == 'POST' else 'ask'}", box.knobs.fires
    delay, forged = fires("delay", method) or 0, fires("bad_signature", method) is not None
    if fires("system_error", method) is not None:
        return Outcome(502, "text/plain", b"", {}, delay)
    status, kind = 200, "application/json"
    try:
        wire.authenticate(box, city, heard, TAG)
        with box.ledger.transaction():
            told = _answer(box, city, heard, parts[4:])
    except RefusalError as refused:
        status, kind, told = refused.status, "application/problem+json", problem(refused)
    body = json.dumps(told, ensure_ascii=False).encode()
    if fires("system_error_after_commit", method) is not None:
        return Outcome(503, "text/plain", b"", {}, delay)
    if fires("garbage", method) is not None:
        body = body[:-2]
    own = box.keys.national
    headers = wire.answer_headers(box, city, heard, status, kind, body, forged=forged, tag=TAG, key=own)
    return Outcome(status, kind, body, headers, delay, fires("drop_after_commit", method) is not None)


def _answer(box: Sandbox, city: sqlite3.Row, heard: Heard, rest: list[str]) -> dict[str, Any]:
    match heard.method, rest:
        case "POST", []:
            asked = read(heard)
            if heard.headers.get("idempotency-key") != asked.get("key"):
                raise RefusalError(400, "body_invalid")
            return book.submit(box, city, asked)
        case "GET", [key]:
            return book.find(box, city["id"], key)
        case _:
            raise RefusalError(404, "page_unknown")
