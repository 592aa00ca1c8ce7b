"""WECHATPAY2-SHA256-RSA2048 and AEAD_AES_256_GCM (WeChat Pay APIv3): what is signed, checked, and opened."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from hejie.base.errors import Refused

SCHEME = "WECHATPAY2-SHA256-RSA2048"
SKEW = timedelta(minutes=5)
_DIGITS = 11
_NONCE_BYTES = 12


class Sealed(Struct, frozen=True):
    """The encrypted part of a callback."""

    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""


def message(*lines: str) -> bytes:
    """Every line with a newline behind it, the last one too."""
    return "".join(f"{line}\n" for line in lines).encode()


def sign(key: RSAPrivateKey, text: bytes) -> str:
    """Base64 of the RSA PKCS#1 v1.5 SHA-256 signature."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def authorization(*, mchid: str, serial: str, nonce: str, timestamp: str, signature: str) -> str:
    """The header of a signed request."""
    named = {
        "mchid": mchid,
        "nonce_str": nonce,
        "timestamp": timestamp,
        "serial_no": serial,
        "signature": signature,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in named.items())


def verified(keys: Mapping[str, RSAPublicKey], headers: Mapping[str, str], body: bytes, now: datetime) -> datetime:
    """When a verified answer or callback was signed; `headers` by names in small letters.

    Errors: `Refused("signature_missing")` where a header lacks, `signature_key_unknown` for a serial we hold no key of,
    `signature_wrong`, `callback_stale` beyond five minutes either way.
    """
    names = ("wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature", "wechatpay-serial")
    timestamp, nonce, signature, serial = (headers.get(name, "") for name in names)
    if not (timestamp and nonce and signature and serial):
        raise Refused("signature_missing")
    key = keys.get(serial)
    if key is None:
        raise Refused("signature_key_unknown")
    text = message(timestamp, nonce) + body + b"\n"
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise Refused("signature_wrong") from None
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < _DIGITS):
        raise Refused("callback_stale")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    if not now - SKEW <= at <= now + SKEW:
        raise Refused("callback_stale")
    return at


def unsealed(key: bytes, sealed: Sealed) -> bytes:
    """What is inside; the last 16 bytes of the ciphertext are the tag. `Refused("callback_unreadable")`."""
    if sealed.algorithm != "AEAD_AES_256_GCM":
        raise Refused("callback_unreadable")
    try:
        nonce = sealed.nonce.encode()
        packed = base64.b64decode(sealed.ciphertext, validate=True)
        if len(nonce) != _NONCE_BYTES:
            raise Refused("callback_unreadable")
        return AESGCM(key).decrypt(nonce, packed, sealed.associated_data.encode())
    except (InvalidTag, binascii.Error, ValueError):
        raise Refused("callback_unreadable") from None
