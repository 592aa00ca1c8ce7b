"""What nobody may get away with: each must be refused, and leave nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

from hejie.alliance.letter import MOST_BATCH, MOST_BODY, Letter
from hejie.alliance.messages import TAG
from hejie.connectors.signing import LABEL, Asked, Key
from hejie.connectors.suites import EDWARDS
from hejie_lab.conformance.caller import Caller, Told
from hejie_lab.conformance.honest import Check, must, results

_CLIENT_ERROR, _SERVER_ERROR = 400, 500


class _Own(HTTPSignatureKeyResolver):
    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    def resolve_private_key(self, key_id: str) -> Any:
        del key_id
        return self._private

    def resolve_public_key(self, key_id: str) -> Any:
        raise KeyError(key_id)


def refused(told: Told) -> None:
    """A refusal, told as one, and not by breaking."""
    clear = _CLIENT_ERROR <= told.status < _SERVER_ERROR
    must(clear, f"状态 {told.status}，应拒绝", f"status {told.status} instead of a refusal")


Spoil = Callable[[Caller, bytes], Told]


def _message(spoil: Spoil) -> Callable[[Caller], None]:
    """A check of one spoilt message about an honest letter, which must stay unknown."""

    def look(caller: Caller) -> None:
        letter = caller.letter(caller.about(), 1)
        refused(spoil(caller, caller.body(caller.item(letter))))
        must(caller.is_unknown(letter), "拒绝了，却留下了信件", "it refused, and has kept the letter all the same")

    return look


def _changed(caller: Caller, body: bytes) -> Told:
    return caller.send(caller.signed(body), body.replace(b"conformance", b"Conformance"))


def _uncovered(caller: Caller, body: bytes) -> Told:
    asked = Asked(
        "POST", f"{caller.target.address}/letters", {"content-type": "application/json", "idempotency-key": "k" * 32}
    )
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_Own(caller.private))
    covers = ("@method", "@target-uri", "content-type", "idempotency-key")
    signer.sign(
        asked,
        key_id=caller.key,
        created=datetime.now(UTC),
        nonce="n" * 32,
        label=LABEL,
        tag=TAG,
        covered_component_ids=covers,
    )
    return caller.send(asked, body)


def _stale(caller: Caller, body: bytes) -> Told:
    return caller.send(caller.signed(body, later=-timedelta(minutes=6)), body)


def _early(caller: Caller, body: bytes) -> Told:
    return caller.send(caller.signed(body, later=timedelta(minutes=6)), body)


def _strange_key(caller: Caller, body: bytes) -> Told:
    return caller.send(caller.signed(body, key=Key(caller.key, EDWARDS, Ed25519PrivateKey.generate())), body)


def _unlisted_key(caller: Caller, body: bytes) -> Told:
    name = f"{caller.me.city}-0000000000000000"
    return caller.send(caller.signed(body, key=Key(name, EDWARDS, Ed25519PrivateKey.generate())), body)


def _other_tag(caller: Caller, body: bytes) -> Told:
    return caller.send(caller.signed(body, tag="hejie-acquirer"), body)


def _elsewhere(caller: Caller, body: bytes) -> Told:
    asked = caller.signed(body, "/receipts")
    asked.url = f"{caller.target.address}/letters"
    return caller.send(asked, body)


def _unsigned(caller: Caller, body: bytes) -> Told:
    asked = caller.signed(body)
    for name in ("signature", "signature-input"):
        del asked.headers[name]
    return caller.send(asked, body)


def _two_signatures(caller: Caller, body: bytes) -> Told:
    asked = caller.signed(body)
    other = {name: value.replace(f"{LABEL}=", "second=", 1) for name, value in asked.headers.items()}
    for name in ("signature", "signature-input"):
        asked.headers[name] = f"{asked.headers[name]}, {other[name]}"
    return caller.send(asked, body)


def _other_algorithm(caller: Caller, body: bytes) -> Told:
    asked = caller.signed(body)
    told = asked.headers["signature-input"]
    asked.headers["signature-input"] = re.sub(r'alg="[^"]*"', 'alg="hmac-sha256"', told)
    return caller.send(asked, body)


def _header_twice(caller: Caller, body: bytes) -> Told:
    return caller.send(caller.signed(body), body, lines=[("idempotency-key", "x" * 32)])


def _keyless(caller: Caller, body: bytes) -> Told:
    asked = caller.signed(body)
    del asked.headers["idempotency-key"]
    return caller.send(asked, body)


def _key_twice(caller: Caller, body: bytes) -> Told:
    raw = b'{"protocol":1,' + body[1:]
    return caller.send(caller.signed(raw), raw)


def _nan(caller: Caller, body: bytes) -> Told:
    raw = body.replace(f'"directory":{caller.directory.version}'.encode(), b'"directory":NaN')
    return caller.send(caller.signed(raw), raw)


def _half(caller: Caller, body: bytes) -> Told:
    raw = body[: len(body) // 2]
    return caller.send(caller.signed(raw), raw)


def _deep(caller: Caller, _body: bytes) -> Told:
    raw = b'{"directory":1,"letters":' + b"[" * 5000 + b"]" * 5000 + b"}"
    return caller.send(caller.signed(raw), raw)


def _too_large(caller: Caller, body: bytes) -> Told:
    raw = body[:-1] + b" " * (MOST_BODY + 1) + b"}"
    told = caller.send(caller.signed(raw), raw)
    return told if told.status else Told(413, b"", "")


def _too_many(caller: Caller, body: bytes) -> Told:
    item = msgspec.json.decode(body)["letters"][0]
    raw = caller.body(*[item] * (MOST_BATCH + 1))
    return caller.send(caller.signed(raw), raw)


def _replayed(caller: Caller) -> None:
    letter = caller.letter(caller.about(), 1)
    body = caller.body(caller.item(letter))
    asked = caller.signed(body)
    first, second = caller.send(asked, body), caller.send(asked, body)
    must(not first.fault, "首次请求未被接受", "the first, honest message was not taken")
    refused(second)


def _letter(spoil: Callable[[Caller], tuple[Letter, dict[str, Any]]]) -> Callable[[Caller], None]:
    """A check of a bad letter in an honest message: refused by itself."""

    def look(caller: Caller) -> None:
        letter, item = spoil(caller)
        told = caller.bring(item)
        must(told.status == 200 and not told.fault, f"状态 {told.status}", f"status {told.status}: no result for it")  # noqa: PLR2004
        answer = msgspec.json.decode(told.body)
        result = answer["results"][0]["result"]
        must(result == "refused", f"结果为 {result}，应为 refused", f"{result} instead of refused")
        asked = caller.ask(letter.id).letters[0]
        kept = asked.known and caller.receipt(asked.receipt).event.value != "refused"
        must(not kept, "拒绝了，却留下了信件", "it refused, and has kept the letter all the same")

    return look


def _with(**more: Any) -> Callable[[Caller], tuple[Letter, dict[str, Any]]]:
    def spoil(caller: Caller) -> tuple[Letter, dict[str, Any]]:
        letter = caller.letter(caller.about(), **{"number": 1} | more)
        return letter, caller.item(letter)

    return spoil


def _forged(caller: Caller) -> tuple[Letter, dict[str, Any]]:
    letter = caller.letter(caller.about(), 1)
    item = caller.item(letter)
    item["letter"]["data"] = {"words": "something else"}
    return letter, item


def _future(caller: Caller) -> tuple[Letter, dict[str, Any]]:
    letter = caller.letter(caller.about(), 1, time=datetime.now(UTC) + timedelta(hours=1))
    return letter, caller.item(letter)


def _from_another(caller: Caller) -> tuple[Letter, dict[str, Any]]:
    source = next(
        (each.city for each in caller.directory.members if each.city not in {caller.me.city, caller.target.city}),
        "999999",
    )
    letter = caller.letter(caller.about(), 1)
    letter = msgspec.structs.replace(letter, source=source, id=f"{source}{letter.id[len(caller.me.city) :]}")
    return letter, caller.item(letter)


def _conflict(caller: Caller) -> None:
    about = caller.about()
    results(caller, caller.letter(about, 1))
    (second,) = results(caller, caller.letter(about, 1, data={"words": "another"}))
    must(second.result == "refused", f"结果为 {second.result}", f"another letter under one number is {second.result}")


CHECKS = (
    Check("A1", "改动正文", "a changed body", _message(_changed)),
    Check("A2", "签名不含正文摘要", "a digest that no signature covers", _message(_uncovered)),
    Check("A3", "原样重放", "the same message again", _replayed),
    Check("A4", "六分钟前的消息", "a message six minutes old", _message(_stale)),
    Check("A5", "六分钟后的消息", "a message six minutes from now", _message(_early)),
    Check("A6", "冒用密钥名", "our key's name with another key", _message(_strange_key)),
    Check("A7", "名录外的密钥", "a key that no directory lists", _message(_unlisted_key)),
    Check("A8", "没有签名", "no signature", _message(_unsigned)),
    Check("A9", "两个签名", "two signatures", _message(_two_signatures)),
    Check("A10", "改写签名算法", "another algorithm named", _message(_other_algorithm)),
    Check("A11", "他用的签名标签", "a signature made for another protocol", _message(_other_tag)),
    Check("A12", "为别的地址所签", "a signature made for another address", _message(_elsewhere)),
    Check("A13", "同名请求头两次", "a header that stands twice", _message(_header_twice)),
    Check("A14", "缺幂等键", "no idempotency key", _message(_keyless)),
    Check("A15", "JSON 键重复", "a JSON key that stands twice", _message(_key_twice)),
    Check("A16", "NaN", "NaN", _message(_nan)),
    Check("A17", "半截 JSON", "half a JSON text", _message(_half)),
    Check("A18", "嵌套五千层", "five thousand levels", _message(_deep)),
    Check("A19", "超过大小上限", "a body beyond the limit", _message(_too_large)),
    Check("A20", "一批超过五十封", "more than fifty letters", _message(_too_many)),
    Check("B1", "信件证明与内容不符", "a letter changed after its proof", _letter(_forged)),
    Check("B2", "以他市名义写信", "a letter in another city's name", _letter(_from_another)),
    Check("B3", "写给别市的信件", "a letter to another city", _letter(_with(target="999999"))),
    Check("B4", "未约定的信件种类", "a kind that nobody agreed on", _letter(_with(kind="no_such"))),
    Check("B5", "未约定的字段", "a member that nobody agreed on", _letter(_with(data={"words": "x", "phone": "1"}))),
    Check("B6", "应加密的字段明文发送", "a personal member sent open", _letter(_with(data={"secret": "open"}))),
    Check("B7", "编号为零", "number zero", _letter(_with(number=0))),
    Check("B8", "来自一小时后", "a letter from an hour ahead", _letter(_future)),
    Check("B9", "同一编号两封不同的信", "two letters under one number", _conflict),
)
