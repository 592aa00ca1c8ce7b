"""How each link to another city stands: tries, failures in a row, the last word from there."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hejie.store.pool import Connection

_READ = "select failures, last_try from alliance_link where city = %s and peer = %s"
_WENT = """
insert into alliance_link (city, peer, last_try, last_ok) values (%s, %s, %s, %s)
on conflict (city, peer) do update set failures = 0, last_error = '', last_try = excluded.last_try,
  last_ok = excluded.last_ok
"""
_FAILED = """
insert into alliance_link as l (city, peer, failures, last_error, last_try) values (%s, %s, 1, %s, %s)
on conflict (city, peer) do update set failures = l.failures + 1, last_error = excluded.last_error,
  last_try = excluded.last_try
"""
_HEARD = """
insert into alliance_link (city, peer, last_heard) values (%s, %s, %s)
on conflict (city, peer) do update set last_heard = excluded.last_heard
"""


class Link(NamedTuple):
    """What decides whether a peer is tried now."""

    failures: int
    last_try: datetime | None


async def link(connection: Connection, city: str, peer: str) -> Link:
    """How the link stands."""
    row = await (await connection.execute(_READ, [city, peer])).fetchone()
    return Link(0, None) if row is None else Link(*row)


async def note_went(connection: Connection, city: str, peer: str, now: datetime) -> None:
    """The peer has answered."""
    await connection.execute(_WENT, [city, peer, now, now])


async def note_failed(connection: Connection, city: str, peer: str, now: datetime, code: str) -> None:
    """The peer has not answered, or not as it must."""
    await connection.execute(_FAILED, [city, peer, code, now])


async def note_heard(connection: Connection, city: str, peer: str, now: datetime) -> None:
    """The peer has called us."""
    await connection.execute(_HEARD, [city, peer, now])
