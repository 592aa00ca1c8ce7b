"""Ed25519 and X25519 keys: made, written down, read; and signatures over one context's canonical JSON."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hejie.base.errors import Refused
from hejie.base.seals import canonical

RAW = 32
"""Bytes of every key of these curves."""
_NAME_DIGITS = 16


def signing_key(text: str) -> Ed25519PrivateKey:
    """An Ed25519 private key from PEM; `Refused("key_unreadable")`."""
    key = _private(text)
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("key_unreadable")
    return key


def opening_key(text: str) -> X25519PrivateKey:
    """An X25519 private key from PEM; `Refused("key_unreadable")`."""
    key = _private(text)
    if not isinstance(key, X25519PrivateKey):
        raise Refused("key_unreadable")
    return key


def _private(text: str) -> object:
    try:
        return load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("key_unreadable") from None


def verifying_key(text: str) -> Ed25519PublicKey:
    """An Ed25519 public key from base64 of its 32 bytes; `Refused("key_unreadable")`."""
    return Ed25519PublicKey.from_public_bytes(raw_key(text))


def sealing_key(text: str) -> X25519PublicKey:
    """An X25519 public key from base64 of its 32 bytes; `Refused("key_unreadable")`."""
    return X25519PublicKey.from_public_bytes(raw_key(text))


def raw_key(text: str) -> bytes:
    """The 32 bytes of a public key; `Refused("key_unreadable")`."""
    raw = unbase64(text)
    if len(raw) != RAW:
        raise Refused("key_unreadable")
    return raw


def public_text(key: Ed25519PrivateKey | X25519PrivateKey) -> str:
    """The public half of a key as it is exchanged: base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def private_text(key: Ed25519PrivateKey | X25519PrivateKey) -> str:
    """A private key as its file holds it: PEM (PKCS #8), not encrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def key_name(owner: str, public: str) -> str:
    """What a key is called everywhere: its owner and the first 16 hexadecimal digits of its SHA-256."""
    return f"{owner}-{hashlib.sha256(raw_key(public)).hexdigest()[:_NAME_DIGITS]}"


def sign(key: Ed25519PrivateKey, context: str, value: object) -> str:
    """Base64 of the signature over a context's name, a line feed and the RFC 8785 form of a value."""
    return base64.b64encode(key.sign(_message(context, value))).decode()


def verify(public: str, context: str, value: object, signature: str) -> None:
    """Believe what `sign` made; `Refused("signature_wrong" | "key_unreadable")`."""
    try:
        verifying_key(public).verify(unbase64(signature), _message(context, value))
    except InvalidSignature:
        raise Refused("signature_wrong") from None


def _message(context: str, value: object) -> bytes:
    return context.encode() + b"\n" + canonical(value)


def unbase64(text: str) -> bytes:
    """Bytes from strict base64; `Refused("key_unreadable")`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("key_unreadable") from None
