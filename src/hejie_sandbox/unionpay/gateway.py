"""The gateway as one ASGI application: forms checked, acted on in one transaction, committed, then answered or not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hejie_sandbox.asgi import answer, read_body
from hejie_sandbox.server import hang_up
from hejie_sandbox.unionpay import book, files, wire
from hejie_sandbox.unionpay.wire import Call, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar.types import Receive, Scope, Send

    from hejie_sandbox.sandbox import Sandbox

LARGEST_BODY = 64 * 1024


class Method(NamedTuple):
    """One thing that can be asked, by path and transaction type; a knob's method is `name`."""

    name: str
    answer: Callable[[Call], dict[str, str]]
    writes: bool = False


METHODS = {
    ("/gateway/api/backTransReq.do", "04"): Method("unionpay.refund", book.refund, writes=True),
    ("/gateway/api/backTransReq.do", "31"): Method("unionpay.refund", book.refund, writes=True),
    ("/gateway/api/queryTrans.do", "00"): Method("unionpay.query", book.query),
    ("/files", "76"): Method("unionpay.file", files.download),
}


def _no_such_thing(_: Call) -> dict[str, str]:
    raise RefusalError("32", "无此交易权限")


_NONE = Method("unionpay.none", _no_such_thing)


@dataclass
class Outcome:
    """What was decided inside the transaction, and the faults of its answer."""

    body: bytes = b""
    status: int = 200
    delay: float = 0
    drop: bool = False


async def gateway(box: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call."""
    body = await read_body(receive, LARGEST_BODY)
    if body is None:
        await answer(send, b"too large", "text/plain", 413)
        return
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    with box.ledger.transaction():
        outcome = _act(box, path.rstrip("/"), body)
    if outcome.delay:
        await asyncio.sleep(outcome.delay)
    if outcome.drop:
        await hang_up(scope)
        return
    await answer(send, outcome.body, "text/html", outcome.status)


def _act(box: Sandbox, path: str, body: bytes) -> Outcome:
    form: dict[str, str] = {}
    secret = ""
    try:
        form = wire.read(body)
        member = wire.authenticate(box, form)
        secret = member["secret"]
    except RefusalError as refused:
        return Outcome(_told(box, form, secret, {"respCode": refused.code, "respMsg": refused.message}))
    return _fulfil(Call(box, member, form), METHODS.get((path, form.get("txnType", "")), _NONE))


def _fulfil(call: Call, method: Method) -> Outcome:
    fires = call.box.knobs.fires
    delay, forged = fires("delay", method.name) or 0, fires("bad_signature", method.name) is not None
    if fires("system_error", method.name) is not None:
        return Outcome(b"", 502, delay)
    try:
        if method.writes:
            book.disturb(call)
        with call.box.ledger.transaction():
            told = method.answer(call)
    except RefusalError as refused:
        told = {"respCode": refused.code, "respMsg": refused.message}
    if method.writes and fires("system_error_after_commit", method.name) is not None:
        told = {"respCode": "04", "respMsg": "交易状态未明，请查询对账结果[9999999]"}
    drop = method.writes and fires("drop_after_commit", method.name) is not None
    return Outcome(_told(call.box, call.form, call.member["secret"], told, forged=forged), delay=delay, drop=drop)


def _told(
    box: Sandbox, form: Mapping[str, str], secret: str, fields: Mapping[str, str], *, forged: bool = False
) -> bytes:
    back = {name: value for name, value in form.items() if name not in {"signature", "signMethod", "certId", "backUrl"}}
    return wire.signed(box, form.get("signMethod", "01"), secret, back | dict(fields), forged=forged)
