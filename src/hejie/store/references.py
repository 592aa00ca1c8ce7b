"""The references of clearing records, as they are written: kinds are `number`, `trace` and `terminal`."""

from __future__ import annotations

from datetime import datetime

from hejie.base.clock import SHANGHAI


def trace_of(trace: str, at: datetime, acquirer: str) -> str:
    """Trace number, Shanghai time without its year (`MMDDhhmmss`, as messages carry it) and acquirer: one movement."""
    return _trace(trace, local(at), acquirer)


def terminal_of(terminal: str, at: datetime) -> str:
    """A terminal's number and the minute in Shanghai (`YYYYMMDDhhmm`), as a slip shows them."""
    return _terminal(terminal, local(at))


def both_of(trace: str, terminal: str, at: datetime, acquirer: str) -> tuple[str, str]:
    """`trace_of` and `terminal_of` of one record, for whoever writes millions; empty where a number is."""
    told = local(at)
    return trace and _trace(trace, told, acquirer), terminal and _terminal(terminal, told)


def _trace(trace: str, told: str, acquirer: str) -> str:
    return f"{trace} {told[4:]} {acquirer}"


def _terminal(terminal: str, told: str) -> str:
    return f"{terminal} {told[:12]}"


def local(at: datetime) -> str:
    """`YYYYMMDDhhmmss` in Shanghai, without a formatter's cost: millions are made."""
    told = at.astimezone(SHANGHAI).isoformat()
    return told[:4] + told[5:7] + told[8:10] + told[11:13] + told[14:16] + told[17:19]
