"""One clock for business time; the law's and people's days are those of Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that tells business time, always aware and in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present instant by the machine."""
        return datetime.now(UTC)


def instant(text: str) -> datetime:
    """An instant from ISO 8601 with its zone, in UTC; ValueError for anything else, one without a zone included."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant names its zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant lies within the years 1 to 9999 of UTC") from None


def milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970, the time part of identifiers."""
    return int(instant.timestamp() * 1000)
