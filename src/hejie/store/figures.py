"""Joint figures as they were told, our own among them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.alliance.figures import Told
from hejie.store.pool import Connection

_KEEP = """
insert into joint_figure (city, peer, month, number, least, counts, told_at)
values (%s, %s, %s, %s, %s, %s::jsonb, %s)
on conflict (city, peer, month) do update set number = excluded.number, least = excluded.least,
  counts = excluded.counts, told_at = excluded.told_at
where joint_figure.number < excluded.number
"""
_OF_MONTH = """
select peer, month, least, counts::text, told_at from joint_figure where city = %s and month = %s order by peer
"""
_OWN = "select peer, month, least, counts::text, told_at from joint_figure where city = %s and peer = city"
_UNTOLD = """
select f.month, p.peer from joint_figure f cross join unnest(%s::text[]) p (peer)
where f.city = %s and f.peer = f.city and f.month = any(%s)
  and not exists (select 1 from letter_out o
    where o.city = f.city and o.peer = p.peer and o.about = 'figures-' || f.month)
order by f.month, p.peer
"""


class Month(Struct, frozen=True, kw_only=True):
    """One city's figures of one month."""

    peer: str
    told: Told
    told_at: datetime


async def keep_figures(
    connection: Connection, city: str, peer: str, number: int, told: Told, told_at: datetime
) -> None:
    """The newest word stands; an older one changes nothing."""
    counts = msgspec.json.encode(told.counts).decode()
    await connection.execute(_KEEP, [city, peer, told.month, number, told.least, counts, told_at])


async def figures_of(connection: Connection, city: str, month: str) -> dict[str, Month]:
    """All cities' figures of one month, by city."""
    rows = await (await connection.execute(_OF_MONTH, [city, month])).fetchall()
    return {row[0]: _month(row) for row in rows}


async def own_figures(connection: Connection, city: str) -> dict[str, Month]:
    """Our own, by month."""
    rows = await (await connection.execute(_OWN, [city])).fetchall()
    return {row[1]: _month(row) for row in rows}


async def untold(connection: Connection, city: str, peers: list[str], months: list[str]) -> list[tuple[str, str]]:
    """Months of ours and the members that were never told of them."""
    return [(row[0], row[1]) for row in await (await connection.execute(_UNTOLD, [peers, city, months])).fetchall()]


def _month(row: Any) -> Month:
    peer, month, least, counts, told_at = row
    told = Told(month=month, least=least, counts=msgspec.json.decode(counts, type=dict[str, int | None]))
    return Month(peer=peer, told=told, told_at=told_at)
