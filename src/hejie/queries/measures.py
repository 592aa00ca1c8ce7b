"""Measures against merchants: what officers and the merchant read, and whether payment codes are suspended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing
from hejie.base.seals import Vault
from hejie.merchants.measures import SUSPENDS, Measure
from hejie.store.contents import read_contents
from hejie.store.pool import Connection

MOST_SHOWN = 100
MOST_DISPUTES = 30
_NAMED = """
select e.body::text, m.name from measure e join merchant m on m.city = e.city and m.id = e.merchant
where e.city = %s {more} order by e.announced_at desc, e.id desc limit %s
"""
_SUSPENDED = """
select min(effective_at) from measure
where city = %s and merchant = %s and step = any(%s) and effective_at <= %s and (until is null or %s < until)
"""
_DISPUTES = """
select id, problem, filed_at from dispute where city = %s and merchant = %s order by filed_at desc, id desc limit %s
"""


class Shown(Struct, frozen=True, kw_only=True):
    """One measure with the merchant's name and all that was written."""

    row: Measure
    name: str
    words: dict[str, str]
    """Content identifier → text."""


class Resting(Struct, frozen=True, kw_only=True):
    """A dispute on which a measure may rest."""

    id: str
    problem: str
    filed_at: datetime


async def read_measure(connection: Connection, city: str, identifier: str) -> Measure:
    """One row; `Missing("measure_unknown")`."""
    cursor = await connection.execute("select body::text from measure where city = %s and id = %s", [city, identifier])
    row: Any = await cursor.fetchone()
    if row is None:
        raise Missing("measure_unknown")
    return msgspec.json.decode(row[0], type=Measure)


async def measures(connection: Connection, vault: Vault, city: str) -> list[Shown]:
    """A city's, the newest first, `MOST_SHOWN` at most."""
    return await _shown(connection, vault, city, "", [])


async def measures_of(connection: Connection, vault: Vault, city: str, merchant: str) -> list[Shown]:
    """A merchant's, the newest first, `MOST_SHOWN` at most."""
    return await _shown(connection, vault, city, "and e.merchant = %s", [merchant])


async def suspended_since(connection: Connection, city: str, merchant: str, at: datetime) -> datetime | None:
    """Since when a measure in effect keeps the merchant's payment codes from showing promises; none where none does."""
    steps = [each.value for each in SUSPENDS]
    cursor = await connection.execute(_SUSPENDED, [city, merchant, steps, at, at])
    row: Any = await cursor.fetchone()
    since: datetime | None = row[0]
    return since


async def may_rest_on(connection: Connection, city: str, merchant: str) -> list[Resting]:
    """A merchant's disputes, the newest first, `MOST_DISPUTES` at most."""
    cursor = await connection.execute(_DISPUTES, [city, merchant, MOST_DISPUTES])
    return [Resting(id=each, problem=problem, filed_at=at) for each, problem, at in await cursor.fetchall()]


async def _shown(connection: Connection, vault: Vault, city: str, more: str, values: Sequence[object]) -> list[Shown]:
    cursor = await connection.execute(_NAMED.format(more=more), [city, *values, MOST_SHOWN])
    found: list[Shown] = []
    for body, name in await cursor.fetchall():
        row = msgspec.json.decode(body, type=Measure)
        kept = await read_contents(connection, vault, city, f"measure:{row.id}", row.words)
        words = {identifier: plain.decode() for identifier, (_, plain) in kept.items()}
        found.append(Shown(row=row, name=name, words=words))
    return found
