"""Rate limits: fixed windows of real time, counted in the database by one statement."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from msgspec import Struct

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.store.pool import Connection

_REAL = SystemClock()
_COUNT = """
insert into rate as r (city, bucket, starts_at, hits) values (%s, %s, %s, 1)
on conflict (city, bucket, starts_at) do update set hits = r.hits + 1
returning hits
"""
_LOOK = "select hits from rate where city = %s and bucket = %s and starts_at = %s"


class Limit(Struct, frozen=True):
    """At most so many in a window of so many seconds."""

    name: str
    most: int
    seconds: int


ACTS = Limit("acts", 240, 60)
"""Acts of one session, by page or by programme."""


async def take(connection: Connection, city: str, limit: Limit, key: str | bytes) -> int:
    """Count one more for a key (an address, a session, a keyed handle of a phone); how many are left.

    Errors: `Refused("rate_limited", policy, most, window, seconds)`, seconds until the window ends.
    """
    now = _REAL.now()
    cursor = await connection.execute(_COUNT, [city, _bucket(limit, key), _start(limit, now)])
    row = await cursor.fetchone()
    hits = int(row[0]) if row else 1
    if hits > limit.most:
        raise _refusal(limit, now)
    return limit.most - hits


async def look(connection: Connection, city: str, limit: Limit, key: str | bytes) -> None:
    """Refuse as `take` does where the window is used up, without counting: for limits on failures."""
    now = _REAL.now()
    cursor = await connection.execute(_LOOK, [city, _bucket(limit, key), _start(limit, now)])
    row = await cursor.fetchone()
    if row is not None and int(row[0]) >= limit.most:
        raise _refusal(limit, now)


def _bucket(limit: Limit, key: str | bytes) -> str:
    raw = key.encode() if isinstance(key, str) else key
    return f"{limit.name}:{hashlib.sha256(raw).hexdigest()[:32]}"


def _start(limit: Limit, now: datetime) -> datetime:
    second = int(now.timestamp())
    return datetime.fromtimestamp(second - second % limit.seconds, UTC)


def _refusal(limit: Limit, now: datetime) -> Refused:
    left = limit.seconds - int(now.timestamp()) % limit.seconds
    return Refused("rate_limited", policy=limit.name, most=limit.most, window=limit.seconds, seconds=left)
