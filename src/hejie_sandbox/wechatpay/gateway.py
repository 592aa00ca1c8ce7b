"""The API as one ASGI application under /v3: checked, acted on in one transaction, committed, then answered or not."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from hejie_sandbox.asgi import base_url, read_body, read_multipart
from hejie_sandbox.server import hang_up
from hejie_sandbox.wechatpay import bills, complaint_calls, partner_calls, trades, wire
from hejie_sandbox.wechatpay.wire import Call, RefusalError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

LARGEST_BODY = 3 * 1024 * 1024
_SERVICE = "/v3/merchant-service"
_COMPLAINTS, _NOTIFICATIONS, _IMAGES = (
    f"{_SERVICE}/{name}" for name in ("complaints-v2", "complaint-notifications", "images")
)
_UPLOAD = f"{_IMAGES}/upload"


class Method(NamedTuple):
    """One thing that can be asked, by its path, with one `*` for one part of it; a knob's method is `name`."""

    name: str
    verb: str
    path: str
    answer: Callable[[Call], dict[str, Any] | bytes | None]
    writes: bool = False

    def subject(self, path: str) -> str | None:
        """Return what stands where the pattern has its `*`; None where the path is another one."""
        before, star, after = self.path.partition("*")
        if not star:
            return "" if path == before else None
        inside = path[len(before) : len(path) - len(after)]
        fits = path.startswith(before) and path.endswith(after) and inside and "/" not in inside
        return inside if fits else None


METHODS = (
    Method("wechatpay.trade", "GET", "/v3/pay/partner/transactions/id/*", trades.query),
    Method("wechatpay.refund", "POST", "/v3/refund/domestic/refunds", trades.refund, writes=True),
    Method("wechatpay.refund_query", "GET", "/v3/refund/domestic/refunds/*", trades.refund_query),
    Method("wechatpay.tradebill", "GET", "/v3/bill/tradebill", bills.tradebill),
    Method("wechatpay.download", "GET", "/v3/billdownload/file", bills.download),
    Method("wechatpay.certificates", "GET", "/v3/certificates", partner_calls.list_certificates),
    Method("wechatpay.complaints", "GET", _COMPLAINTS, complaint_calls.list_complaints),
    Method("wechatpay.complaint", "GET", f"{_COMPLAINTS}/*", complaint_calls.query),
    Method("wechatpay.history", "GET", f"{_COMPLAINTS}/*/negotiation-historys", complaint_calls.history),
    Method("wechatpay.response", "POST", f"{_COMPLAINTS}/*/response", complaint_calls.respond, writes=True),
    Method("wechatpay.complete", "POST", f"{_COMPLAINTS}/*/complete", complaint_calls.complete, writes=True),
    Method(
        "wechatpay.progress",
        "POST",
        f"{_COMPLAINTS}/*/update-refund-progress",
        complaint_calls.judge_refund,
        writes=True,
    ),
    Method("wechatpay.upload", "POST", _UPLOAD, partner_calls.upload, writes=True),
    Method("wechatpay.image", "GET", f"{_IMAGES}/*", partner_calls.download),
    Method("wechatpay.notification", "GET", _NOTIFICATIONS, partner_calls.show_address),
    Method("wechatpay.notification", "POST", _NOTIFICATIONS, partner_calls.create_address, writes=True),
    Method("wechatpay.notification", "PUT", _NOTIFICATIONS, partner_calls.update_address, writes=True),
    Method("wechatpay.notification", "DELETE", _NOTIFICATIONS, partner_calls.delete_address, writes=True),
)


@dataclass
class Outcome:
    """What was decided inside the transaction, and the faults of its answer."""

    status: int
    body: bytes
    certified: bool = False
    delay: float = 0
    drop: bool = False
    forged: bool = False
    kind: str = "application/json; charset=utf-8"


async def gateway(box: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call."""
    body = await read_body(receive, LARGEST_BODY)
    outcome = _no(RefusalError(400, "PARAM_ERROR", "请求过大")) if body is None else _act(box, scope, body)
    if outcome.delay:
        await asyncio.sleep(outcome.delay)
    if outcome.drop:
        await hang_up(scope)
        return
    headers = {
        "content-type": outcome.kind,
        "content-length": str(len(outcome.body)),
        **wire.signature(box, outcome.body, certified=outcome.certified, forged=outcome.forged),
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": outcome.status, "headers": raw})
    await send({"type": "http.response.body", "body": outcome.body, "more_body": False})


def _act(box: Sandbox, scope: Scope, body: bytes) -> Outcome:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    query = scope["query_string"].decode("latin-1")
    target = f"{raw_path}?{query}" if query else raw_path
    verb = str(dict(scope).get("method", ""))
    with box.ledger.transaction():
        try:
            signed, file = _meta(headers, body) if (verb, raw_path) == ("POST", _UPLOAD) else (body, b"")
            partner = wire.authenticate(box, verb, target, headers.get("authorization", ""), signed)
            method, subject = _method(verb, raw_path)
            call = _call(box, partner, method, raw_path, query, signed, base_url(scope))
        except RefusalError as refused:
            return _no(refused)
        call = replace(call, subject=subject, file=file)
        return _fulfil(call, method, certified=bool(partner["certified"]))


def _meta(headers: Mapping[str, str], body: bytes) -> tuple[bytes, bytes]:
    """Return what is signed of an upload, and its file."""
    try:
        fields, files = read_multipart(body, headers.get("content-type", ""), "utf-8")
        return fields["meta"].encode(), files["file"]
    except (ValueError, KeyError):
        raise RefusalError(400, "PARAM_ERROR", "无法解析的请求") from None


def _method(verb: str, path: str) -> tuple[Method, str]:
    for each in METHODS:
        if each.verb == verb and (subject := each.subject(path)) is not None:
            return each, subject
    raise RefusalError(404, "RESOURCE_NOT_EXISTS", "接口不存在")


def _call(box: Sandbox, partner: sqlite3.Row, method: Method, path: str, query: str, body: bytes, base: str) -> Call:
    try:
        content = json.loads(body) if body else {}
        asked = dict(parse_qsl(query, strict_parsing=bool(query)))
    except ValueError:
        raise RefusalError(400, "PARAM_ERROR", "无法解析的请求") from None
    if not isinstance(content, dict):
        raise RefusalError(400, "PARAM_ERROR", "请求不是一个对象")
    return Call(box, partner, method.name, path, asked, content, base)


def _fulfil(call: Call, method: Method, *, certified: bool) -> Outcome:
    fires = call.box.knobs.fires
    delay, forged = fires("delay", method.name) or 0, fires("bad_signature", method.name) is not None
    how: dict[str, Any] = {"certified": certified, "delay": delay, "forged": forged}
    if fires("system_error", method.name) is not None:
        return _no(_UNAVAILABLE, **how)
    if fires("frequency_limited", method.name) is not None:
        return _no(_TOO_OFTEN, **how)
    try:
        if method.answer is trades.refund:
            trades.disturb(call)
        with call.box.ledger.transaction():
            told = method.answer(call)
    except RefusalError as refused:
        return _no(refused, **how)
    if method.writes and fires("system_error_after_commit", method.name) is not None:
        return _no(_UNAVAILABLE, **how)
    drop = method.writes and fires("drop_after_commit", method.name) is not None
    if fires("garbage", method.name) is not None:
        return Outcome(200, b'{"data": [', drop=drop, **how)
    if told is None:
        return Outcome(204, b"", drop=drop, **how)
    if isinstance(told, bytes):
        return Outcome(200, told, drop=drop, kind=partner_calls.kind_of(told) or "text/plain; charset=utf-8", **how)
    return Outcome(200, _json(told), drop=drop, **how)


_TOO_OFTEN = RefusalError(429, "FREQUENCY_LIMITED", "频率超限")
_UNAVAILABLE = RefusalError(500, "SYSTEM_ERROR", "系统异常，请稍后重试")


def _no(refused: RefusalError, **how: Any) -> Outcome:
    return Outcome(refused.status, _json({"code": refused.code, "message": refused.message}), **how)


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
