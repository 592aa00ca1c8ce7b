"""How the formats of C2SP write numbers and bytes in lines: one way for each value, every other way refused."""

from __future__ import annotations

import base64
import binascii

from hejie.base.errors import Refused

MOST = 2**63 - 1
"""Sizes and times end here."""
_MOST_DIGITS = 19


def number(text: str) -> int:
    """A decimal number without leading zeroes, at most `MOST`; `Refused("note_unreadable")`."""
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS or (text[0] == "0" and text != "0"):
        raise Refused("note_unreadable")
    value = int(text)
    if value > MOST:
        raise Refused("note_unreadable")
    return value


def base64_of(raw: bytes) -> str:
    """Standard Base64 (RFC 4648 §4) with padding."""
    return base64.b64encode(raw).decode()


def bytes_of(text: str, length: int = 0) -> bytes:
    """What `base64_of` wrote, of this length where one is given; `Refused("note_unreadable")`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("note_unreadable") from None
    if base64_of(raw) != text or (length and len(raw) != length):
        raise Refused("note_unreadable")
    return raw
