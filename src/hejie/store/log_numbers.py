"""The sequencer: committed lines of a city's log get numbers, one after another, and their hashes join its tiles."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hejie.base.merkle import leaf_hash
from hejie.store.pool import Connection, Pool, city_transaction
from hejie.transparency.entries import Step, entry_of, entry_salt, instant
from hejie.transparency.tiles import Place, appended, edge_of

BATCH = 4096
"""Lines in one transaction."""

_ALONE = "select pg_advisory_xact_lock(hashtextextended('log_numbers/' || %s, 0))"
_SIZE = "select coalesce(max(number) + 1, 0) from log_number where city = %s"
_TAKE = """
with next as (select place from log_waiting where city = %(city)s order by place limit %(most)s),
taken as (
  delete from log_waiting w using next n where w.city = %(city)s and w.place = n.place
  returning w.place, w.noun, w.id, w.version
)
select t.noun, t.id, t.version, l.at, l.actor_role, l.event, l.salt, l.digest
from taken t join log l on l.city = %(city)s and l.noun = t.noun and l.id = t.id and l.version = t.version
order by t.place
"""
_NUMBER = """
insert into log_number (city, number, noun, id, version, entry)
select %s, %s + row - 1, noun, id, version, entry
from unnest(%s::text[], %s::text[], %s::int[], %s::bytea[]) with ordinality as n (noun, id, version, entry, row)
"""
_TILES = """
select level, tile, hashes from log_tile t
join unnest(%s::int[], %s::bigint[]) as w (l, n) on t.level = w.l and t.tile = w.n
where t.city = %s
"""
_KEEP = """
insert into log_tile (city, level, tile, hashes)
select %s, level, tile, hashes from unnest(%s::int[], %s::bigint[], %s::bytea[]) as n (level, tile, hashes)
on conflict (city, level, tile) do update set hashes = excluded.hashes
"""


async def number_all(pool: Pool, city: str, batch: int = BATCH) -> int:
    """Number everything that waits; how many lines that were. Several at once do no harm: one works, others wait."""
    count = 0
    while done := await _number(pool, city, batch):
        count += done
        if done < batch:
            break
    return count


async def read_tiles(connection: Connection, city: str, places: Collection[Place]) -> dict[Place, bytes]:
    """Tiles as they are kept, by level and place; those that are not there yet are left out."""
    if not places:
        return {}
    levels, tiles = zip(*sorted(places), strict=True)
    rows: list[Any] = await (await connection.execute(_TILES, [list(levels), list(tiles), city])).fetchall()
    return {(level, tile): bytes(hashes) for level, tile, hashes in rows}


async def append(connection: Connection, city: str, size: int, entries: list[bytes]) -> None:
    """Let entries join the tiles of a tree of this size, in the caller's transaction and under its lock."""
    edge = await read_tiles(connection, city, edge_of(size))
    changed = appended(size, edge, [leaf_hash(entry) for entry in entries])
    levels, tiles = zip(*changed, strict=True)
    await connection.execute(_KEEP, [city, list(levels), list(tiles), list(changed.values())])


async def _number(pool: Pool, city: str, batch: int) -> int:
    async with city_transaction(pool, city) as connection:
        await connection.execute(_ALONE, [city])
        rows: list[Any] = await (await connection.execute(_TAKE, {"city": city, "most": batch})).fetchall()
        if not rows:
            return 0
        found: Any = await (await connection.execute(_SIZE, [city])).fetchone()
        entries = [line_entry(city, *row) for row in rows]
        nouns, ids, versions = (list(column) for column in list(zip(*rows, strict=True))[:3])
        await connection.execute(_NUMBER, [city, found[0], nouns, ids, versions, entries])
        await append(connection, city, found[0], entries)
    return len(rows)


def line_entry(city: str, noun: str, identifier: str, version: int, *told: Any) -> bytes:
    """What the tree holds of a line of the log; `told` are its instant, role, event, salt and digest."""
    at, role, event, salt, digest = told
    step = Step(
        city=city,
        noun=noun,
        id=identifier,
        version=version,
        at=instant(at),
        by=role,
        event=event,
        digest=bytes(digest).hex(),
    )
    return entry_of(step, entry_salt(bytes(salt)))
