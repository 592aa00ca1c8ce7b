"""The references of clearing records, as they are written: kinds are `number`, `trace` and `terminal`."""

from __future__ import annotations

from datetime import datetime

from hejie.base.clock import SHANGHAI


def trace_of(trace: str, at: datetime, acquirer: str) -> str:
    """Trace number, Shanghai time without its year (`MMDDhhmmss`, as messages carry it) and acquirer: one movement."""
    return f"{trace} {_local(at)[4:]} {acquirer}"


def terminal_of(terminal: str, at: datetime) -> str:
    """A terminal's number and the minute in Shanghai (`YYYYMMDDhhmm`), as a slip shows them."""
    return f"{terminal} {_local(at)[:12]}"


def _local(at: datetime) -> str:
    """`YYYYMMDDhhmmss` in Shanghai, without a formatter's cost: millions are made."""
    told = at.astimezone(SHANGHAI).isoformat()
    return told[:4] + told[5:7] + told[8:10] + told[11:13] + told[14:16] + told[17:19]
