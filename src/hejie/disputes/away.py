"""A dispute that is being handed over, or has its home in another city."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.cities.homes import Summary


class Away(Struct, frozen=True, kw_only=True):
    """Where it goes, and what was heard from there; while this stands nothing is decided here."""

    handover: str
    to: str
    since: datetime
    gone: bool = False
    """Whether the other city has accepted it: until then it is still ours, and at rest."""
    heard: int = 0
    """The number of the latest word from its home."""
    summary: Summary | None = None
