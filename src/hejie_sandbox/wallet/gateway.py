"""The gateway as one ASGI application: read, check, act in one transaction, commit, then answer (or not)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from secrets import choice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from hejie_sandbox.asgi import answer, base_url, read_body, read_multipart
from hejie_sandbox.server import hang_up
from hejie_sandbox.wallet import wire
from hejie_sandbox.wallet.methods import METHODS, Method
from hejie_sandbox.wallet.refusals import GatewayError, business, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

LARGEST_BODY = 6 * 1024 * 1024


@dataclass
class Outcome:
    """What was decided inside the transaction: the result, and the faults of its answer."""

    result: Mapping[str, Any] | GatewayError
    delay: float = 0
    drop: bool = False
    forged: bool = False


@dataclass(frozen=True)
class Request:
    """The decoded parameters and files of a request."""

    params: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


async def gateway(box: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call at `/gateway.do`."""
    try:
        request = await _read(scope, receive)
        outcome = _act(box, request, base_url(scope))
    except GatewayError as refused:
        request, outcome = Request(), Outcome(refused)
    if outcome.delay:
        await asyncio.sleep(outcome.delay)
    if outcome.drop:
        await hang_up(scope)
        return
    await answer(send, wire.reply(box, request.params, outcome.result, forged=outcome.forged), "application/json")


async def _read(scope: Scope, receive: Receive) -> Request:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    charset = wire.CHARSETS.get(query.get("charset", "utf-8").lower(), "utf-8")
    body = await read_body(receive, LARGEST_BODY)
    if body is None:
        raise invalid("parameter", "请求过大")
    kind = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
    try:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), encoding=charset, errors="strict"))
        if kind.startswith("multipart/form-data"):
            fields, files = read_multipart(body, kind, charset)
            return Request(query | fields, files)
        return Request(query | dict(parse_qsl(body.decode("latin-1"), encoding=charset, errors="strict")))
    except ValueError:
        raise invalid("parameter", "无法解析的请求") from None


def _act(box: Sandbox, request: Request, base: str) -> Outcome:
    with box.ledger.transaction():
        try:
            call = wire.authenticate(box, request.params, request.files, METHODS, base)
        except GatewayError as refused:
            return Outcome(refused)
        return _fulfil(call, METHODS[call.method])


def _fulfil(call: wire.Call, method: Method) -> Outcome:
    knobs = call.box.knobs
    delay = knobs.fires("delay", call.method) or 0
    forged = knobs.fires("bad_signature", call.method) is not None
    if knobs.fires("system_error", call.method) is not None:
        return Outcome(_unavailable(method), delay, forged=forged)
    try:
        if method.disturb:
            method.disturb(call)
        with call.box.ledger.transaction():
            result = method.answer(call)
    except GatewayError as refused:
        return Outcome(refused, delay, forged=forged)
    if method.writes and knobs.fires("system_error_after_commit", call.method) is not None:
        return Outcome(_unavailable(method), delay, forged=forged)
    drop = method.writes and knobs.fires("drop_after_commit", call.method) is not None
    return Outcome(result, delay, drop=drop, forged=forged)


def _unavailable(method: Method) -> GatewayError:
    if choice((True, False)):
        return GatewayError("20000", "aop.unknow-error", "服务暂不可用")
    return business(method.unavailable, "系统异常")
