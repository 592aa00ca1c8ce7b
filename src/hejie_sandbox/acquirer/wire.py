"""Message signatures as the bank writes and reads them: RFC 9421 and RFC 9530 by hand, in the documented profile."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from hejie_sandbox import keys

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from hejie_sandbox.sandbox import Sandbox

SKEW = 300
KEY_ID = "bank-1"
_GET = ("@method", "@target-uri")
_POST = (*_GET, "content-type", "content-digest", "idempotency-key")
_INPUT = re.compile(r"hejie=(\(([^()]*)\)((?:;[a-z]+=(?:[0-9]+|\"[\x20\x21\x23-\x5b\x5d-\x7e]*\"))+))", re.ASCII)
_ANSWERED = ('"@status"', '"content-type"', '"content-digest"', '"signature";req;key="hejie"')
_ANSWER = re.compile(
    rf"hejie=(\({re.escape(' '.join(_ANSWERED))}\)((?:;[a-z]+=(?:[0-9]+|\"[\x20\x21\x23-\x5b\x5d-\x7e]*\"))+))",
    re.ASCII,
)
_TAG = "hejie-acquirer"
_PARAMETER = re.compile(r";([a-z]+)=(?:([0-9]+)|\"([^\"]*)\")")
_SIGNATURE = re.compile(r"hejie=:([A-Za-z0-9+/]+={0,2}):", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


class RefusalError(Exception):
    """An answer that says no."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Heard:
    """A request as it arrived."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """An answer as it arrived; headers by small names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def authenticate(box: Sandbox, bank: sqlite3.Row, heard: Heard, tag: str = _TAG) -> None:
    """Believe a request, once; RefusalError 401 for every way in which it is none."""
    told = _INPUT.fullmatch(heard.headers.get("signature-input", ""))
    signed = _SIGNATURE.fullmatch(heard.headers.get("signature", ""))
    wanted = _POST if heard.method == "POST" else _GET
    if told is None or signed is None or told[2] != " ".join(f'"{name}"' for name in wanted):
        raise RefusalError(401, "signature_wrong")
    given = {name: number or text for name, number, text in _PARAMETER.findall(told[3])}
    if given.get("keyid") != bank["key_id"] or given.get("alg") != bank["algorithm"]:
        raise RefusalError(401, "signature_wrong")
    if given.get("tag") != tag or not _NONCE.fullmatch(given.get("nonce", "")):
        raise RefusalError(401, "signature_wrong")
    if abs(box.now() - int(given.get("created", "0"))) > SKEW:
        raise RefusalError(401, "request_stale")
    values = {"@method": heard.method, "@target-uri": heard.url, **heard.headers}
    text = _base([(f'"{name}"', values.get(name, "")) for name in wanted], told[1])
    if not _stands(bank, base64.b64decode(signed[1]), text):
        raise RefusalError(401, "signature_wrong")
    if heard.method == "POST" and heard.headers.get("content-digest") != digest(heard.body):
        raise RefusalError(401, "digest_wrong")
    if not box.ledger.write("INSERT OR IGNORE INTO aq_nonces VALUES (?, ?)", bank["id"], given["nonce"]):
        raise RefusalError(401, "request_replayed")


def digest(body: bytes) -> str:
    """Return a body's content digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def answer_headers(
    box: Sandbox,
    bank: sqlite3.Row,
    heard: Heard,
    status: int,
    kind: str,
    body: bytes,
    *,
    forged: bool = False,
    tag: str = _TAG,
    key: RSAPrivateKey | None = None,
) -> dict[str, str]:
    """Return the headers of a signed answer; `key` is the bank's own unless given."""
    values = (str(status), kind, digest(body), heard.headers.get("signature", "").partition("=")[2])
    parts = [*zip(_ANSWERED, values, strict=True)]
    return {
        "content-type": kind,
        "content-digest": digest(body),
        **_signed(box, bank, parts, "", forged=forged, tag=tag, key=key),
    }


def request_headers(
    box: Sandbox, bank: sqlite3.Row, url: str, body: bytes, key: str, *, forged: bool = False
) -> dict[str, str]:
    """Return the headers of a signed POST."""
    plain = {"content-type": "application/json", "content-digest": digest(body), "idempotency-key": key}
    values = {"@method": "POST", "@target-uri": url, **plain}
    parts = [(f'"{name}"', values[name]) for name in _POST]
    return plain | _signed(box, bank, parts, f';nonce="{secrets.token_urlsafe(18)}"', forged=forged)


def look_headers(box: Sandbox, bank: sqlite3.Row, url: str) -> dict[str, str]:
    """Return the headers of a signed GET."""
    values = {"@method": "GET", "@target-uri": url}
    parts = [(f'"{name}"', values[name]) for name in _GET]
    return _signed(box, bank, parts, f';nonce="{secrets.token_urlsafe(18)}"', forged=False)


def believes(box: Sandbox, bank: sqlite3.Row, asked: Mapping[str, str], answer: Answer) -> bool:
    """Tell whether an answer is signed by the house, now, and for exactly this request."""
    told = _ANSWER.fullmatch(answer.headers.get("signature-input", ""))
    signed = _SIGNATURE.fullmatch(answer.headers.get("signature", ""))
    if told is None or signed is None or answer.headers.get("content-digest") != digest(answer.body):
        return False
    given = {name: number or text for name, number, text in _PARAMETER.findall(told[2])}
    if (given.get("keyid"), given.get("alg"), given.get("tag")) != (bank["key_id"], bank["algorithm"], _TAG):
        return False
    if abs(box.now() - int(given.get("created", "0"))) > SKEW:
        return False
    values = (str(answer.status), answer.headers.get("content-type", ""), digest(answer.body))
    parts = [*zip(_ANSWERED, (*values, asked["signature"].partition("=")[2]), strict=True)]
    return _stands(bank, base64.b64decode(signed[1]), _base(parts, told[1]))


def _signed(
    box: Sandbox,
    bank: sqlite3.Row,
    parts: Sequence[tuple[str, str]],
    more: str,
    *,
    forged: bool,
    tag: str = _TAG,
    key: RSAPrivateKey | None = None,
) -> dict[str, str]:
    names = " ".join(name for name, _ in parts)
    params = f'({names});created={box.now()};keyid="{KEY_ID}";alg="{bank["own_algorithm"]}"{more};tag="{tag}"'
    raw = _sign(bank["own_algorithm"], box.keys.wrong if forged else key or box.keys.acquirer, _base(parts, params))
    return {"signature-input": f"hejie={params}", "signature": f"hejie=:{base64.b64encode(raw).decode()}:"}


def _base(parts: Sequence[tuple[str, str]], params: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in parts]
    return "\n".join([*lines, f'"@signature-params": {params}']).encode()


def _sign(algorithm: str, key: RSAPrivateKey, text: bytes) -> bytes:
    if algorithm == "rsa-v1_5-sha256":
        return keys.sign(key, text)
    pss = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
    return key.sign(text, pss, hashes.SHA512())


def _stands(bank: sqlite3.Row, signature: bytes, text: bytes) -> bool:
    key = keys.load_public(bank["public_key"])
    if bank["algorithm"] == "rsa-v1_5-sha256":
        return keys.verify(key, signature, text)
    pss = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
    try:
        key.verify(signature, text, pss, hashes.SHA512())
    except InvalidSignature:
        return False
    return True
