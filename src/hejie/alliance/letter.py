"""One letter between cities: an envelope with the names of CloudEvents 1.0, its limits, its digest and its proof."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct, field

from hejie.alliance.sealing import Sealed
from hejie.base import curves
from hejie.base.errors import Refused
from hejie.base.seals import canonical
from hejie.base.strict_json import MOST_DEPTH, strict_json

PROTOCOL = 1
CONTEXT = "hejie-letter-v1"
MOST_LETTER = 256 * 1024
"""Bytes of a letter's canonical form."""
MOST_BATCH = 50
"""Letters or receipts in one request."""
MOST_BODY = 2 * 1024 * 1024
"""Bytes of a request."""
MOST_FIELDS = 60
_DEEPER = 3
"""How deep a letter lies within its batch."""
EARLY = timedelta(minutes=5)
_KIND = r"^[a-z][a-z0-9_]{0,39}$"
_ABOUT = r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_ID = re.compile(r"([0-9A-Za-z]{2,32})-[0-9A-HJKMNP-TV-Z]{10}-[0-9A-HJKMNP-TV-Z]{12}", re.ASCII)


class Letter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one city writes to another."""

    id: str
    source: str
    target: str
    kind: Annotated[str, Meta(pattern=_KIND)] = field(name="type")
    specversion: Literal["1.0"] = "1.0"
    protocol: Literal[1] = 1
    time: datetime
    about: Annotated[str, Meta(pattern=_ABOUT)] = field(name="subject")
    """What it is about; letters about one thing are handled in the order of their numbers."""
    number: Annotated[int, Meta(ge=1, le=1_000_000)]
    """Its place within (source, target, subject), from 1, without a gap."""
    data: dict[str, Any]
    sealed: Sealed | None = None


class Carried(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A letter on its way, with its sender's proof."""

    letter: dict[str, Any]
    key: str
    signature: str


def read_letter(raw: Mapping[str, Any], now: datetime) -> Letter:
    """The letter in a JSON object; `Refused("letter_unreadable" | "letter_too_large" | "letter_early")`."""
    try:
        size = len(canonical(raw))
        found = msgspec.convert(raw, Letter)
    except (msgspec.ValidationError, ValueError):
        raise Refused("letter_unreadable") from None
    if size > MOST_LETTER:
        raise Refused("letter_too_large", most=MOST_LETTER)
    closed = found.sealed.fields if found.sealed else {}
    names = [*found.data, *closed]
    minted = _ID.fullmatch(found.id)
    if minted is None or minted[1] != found.source or found.source == found.target or found.time.tzinfo is None:
        raise Refused("letter_unreadable")
    if len(names) > MOST_FIELDS or len(set(names)) != len(names) or not all(map(_NAME.fullmatch, names)):
        raise Refused("letter_unreadable")
    if found.time > now + EARLY:
        raise Refused("letter_early")
    return found


def written(letter: Letter) -> bytes:
    """The canonical bytes of a letter, those that are kept and whose SHA-256 every receipt names.

    `Refused("letter_unreadable")` where a value has no such form.
    """
    try:
        return canonical(letter)
    except ValueError:
        raise Refused("letter_unreadable") from None


def must_be_readable(raw: bytes, now: datetime) -> None:
    """What the receiver will say of a letter, asked before it is sent; errors as `read_letter`."""
    try:
        found = strict_json(raw, MOST_BODY, MOST_DEPTH - _DEEPER)
    except Refused:
        raise Refused("letter_unreadable") from None
    if not isinstance(found, dict):
        raise Refused("letter_unreadable")
    read_letter(found, now)


def digest_of(raw: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(raw).hexdigest()


def carried(raw: bytes, key: str, private: Ed25519PrivateKey) -> Carried:
    """A letter made ready for its way."""
    content = msgspec.json.decode(raw)
    return Carried(letter=content, key=key, signature=curves.sign(private, CONTEXT, content))


def must_be_from(item: Carried, public: str) -> None:
    """`Refused("letter_proof_wrong")` unless the holder of this key has signed the letter."""
    try:
        curves.verify(public, CONTEXT, item.letter, item.signature)
    except Refused:
        raise Refused("letter_proof_wrong") from None
