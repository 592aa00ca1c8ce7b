"""WECHATPAY2-SHA256-RSA2048 and AEAD_AES_256_GCM (WeChat Pay APIv3): what is signed, checked, and opened."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.connectors.rsa import verifies

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


def key_name(serial: str) -> str:
    """A serial number or key id as we keep it: it is told with and without zeros before it, in either case."""
    return serial.upper().lstrip("0")


def message(*lines: str) -> bytes:
    """Every line with a newline behind it, the last one too."""
    return "".join(f"{line}\n" for line in lines).encode()


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
    """When a verified answer or callback was signed; `keys` by `key_name`, `headers` by names in small letters.

    Errors: `Refused("signature_missing")` where a header lacks, `signature_key_unknown` for a serial we hold no key of,
    `signature_wrong`, `callback_stale` beyond five minutes either way.
    """
    names = ("wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature", "wechatpay-serial")
    timestamp, nonce, signature, serial = (headers.get(name, "") for name in names)
    if not (timestamp and nonce and signature and serial):
        raise Refused("signature_missing")
    key = keys.get(key_name(serial))
    if key is None:
        raise Refused("signature_key_unknown")
    if not verifies(key, message(timestamp, nonce) + body + b"\n", signature):
        raise Refused("signature_wrong")
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
