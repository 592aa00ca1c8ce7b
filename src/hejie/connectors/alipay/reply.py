"""Reads Alipay's answers strictly: the signed bytes of the answering object, found without re-serialising."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from hejie.base.errors import Unknown
from hejie.connectors.rsa import verifies

_SPACE = re.compile(r"[ \t\r\n]*")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=str, parse_int=str)


def strict_object(text: str) -> dict[str, Any]:
    """A JSON object without duplicate names, NaN or lone surrogates; numbers stay text. `ValueError` otherwise."""
    return {name: value for name, (value, _) in _members(text).items()}


def _members(text: str) -> dict[str, tuple[Any, str]]:
    """The members of a top-level object, each with its exact source text; `ValueError` if it is none."""
    try:
        found: dict[str, tuple[Any, str]] = {}
        at = _after(text, _skip(text, 0), "{")
        while not (found == {} and text.startswith("}", at)):
            name, at = _DECODER.raw_decode(text, _after(text, at, '"') and at)
            start = _after(text, _skip(text, at), ":")
            value, at = _DECODER.raw_decode(text, start)
            if name in found:
                raise ValueError("name")
            found[name] = (value, text[start:at])
            at = _skip(text, at)
            if not text.startswith(",", at):
                break
            at = _after(text, at, ",")
        if _skip(text, _after(text, at, "}")) != len(text):
            raise ValueError("trailing")
        json.dumps([value for value, _ in found.values()], ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("deep") from None
    return found


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _after(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise ValueError(mark)
    return _skip(text, at + 1)


def read(body: bytes, method: str, key: RSAPublicKey, certificate_serial: str = "") -> dict[str, Any]:
    """The verified answering object of a gateway reply to `method`.

    The object under `<method with underscores>_response`, or `error_response`, must carry Alipay's
    signature over its raw bytes (Alipay OpenAPI v2). Numbers are kept as text. Anything else is
    `Unknown("reply_unreadable" | "reply_unsigned" | "reply_signature_wrong" | "certificate_rotated")`.
    """
    try:
        members = _members(body.decode())
    except ValueError:
        raise Unknown("reply_unreadable") from None
    names = [name for name in (method.replace(".", "_") + "_response", "error_response") if name in members]
    if len(names) != 1:
        raise Unknown("reply_unreadable")
    node, raw = members[names[0]]
    if not isinstance(node, dict):
        raise Unknown("reply_unreadable")
    signature = members.get("sign", ("", ""))[0]
    if not isinstance(signature, str) or not signature:
        raise Unknown("reply_unsigned", said=said(node))
    named = members.get("alipay_cert_sn", ("", ""))[0]
    if certificate_serial and named and named != certificate_serial:
        raise Unknown("certificate_rotated", serial=_code(named))
    if not verifies(key, raw.encode(), signature):
        raise Unknown("reply_signature_wrong", said=said(node))
    return node


def said(node: dict[str, Any]) -> str:
    """The wallet's own code in an answer (`sub_code`, else `code`), only if it looks like one."""
    return _code(node.get("sub_code") or node.get("code"))


def _code(word: object) -> str:
    return word if isinstance(word, str) and _CODE.fullmatch(word) else ""
