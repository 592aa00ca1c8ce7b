"""What whoever takes hand-offs for 12315 fulfils, and what it may answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class Standing(StrEnum):
    """What 12315 says of a hand-off."""

    absent = "absent"
    """It never came there under this key."""
    pending = "pending"
    """It came, and nothing is decided: not even that it is received."""
    received = "received"
    accepted = "accepted"
    refused = "refused"
    returned = "returned"
    concluded = "concluded"


class HandoffAnswer(Struct, frozen=True, kw_only=True):
    """One answer about the hand-off of one key."""

    standing: Standing
    number: str = ""
    """12315's own, from the receipt on."""
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    code: str = ""
    """The ground of a refusal, N1 to N7."""
    words: str = ""
    """Of a refusal, a return or a result; at most 1,000 characters."""
    settled: bool = False
    """Of a result."""


class National(Protocol):
    """Takes packages, each under a key of its own, and tells how they stand.

    Errors of both: `Unknown` for everything that leaves the outcome open; then ask by key first, and send again only
    under the same key and with the same bytes.
    """

    async def submit(self, key: str, package: bytes) -> HandoffAnswer:
        """Hand a package over; `Refused("handoff_not_taken")` where it is said clearly that nothing was taken."""
        ...

    async def ask(self, key: str) -> HandoffAnswer:
        """How the hand-off of a key stands; `absent` where none came."""
        ...
