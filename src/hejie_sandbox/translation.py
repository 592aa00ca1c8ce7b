"""The translation engine (docs/protocol/translation.md): a few sentences it knows, a count for all others, faults."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from hejie_sandbox.asgi import answer, read_body
from hejie_sandbox.server import hang_up

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

ACCOUNT = "hejie"
LARGEST_BODY = 64 * 1024
SKEW_SECONDS = 300
KNOWN = (
    ("面是凉的。", "The noodles were cold."),
    ("请退一半。", "Please refund half."),
    ("面是按标准做的，不同意退款。", "The noodles were made as they should be; we do not agree to a refund."),
    ("我们愿意退一半。", "We are willing to refund half."),
)
"""Sentences in Chinese and English that it can really translate."""


class Question(Struct, frozen=True, kw_only=True):
    """The body of one request."""

    account: str
    text: str
    source: str = field(name="from")
    target: str = field(name="to")
    timestamp: int


def account(box: Sandbox) -> dict[str, str]:
    """The engine's one account; its secret is made on the first start."""
    if not box.ledger.meta("translation_secret"):
        with box.ledger.transaction():
            box.ledger.set_meta("translation_secret", token_hex(32))
    return {"account": ACCOUNT, "secret": box.ledger.meta("translation_secret")}


async def translate(box: Sandbox, scope: Scope, receive: Receive, reply: Send) -> None:
    """Answer one request at `/translate`."""
    raw = await read_body(receive, LARGEST_BODY)
    given = dict(scope["headers"]).get(b"x-translation-signature", b"").decode("latin-1")
    status, body = _answered(box, raw, given)
    if status == 200:  # noqa: PLR2004  what HTTP calls it
        with box.ledger.transaction():
            delay = box.knobs.fires("translation_slow") or 0
            drop = box.knobs.fires("translation_drop") is not None
            status, body = _spoilt(box, body)
        await asyncio.sleep(delay)
        if drop:
            await hang_up(scope)
            return
    await answer(reply, json.dumps(body).encode(), "application/json", status)


def _answered(box: Sandbox, raw: bytes | None, given: str) -> tuple[int, dict[str, Any]]:
    if raw is None:
        return 413, {"error": "too_large"}
    try:
        question = msgspec.json.decode(raw, type=Question)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return 400, {"error": "malformed"}
    text = f"{question.timestamp}.".encode() + raw
    right = hmac.new(account(box)["secret"].encode(), text, hashlib.sha256).hexdigest()
    if question.account != ACCOUNT or not hmac.compare_digest(right.encode(), given.encode("latin-1")):
        return 401, {"error": "bad_signature"}
    if min(abs(now - question.timestamp) for now in (box.clock.now(), time.time())) > SKEW_SECONDS:
        return 401, {"error": "stale_timestamp"}
    if question.target not in {"zh", "en"}:
        return 422, {"error": "language_unknown"}
    return 200, {"text": _translated(question)}


def _translated(question: Question) -> str:
    asked = question.text.strip()
    for zh, en in KNOWN:
        if asked in {zh, en}:
            return zh if question.target == "zh" else en
    count = len(asked)
    return f"（沙箱译文，原文{count}字）" if question.target == "zh" else f"(Sandbox translation of {count} characters)"


def _spoilt(box: Sandbox, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What a broken or hostile engine answers."""
    if box.knobs.fires("translation_unavailable") is not None:
        return 503, {"error": "unavailable"}
    if box.knobs.fires("translation_markup") is not None:
        return 200, {"text": f'<script>alert(1)</script><b onclick="x()">{body["text"]}</b>{{{{ 7 * 7 }}}}'}
    if box.knobs.fires("translation_control") is not None:
        return 200, {"text": f"\x00\u202e\x1b[31m{body['text']}\r\n\r\n\r\n\r\n\ufeff"}
    if box.knobs.fires("translation_long") is not None:
        return 200, {"text": body["text"] * 500}
    if box.knobs.fires("translation_garbage") is not None:
        return 200, {"text": ["not", "a", "text"]}
    return 200, body
