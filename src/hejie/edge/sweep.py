"""Forgets what the edge no longer needs: ended sessions, old counters, used-up links and codes, old pushes."""

from __future__ import annotations

from datetime import datetime, timedelta

from hejie.base.clock import SystemClock
from hejie.store.pool import Connection

_REAL = SystemClock()
_DAY = timedelta(days=1)
_ATTEMPTS = timedelta(days=400)
"""How long a payment is remembered as counted: beyond a year nobody settles it here."""
_LISTS = timedelta(days=30)
"""How long a list of merchants is kept that nobody set going."""
_PUSHES = timedelta(days=30)
"""How long a wallet's raw push is kept: long past its own life, so that it is still counted once."""
_MARKS = timedelta(days=180)
"""How long it is kept in which words a dispute was filed: officers look ninety days to either side."""


async def sweep(connection: Connection, city: str, business: datetime) -> int:
    """Delete one city's leftovers; how many rows went. Idempotency keys stay: they last as long as their case."""
    real = _REAL.now()
    gone = 0
    for statement, values in (
        ("delete from session where city = %s and ends_at < %s", [city, real]),
        ("delete from rate where city = %s and starts_at < %s", [city, real - _DAY]),
        ("delete from one_time_code where city = %s and ends_at < %s", [city, real]),
        ("delete from nonce where city = %s and ends_at < %s", [city, min(real, business) - _DAY]),
        ("delete from short_link where city = %s and ends_at < %s", [city, business - _PUSHES]),
        ("delete from callback where city = %s and received_at < %s", [city, business - _PUSHES]),
        ("delete from filing_mark where city = %s and filed_at < %s", [city, business - _MARKS]),
        (
            "delete from content where city = %s and subject like 'campaign:%%' and made_at < %s",
            [city, business - _LISTS],
        ),
        ("delete from attempt_seen where city = %s and day < %s", [city, business - _ATTEMPTS]),
        ("delete from content where city = %s and subject like 'code:%%' and made_at < %s", [city, business - _DAY]),
    ):
        gone += (await connection.execute(statement, values)).rowcount
    return gone
