"""HTTP message signatures (RFC 9421) and content digests (RFC 9530) in the one profile that partners and we speak."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from hejie.base.errors import Refused
from hejie.connectors.suites import Suite, suite

LABEL, TAG = "hejie", "hejie-acquirer"
SKEW = timedelta(minutes=5)
"""How far a message's time may lie from the reader's clock."""
GET_COVERS = ("@method", "@target-uri")
POST_COVERS = ("@method", "@target-uri", "content-type", "content-digest", "idempotency-key")
ANSWER_COVERS = ('"@status"', '"content-type"', '"content-digest"', f'"signature";req;key="{LABEL}"')
_SINGLE = frozenset({"signature", "signature-input", "content-digest", "content-type", "idempotency-key"})
_KEY_ID = re.compile(r';keyid="([\x21\x23-\x5b\x5d-\x7e]{1,64})"', re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """One key by its name; its algorithm is the key's own, whatever a message says."""

    id: str
    suite: Suite
    material: Any = field(repr=False)


@dataclass
class Asked:
    """A request as it is signed: the method, the whole public address, and its headers by small names."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass
class Answered:
    """An answer as it is signed, with the request it answers."""

    status_code: int
    request: Asked
    headers: dict[str, str]


def private_key(identifier: str, algorithm: str, text: str) -> Key:
    """A key to sign with; `Refused("sign_method_unknown" | "key_unreadable" | "key_not_rsa" | "key_short")`."""
    found = suite(algorithm)
    return Key(identifier, found, found.private(text))


def public_key(identifier: str, algorithm: str, text: str) -> Key:
    """A key to believe; errors as `private_key`."""
    found = suite(algorithm)
    return Key(identifier, found, found.public(text))


def single(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by small names; `Refused("signature_wrong")` where one that counts stands twice."""
    found: dict[str, str] = {}
    for name, value in lines:
        small = name.lower()
        if small in found and small in _SINGLE:
            raise Refused("signature_wrong")
        found[small] = value
    return found


def key_named(headers: Mapping[str, str]) -> str:
    """The name of the one key a message says it is signed with: a claim until verified; `Refused` as `_verify`."""
    told = headers.get("signature-input", "")
    if not told or not headers.get("signature"):
        raise Refused("signature_missing")
    named = _KEY_ID.findall(told)
    if len(named) != 1:
        raise Refused("signature_wrong")
    return str(named[0])


def sign_request(key: Key, asked: Asked, body: bytes | None, now: datetime, nonce: str, *, tag: str = TAG) -> None:
    """Put the digest and the signature among the request's headers; a body is None for GET."""
    covers = GET_COVERS if body is None else POST_COVERS
    _signer(key).sign(
        asked, key_id=key.id, created=now, nonce=nonce, label=LABEL, tag=tag, covered_component_ids=covers, body=body
    )
    asked.headers = single(asked.headers.items())


def sign_answer(key: Key, answered: Answered, body: bytes, now: datetime, *, tag: str = TAG) -> None:
    """Put the digest and the signature among the answer's headers."""
    _signer(key).sign(
        answered, key_id=key.id, created=now, label=LABEL, tag=tag, covered_component_ids=ANSWER_COVERS, body=body
    )
    answered.headers = single(answered.headers.items())


def verify_request(keys: Mapping[str, Key], asked: Asked, body: bytes | None, now: datetime, *, tag: str = TAG) -> str:
    """The request's nonce; that it is new is the caller's to see.

    Errors: `Refused("signature_missing" | "signature_wrong" | "request_stale" | "digest_wrong" | "nonce_wrong")`.
    """
    covers = GET_COVERS if body is None else POST_COVERS
    nonce = _verify(keys, asked, [f'"{name}"' for name in covers], body, now, tag)
    if nonce is None or _NONCE.fullmatch(nonce) is None:
        raise Refused("nonce_wrong")
    return nonce


def verify_answer(keys: Mapping[str, Key], answered: Answered, body: bytes, now: datetime, *, tag: str = TAG) -> None:
    """Believe an answer to exactly this request; errors as `verify_request`, without a nonce."""
    _verify(keys, answered, list(ANSWER_COVERS), body, now, tag)


def _verify(
    keys: Mapping[str, Key],
    message: Asked | Answered,
    covers: list[str],
    body: bytes | None,
    now: datetime,
    tag: str = TAG,
) -> str | None:
    key = keys.get(key_named(message.headers))
    if key is None:
        raise Refused("signature_wrong")
    verifier = _Verifier(key, now)
    try:
        found = verifier.verify(message, expect_tag=tag, max_age=None)
    except HTTPMessageSignaturesException:
        raise Refused("signature_wrong") from None
    if [each.label for each in found] != [LABEL]:
        raise Refused("signature_wrong")
    if list(found[0].covered_components) != [*covers, '"@signature-params"']:
        raise Refused("signature_wrong")
    if body is not None:
        try:
            verifier.verify_body(message, found, body)
        except HTTPMessageSignaturesException:
            raise Refused("digest_wrong") from None
    return found[0].nonce


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with one key, its algorithm, and our clock instead of the machine's."""

    def __init__(self, key: Key, now: datetime) -> None:
        super().__init__(signature_algorithm=key.suite.algorithm, key_resolver=_One(key))
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """`Refused("request_stale")` for a time that is not about now, `"signature_wrong"` for none."""
        del max_age
        created, expires = sig_input.params.get("created"), sig_input.params.get("expires")
        if type(created) is not int:
            raise Refused("signature_wrong")
        now = self._now.timestamp()
        if abs(now - created) > SKEW.total_seconds() or (expires is not None and now > expires):
            raise Refused("request_stale")


class _One(HTTPSignatureKeyResolver):
    """Knows one key."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        """The key, or None under another name."""
        return self._key.material if key_id == self._key.id else None

    def resolve_private_key(self, key_id: str) -> Any:
        """The key; KeyError under another name."""
        return {self._key.id: self._key.material}[key_id]


def _signer(key: Key) -> HTTPMessageSigner:
    return HTTPMessageSigner(signature_algorithm=key.suite.algorithm, key_resolver=_One(key))
