"""RSA2 as Alipay signs: the text to sign, signing, and checking over raw bytes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256


def content(params: Mapping[str, str], drop: tuple[str, ...] = ("sign",)) -> str:
    """The text to sign: non-empty parameters but `drop`, by ASCII key, `k=v` joined with `&`, nothing encoded.

    Requests and answers drop `sign` only; payment notifications drop `sign_type` as well.
    """
    return "&".join(f"{key}={params[key]}" for key in sorted(params) if params[key] and key not in drop)


def sign(key: RSAPrivateKey, text: str) -> str:
    """Base64 of the RSA PKCS#1 v1.5 SHA-256 signature over the UTF-8 text."""
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def verifies(key: RSAPublicKey, data: bytes, signature: str) -> bool:
    """Whether a base64 signature stands over exactly these bytes."""
    try:
        key.verify(base64.b64decode(signature, validate=True), data, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
