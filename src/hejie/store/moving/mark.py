"""The mark by which a city stops at an installation, set and taken away by the owner of the tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import errors

from hejie.base.errors import Missing, Refused

Connection = psycopg.Connection[Any]

WAIT_SECONDS = 20
"""How long what is under way is waited for; new work waits behind the mark meanwhile."""
_HERE = "select true from city where city = %s"
_ALONE = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_MARK = """
insert into city_moved as m (city, moved_at, moved_to) values (%s, %s, %s)
on conflict (city) do update set moved_to = case when excluded.moved_to = '' then m.moved_to else excluded.moved_to end
returning moved_at, moved_to
"""


class Mark(NamedTuple):
    """Since when a city is not here any more, and where it is, or empty."""

    at: datetime
    to: str


def see(connection: Connection, city: str) -> None:
    """Let the open transaction see one city's rows, marked or not."""
    connection.execute("select set_config('hejie.city', %s, true)", [city])


def alone(connection: Connection, city: str, *, claims: bool = False) -> None:
    """Hold the city until the open transaction ends: whoever is in it is waited for, nobody else comes in.

    With `claims`, no city's tasks are claimed meanwhile either. Errors: `Refused("city_busy")` where waiting takes
    too long.
    """
    connection.execute(f"set local lock_timeout = '{WAIT_SECONDS}s'")
    try:
        for lock in (*(["city_moved"] if claims else []), f"city_moved/{city}"):
            connection.execute(_ALONE, [lock])
    except errors.LockNotAvailable:
        raise Refused("city_busy", city=city, seconds=WAIT_SECONDS) from None
    connection.execute("set local lock_timeout = 0")


def set_mark(connection: Connection, city: str, at: datetime, to: str) -> Mark:
    """Stop the city here; one that is marked keeps its instant. Errors: `Missing("city_not_here")`, `alone`'s."""
    with connection.transaction():
        see(connection, city)
        alone(connection, city, claims=True)
        if connection.execute(_HERE, [city]).fetchone() is None:
            raise Missing("city_not_here")
        since, place = connection.execute(_MARK, [city, at, to]).fetchone() or (at, to)
    return Mark(since, place)


def take_away(connection: Connection, city: str) -> None:
    """The city goes on here; `Refused("city_not_moved")`."""
    with connection.transaction():
        see(connection, city)
        if connection.execute("delete from city_moved where city = %s returning 1", [city]).fetchone() is None:
            raise Refused("city_not_moved", city=city)
