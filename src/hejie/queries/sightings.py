"""Payment identities as sources wrote them down: those of registered merchants, and those that nobody claims yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from hejie.merchants.linking import Sighting
from hejie.store.pool import Connection

_SHOPS = """
select s.merchant, s.id, s.name, s.address, m.name, m.credit_code from shop s
join merchant m on m.city = s.city and m.id = s.merchant where s.city = %s order by s.merchant, s.id
"""
_BOUND = """
select b.id, b.identity, b.merchant, b.shop from binding b
where b.city = %s and not b.undone and b.identity like any(array['acquirer/%%', 'terminal/%%', 'unionpay/%%'])
order by b.begins, b.id
"""
_UNBOUND = """
select r.acquirer, r.merchant, max(r.merchant_name), max(r.terminal), min(r.at), count(*)
from clearing_record r
where r.city = %(city)s and r.day >= %(since)s and r.merchant <> '' and r.merchant_name <> '' and not exists (
  select 1 from binding b where b.city = r.city and not b.undone
    and b.identity in ('acquirer/' || r.acquirer || '/' || r.merchant, 'unionpay//' || r.merchant))
group by r.acquirer, r.merchant order by count(*) desc, r.acquirer, r.merchant limit %(most)s
"""
_REFUSED = """
select subject, body->>'merchant' from work_item where city = %s and kind = 'link_asked' and done_at is not null
"""
MOST = 50_000
"""Unclaimed numbers that are looked at in one go, those with the most payments first."""


class Place(Struct, frozen=True):
    """Where a sighting of a registered merchant belongs."""

    merchant: str
    shop: str


class Unclaimed(Struct, frozen=True, kw_only=True):
    """A merchant number in the records that no binding explains."""

    acquirer: str
    number: str
    name: str
    terminal: str
    first_at: datetime
    payments: int


async def registered(connection: Connection, city: str) -> tuple[list[Sighting], Mapping[str, Place]]:
    """Every shop of every merchant, once for itself and once for each number that is bound to it; id → place."""
    shops = {}
    rows, places = [], {}
    for merchant, shop, name, address, company, code in await (await connection.execute(_SHOPS, [city])).fetchall():
        shops[merchant, shop] = shops[merchant, ""] = (name or company, address, code)
        identifier = f"shop:{merchant}:{shop}"
        rows.append(Sighting(id=identifier, name=name or company, address=address, code=code))
        places[identifier] = Place(merchant, shop)
    for identifier, key, merchant, shop in await (await connection.execute(_BOUND, [city])).fetchall():
        if (merchant, shop) not in shops:
            continue
        name, address, code = shops[merchant, shop]
        scheme, issuer, number = key.split("/", 2)
        told = {"terminal": number} if scheme == "terminal" else {"number": number}
        place = f"binding:{identifier}"
        rows.append(Sighting(id=place, acquirer=issuer, name=name, address=address, code=code, **told))
        places[place] = Place(merchant, shop)
    return rows, places


async def unclaimed(connection: Connection, city: str, since: datetime) -> list[Unclaimed]:
    """Merchant numbers in the clearing records that no binding explains, `MOST` at most."""
    values = {"city": city, "since": since.date(), "most": MOST}
    rows = await (await connection.execute(_UNBOUND, values)).fetchall()
    return [
        Unclaimed(acquirer=acquirer, number=number, name=name, terminal=terminal, first_at=first, payments=payments)
        for acquirer, number, name, terminal, first, payments in rows
    ]


async def answered(connection: Connection, city: str) -> set[tuple[str, str]]:
    """Sighting and merchant of every question that a person has answered: none is put twice."""
    return {(key, merchant) for key, merchant in await (await connection.execute(_REFUSED, [city])).fetchall()}
