"""When a letter that could not be brought is tried again: soon, ever later for three days, then slowly for good."""

from __future__ import annotations

from datetime import datetime, timedelta

DAYS = timedelta(days=3)
SLOWLY = timedelta(hours=6)
TELL_AFTER = timedelta(hours=24)
"""After which a person is told of a letter that lies."""
MOST_FAILURES, REST = 10, timedelta(seconds=60)
"""After so many failures in a row a peer is left alone for a while, whatever letter would be next."""


def next_try(tries: int, first_at: datetime, now: datetime, jitter: float) -> datetime:
    """After `tries` failed ones: n⁴ + 15 seconds and up to half again (jitter 0 to 1); six hours after three days.

    Source: the delivery of Mastodon (16 tries in 50 to 75 hours).
    """
    if now - first_at >= DAYS:
        return now + SLOWLY
    wait = timedelta(seconds=(tries**4 + 15) * (1 + jitter / 2))
    return min(now + wait, max(first_at + DAYS, now + timedelta(seconds=15)))


def wait_after(failures: int) -> timedelta:
    """How long receipts wait after so many failures of their peer in a row: as letters do, at most six hours."""
    return min(timedelta(seconds=min(failures, 16) ** 4 + 15), SLOWLY)


def rests_until(failures: int, last_try: datetime) -> datetime | None:
    """Until when a peer is left alone."""
    return last_try + REST if failures >= MOST_FAILURES else None
