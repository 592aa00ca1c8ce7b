"""SM2 with SM3 (GB/T 32918.2) as an algorithm of HTTP message signatures; its library comes with the extra `sm2`."""

from __future__ import annotations

import re

import gmalg
from gmalg.errors import GMError
from http_message_signatures import HTTPSignatureAlgorithm
from http_message_signatures.exceptions import InvalidSignature

from hejie.base.errors import Refused

IDENTITY = b"1234567812345678"
"""The signer's identity that GM/T 0009 names where two sides agree on none."""
_HALF = 32
_PRIVATE = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_PUBLIC = re.compile(r"04[0-9A-Fa-f]{128}", re.ASCII)


def private_key(text: str) -> bytes:
    """A private key of 32 bytes in hexadecimal; `Refused("key_unreadable")`."""
    if _PRIVATE.fullmatch(text.strip()) is None:
        raise Refused("key_unreadable")
    return bytes.fromhex(text.strip())


def public_key(text: str) -> bytes:
    """An uncompressed point, `04` and 64 bytes, in hexadecimal; `Refused("key_unreadable")` off the curve too."""
    if _PUBLIC.fullmatch(text.strip()) is None:
        raise Refused("key_unreadable")
    point = bytes.fromhex(text.strip())
    try:
        stands = gmalg.SM2(uid=IDENTITY, pk=point).verify_pk(point)
    except (GMError, ValueError):
        stands = False
    if not stands:
        raise Refused("key_unreadable")
    return point


class Sm2Sm3(HTTPSignatureAlgorithm):
    """Signs and verifies with keys that `private_key` and `public_key` have read."""

    algorithm_id = "sm2-sm3"

    def __init__(self, public_key: bytes | None = None, private_key: bytes | None = None) -> None:
        self._sm2 = gmalg.SM2(sk=private_key, uid=IDENTITY, pk=public_key)

    def sign(self, message: bytes) -> bytes:
        """The signature's r and s, 32 bytes each."""
        r, s = self._sm2.sign(message)
        return bytes(r).rjust(_HALF, b"\0") + bytes(s).rjust(_HALF, b"\0")

    def verify(self, signature: bytes, message: bytes) -> None:
        """`InvalidSignature` unless the signature stands over the message."""
        if len(signature) != 2 * _HALF or not self._sm2.verify(message, signature[:_HALF], signature[_HALF:]):
            raise InvalidSignature("wrong")
