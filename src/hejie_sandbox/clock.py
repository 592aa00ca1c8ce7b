"""The wallet's own clock: real time plus an offset kept in the ledger."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hejie_sandbox.ledger import Ledger

BEIJING = timezone(timedelta(hours=8), "Beijing")


class Clock:
    """Tells the sandbox's time in seconds since 1970; `advance` moves it on for good."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.offset = float(ledger.meta("clock_offset", "0"))

    def now(self) -> float:
        """Return the sandbox's time."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> float:
        """Move the clock on by `seconds` (not back) and return the new time."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        with self._ledger.transaction():
            self._ledger.set_meta("clock_offset", repr(self.offset + seconds))
        self.offset += seconds
        return self.now()


def beijing(seconds: float | None) -> str:
    """Write an instant as `yyyy-MM-dd HH:mm:ss` in Beijing; nothing for None."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def from_beijing(text: str, form: str = "%Y-%m-%d %H:%M:%S") -> float:
    """Read Beijing time; ValueError where `text` is not of the form."""
    return datetime.strptime(text, form).replace(tzinfo=BEIJING).timestamp()
