"""What of an event goes into the log for everybody: 32 bytes that prove it and tell nothing by themselves."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from msgspec import Struct

from hejie.base.seals import commitment

_PURPOSE = b"hejie-entry/1"
SALT_BYTES = 16


class Step(Struct, frozen=True, kw_only=True):
    """One line of the house's log as an entry binds it: which thing, which step of it, when, by whom, what."""

    city: str
    noun: str
    id: str
    version: int
    at: str
    """As `instant` writes it."""
    by: str
    """The role of who did it."""
    event: str
    digest: str
    """SHA-256, hexadecimal, over the line's salt and the canonical form of what happened."""


def instant(at: datetime) -> str:
    """UTC to the microsecond, written one way."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_salt(salt: bytes) -> bytes:
    """A second salt from a line's own: who gets it can check an entry, and still guess nothing of what happened."""
    return hmac.digest(salt, _PURPOSE, "sha256")[:SALT_BYTES]


def entry_of(step: Step, salt: bytes) -> bytes:
    """The entry for a step under its `entry_salt`."""
    return commitment(salt, step)
