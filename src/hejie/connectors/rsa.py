"""RSA keys and certificates, read from whatever form people paste them in, and PKCS#1 v1.5 SHA-256 signatures."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from hejie.base.errors import Refused

_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")


def der(text: str) -> bytes:
    """The bytes inside a PEM armour, or inside bare base64; `Refused("key_unreadable")`."""
    try:
        return base64.b64decode("".join(_ARMOUR.sub("", text).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("key_unreadable") from None


@lru_cache(maxsize=64)
def private_key(text: str) -> RSAPrivateKey:
    """An RSA private key, whatever its label says; `Refused("key_unreadable" | "key_not_rsa")`.

    Remembered, as examining its primes takes as long as twenty signatures.
    """
    try:
        key = load_der_private_key(der(text), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("key_unreadable") from None
    if not isinstance(key, RSAPrivateKey):
        raise Refused("key_not_rsa")
    return key


def public_key(text: str) -> RSAPublicKey:
    """An RSA public key; `Refused("key_unreadable" | "key_not_rsa")`."""
    try:
        key = load_der_public_key(der(text))
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("key_unreadable") from None
    if not isinstance(key, RSAPublicKey):
        raise Refused("key_not_rsa")
    return key


def certificate_key(certificate: x509.Certificate) -> RSAPublicKey:
    """The RSA key that a certificate vouches for; `Refused("key_not_rsa")`."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise Refused("key_not_rsa")
    return key


def sign(key: RSAPrivateKey, data: bytes) -> str:
    """Base64 of the signature over exactly these bytes."""
    return base64.b64encode(key.sign(data, PKCS1v15(), SHA256())).decode()


def verifies(key: RSAPublicKey, data: bytes, signature: str) -> bool:
    """Whether a base64 signature stands over exactly these bytes."""
    try:
        key.verify(base64.b64decode(signature, validate=True), data, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
