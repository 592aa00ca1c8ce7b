"""The references of clearing records: how each is written, and the keyed hash under which it stands."""

from __future__ import annotations

from datetime import datetime

from hejie.base.clock import SHANGHAI
from hejie.base.seals import Vault


def reference_hash(vault: Vault, kind: str, value: str) -> int:
    """The place of a reference: 64 bits of a keyed hash. Kinds are `number`, `trace` and `terminal`."""
    return int.from_bytes(vault.handle("clearing", f"{kind}\0{value}")[:8], "big", signed=True)


def trace_of(trace: str, at: datetime, acquirer: str) -> str:
    """Trace number, Shanghai time without its year (as messages carry it) and acquirer: one movement."""
    return f"{trace} {at.astimezone(SHANGHAI):%m%d%H%M%S} {acquirer}"


def terminal_of(terminal: str, at: datetime) -> str:
    """A terminal's number and the minute in Shanghai, as a slip shows them."""
    return f"{terminal} {at.astimezone(SHANGHAI):%Y%m%d%H%M}"
