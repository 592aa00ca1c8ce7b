"""Rate limits and the sweep: counted together by many at once, apart by key, city and window."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge import limits, sessions
from hejie.edge.limits import Limit
from hejie.edge.sessions import Viewer
from hejie.edge.sweep import sweep
from hejie.store.pool import city_transaction

CITY, OTHER = "330100", "310000"
FIVE = Limit("five", 5, 86400 * 365)


async def take(house, key: str = "k", city: str = CITY) -> int | str:
    try:
        async with sessions.passing(house.pool, city) as connection:
            return await limits.take(connection, city, FIVE, key)
    except Refused as refused:
        return f"{refused.code} {refused.facts['policy']}"


async def test_many_at_once_get_exactly_what_is_left(house):
    got = await asyncio.gather(*(take(house) for _ in range(8)))
    assert sorted(each for each in got if isinstance(each, int)) == [0, 1, 2, 3, 4]
    assert got.count("rate_limited five") == 3
    assert await take(house, "other") == 4
    assert await take(house, city=OTHER) == 4


async def test_looking_counts_nothing(house):
    async with sessions.passing(house.pool, CITY) as connection:
        await limits.look(connection, CITY, FIVE, "k")
    assert await take(house) == 4
    for _ in range(4):
        await take(house)
    with pytest.raises(Refused):
        async with sessions.passing(house.pool, CITY) as connection:
            await limits.look(connection, CITY, FIVE, "k")


async def test_the_sweep_takes_what_is_over_and_leaves_the_rest(house):
    now = datetime.now(UTC)
    async with city_transaction(house.pool, CITY) as connection:
        for person in ("old", "new"):
            viewer = Viewer(city=CITY, role=Role.consumer, person=person)
            await sessions.begin(connection, house.chance, viewer)
        await connection.execute("update session set ends_at = %s where person = 'old'", [now - timedelta(hours=1)])
        for name, ends_at in (("old", now - timedelta(days=2)), ("new", now)):
            await connection.execute("insert into nonce values (%s, 'entry', %s, %s)", [CITY, name, ends_at])
        for name, at in (("old", now - timedelta(days=31)), ("new", now - timedelta(days=29))):
            await connection.execute("insert into callback values (%s, 'alipay', 'a', %s, '', %s)", [CITY, name, at])
        assert await sweep(connection, CITY, now) == 3
        assert await sweep(connection, CITY, now) == 0
        kept = "select person from session union select nonce from nonce union select delivery from callback"
        left = await (await connection.execute(kept)).fetchall()
    assert left == [("new",)]
