"""Counters by day and month: what has changed is taken out as it was counted, and counted again as it is now."""

from __future__ import annotations

from typing import Any

from hejie.store.day_counts import COLUMNS, CUT, CUT_ONLY, counted_among, facts_among, signed, tallied
from hejie.store.pool import Connection, Pool, city_transaction

AT_ONCE = 20_000
"""Disputes in one transaction."""
_LOCK = "select pg_advisory_xact_lock(hashtextextended('day_count/' || %(city)s, 0))"
_TAKE = """
create temporary table count_taken on commit drop as
select w.city, w.id from count_waiting w where w.city = %(city)s limit %(most)s for update skip locked
"""
_ADD = f"""
insert into day_count (city, grain, first, cut, code, measure, span, n)
select %(city)s, g.grain, g.first, c.cut, c.code, t.measure, t.span, sum(t.n)
from tally t {CUT}
cross join lateral (values ('d', t.day), ('m', date_trunc('month', t.day)::date)) g (grain, first)
where {CUT_ONLY}
group by g.grain, g.first, c.cut, c.code, t.measure, t.span
having sum(t.n) <> 0
on conflict (city, grain, first, cut, code, measure, span) do update set n = day_count.n + excluded.n
"""
_FRESH = f"create temporary table fresh on commit drop as {facts_among('count_taken')}"
_BOTH = signed((f"select {COLUMNS} from fresh", 1), (counted_among("count_taken"), -1))
_TALLY = f"create temporary table tally on commit drop as {tallied(_BOTH)}"
_KEEP = f"""
insert into dispute_counted ({COLUMNS}) select {COLUMNS} from fresh
on conflict (city, id) do update set ({COLUMNS}) = row (excluded.*)
"""
_DONE = "delete from count_waiting w using count_taken t where w.city = t.city and w.id = t.id"
_NONE = "delete from day_count where city = %(city)s and n = 0"
_WAIT_ALL = """
insert into count_waiting (city, id) select city, id from dispute where city = %(city)s
on conflict (city, id) do update set id = excluded.id
"""
_FORGET = (
    "delete from day_count where city = %(city)s",
    "delete from dispute_counted where city = %(city)s",
    _WAIT_ALL,
)


async def count_waiting(connection: Connection, city: str, most: int = AT_ONCE) -> int:
    """Count up to so many disputes that wait, in this transaction; how many. Whoever is being changed waits longer."""
    values: dict[str, Any] = {"city": city, "most": most}
    await connection.execute(_LOCK, values)
    taken = await connection.execute(_TAKE, values)
    if not taken.rowcount:
        return 0
    await connection.execute("analyze count_taken")
    await connection.execute(_FRESH, values)
    await connection.execute(_TALLY, values)
    await connection.execute(_ADD, values)
    await connection.execute(_KEEP, values)
    await connection.execute(_DONE, values)
    await connection.execute(_NONE, values)
    return taken.rowcount


async def forget_counts(connection: Connection, city: str) -> None:
    """Empty a city's counters and let every dispute wait to be counted anew."""
    for statement in (_LOCK, *_FORGET):
        await connection.execute(statement, {"city": city})


async def count_all(pool: Pool, city: str, most: int = AT_ONCE) -> int:
    """Count all that waits, transaction by transaction; how many."""
    whole = 0
    while True:
        async with city_transaction(pool, city) as connection:
            counted = await count_waiting(connection, city, most)
        whole += counted
        if counted < most:
            return whole
