"""A newer version of the directory takes the present one's place, where a keeper of the present one has signed it."""

from __future__ import annotations

from datetime import datetime

from hejie.alliance.directory import Directory, SignedDirectory, successor
from hejie.connectors.exchange_keys import Own
from hejie.store import directories
from hejie.store.pool import Pool, city_transaction

_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 36))"


async def take_directory(pool: Pool, own: Own, file: SignedDirectory, now: datetime) -> Directory:
    """Take a version over for one city; errors of `alliance.directory.successor`, and then nothing has changed."""
    async with city_transaction(pool, own.city) as connection:
        await connection.execute(_LOCK, [f"{own.city}/directory"])
        before = await directories.present(connection, own.city)
        found = successor(before, own.anchors, file, now)
        await directories.keep(connection, own.city, file, now)
    return found
