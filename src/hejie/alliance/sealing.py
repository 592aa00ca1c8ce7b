"""Personal fields of a letter, encrypted to the receiving city: X25519 (RFC 7748), HKDF (RFC 5869), AES-256-GCM."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from hejie.base import curves
from hejie.base.errors import Refused
from hejie.base.identifiers import Chance
from hejie.base.seals import canonical
from hejie.base.strict_json import strict_json

_INFO = b"hejie-letter-v1"
_NONCE = 12


class Sealed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The closed part of a letter."""

    key: str
    """The name of the receiver's key."""
    ephemeral: str
    """The sender's X25519 key for this letter, base64."""
    fields: dict[str, str]
    """Name → base64 of nonce and ciphertext."""


def seal(fields: Mapping[str, Any], to: tuple[str, str], letter: str, chance: Chance) -> Sealed:
    """Close fields (any JSON values) for the receiver's key (name, public), each bound to its letter and its name."""
    name, public = to
    mine = X25519PrivateKey.from_private_bytes(chance(curves.RAW))
    ephemeral = mine.public_key().public_bytes_raw()
    receiver = curves.sealing_key(public)
    cipher = _cipher(mine.exchange(receiver), ephemeral, receiver.public_bytes_raw())
    closed = {}
    for field, value in fields.items():
        nonce = chance(_NONCE)
        closed[field] = _text(nonce + cipher.encrypt(nonce, canonical(value), _bound(letter, field)))
    return Sealed(key=name, ephemeral=_text(ephemeral), fields=closed)


def unseal(sealed: Sealed, keys: Mapping[str, X25519PrivateKey], letter: str) -> dict[str, Any]:
    """The fields as they were; `Refused("letter_not_for_us" | "letter_seal_broken")`."""
    own = keys.get(sealed.key)
    if own is None:
        raise Refused("letter_not_for_us")
    try:
        ephemeral = curves.sealing_key(sealed.ephemeral)
        shared = own.exchange(ephemeral)
        cipher = _cipher(shared, ephemeral.public_bytes_raw(), own.public_key().public_bytes_raw())
        return {field: _opened(cipher, text, _bound(letter, field)) for field, text in sealed.fields.items()}
    except (InvalidTag, ValueError, Refused):
        raise Refused("letter_seal_broken") from None


def _opened(cipher: AESGCM, text: str, bound: bytes) -> object:
    raw = curves.unbase64(text)
    return strict_json(cipher.decrypt(raw[:_NONCE], raw[_NONCE:], bound))


def _cipher(shared: bytes, ephemeral: bytes, receiver: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), curves.RAW, salt=ephemeral + receiver, info=_INFO).derive(shared))


def _bound(letter: str, field: str) -> bytes:
    return canonical([letter, field])


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
