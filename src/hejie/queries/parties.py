"""Who else may have made a sale: a merchant of this city by its exact credit code, or by exact name and shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.store.pool import Connection

_BY_CODE = """
select m.id, s.id from merchant m left join shop s on s.city = m.city and s.merchant = m.id and s.name = %s
where m.city = %s and m.credit_code = upper(%s)
"""
_BY_NAMES = """
select m.id, s.id from merchant m join shop s on s.city = m.city and s.merchant = m.id
where m.city = %s and m.name = %s and s.name = %s
"""
_SHOPS = "select id from shop where city = %s and merchant = %s order by id limit 2"
_NAMES = """
select m.name, m.credit_code, coalesce(s.name, ''), coalesce(s.address, '')
from merchant m left join shop s on s.city = m.city and s.id = %s where m.city = %s and m.id = %s
"""


async def find_party(connection: Connection, city: str, code: str, name: str, shop: str) -> tuple[str, str] | None:
    """Merchant and shop (its only one where none is named); None unless exactly one bears these very names."""
    if code:
        cursor = await connection.execute(_BY_CODE, [shop, city, code])
    elif name and shop:
        cursor = await connection.execute(_BY_NAMES, [city, name, shop])
    else:
        return None
    found: list[Any] = await cursor.fetchall()
    if len(found) != 1 or (shop and found[0][1] is None):
        return None
    merchant, place = found[0]
    if place is None:
        shops = await (await connection.execute(_SHOPS, [city, merchant])).fetchall()
        place = shops[0][0] if len(shops) == 1 else ""
    return str(merchant), str(place)


async def party_names(connection: Connection, city: str, merchant: str, shop: str) -> tuple[str, str, str, str]:
    """A merchant's name and credit code, its shop's name and address; empty where unknown."""
    row: Any = await (await connection.execute(_NAMES, [shop, city, merchant])).fetchone()
    return (row[0], row[1], row[2], row[3]) if row else ("", "", "", "")


MOST_ASKED = 20
_ASKED = """
select d.id, coalesce(s.name, ''), d.filed_at from dispute d
left join shop s on s.city = d.city and s.id = d.body->'denial'->'to'->>'shop'
where d.city = %s and d.asked = %s and d.asked <> ''
  and (%s::text[] = '{}' or coalesce(d.body->'denial'->'to'->>'shop', '') = any(%s::text[] || ''::text))
order by d.filed_at desc, d.id desc limit %s
"""


class Asked(Struct, frozen=True):
    """A dispute that is not this merchant's own: a sale that is said to be, or one that it may read."""

    dispute: str
    shop: str
    filed_at: datetime


async def asked_of(connection: Connection, city: str, merchant: str, shops: Sequence[str]) -> list[Asked]:
    """Sales a merchant is asked about, the newest first; `shops` narrows them, empty for all."""
    values = [city, merchant, list(shops), list(shops), MOST_ASKED]
    rows: list[Any] = await (await connection.execute(_ASKED, values)).fetchall()
    return [Asked(*row) for row in rows]


_READABLE = """
select d.id, coalesce(s.name, ''), d.filed_at from dispute d left join shop s on s.city = d.city and s.id = d.shop
where d.city = %s and d.seen_by = %s and d.seen_by <> '' and (%s::text[] = '{}' or d.shop = any(%s))
order by d.filed_at desc, d.id desc limit %s
"""


async def readable_by(connection: Connection, city: str, merchant: str, shops: Sequence[str]) -> list[Asked]:
    """Disputes that another merchant answers and this one may read, the newest first; `shops` as above."""
    values = [city, merchant, list(shops), list(shops), MOST_ASKED]
    rows: list[Any] = await (await connection.execute(_READABLE, values)).fetchall()
    return [Asked(*row) for row in rows]


MOST_COUNTED = 99
_FALSE = """
select count(*) from (select 1 from dispute where city = %s and denied_falsely = %s and denied_falsely <> '' limit %s) f
"""


async def false_denials(connection: Connection, city: str, merchant: str) -> int:
    """How many sales a merchant denied untruly, as officers found; the count stops above `MOST_COUNTED`."""
    row: Any = await (await connection.execute(_FALSE, [city, merchant, MOST_COUNTED + 1])).fetchone()
    return int(row[0])
