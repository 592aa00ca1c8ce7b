"""What somebody who files for others may see: shops to name, and the filings of their own hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing
from hejie.base.seals import Vault
from hejie.disputes.model import Dispute
from hejie.queries.keys import read_instant
from hejie.store.contents import read_contents
from hejie.store.pool import Connection

PAGE = 20


class Place(Struct, frozen=True, kw_only=True):
    """One shop of a merchant that has joined."""

    id: str
    name: str
    address: str
    merchant: str
    merchant_name: str
    credit_code: str


class Filing(Struct, frozen=True, kw_only=True):
    """One filing, no more than its number and state."""

    id: str
    state: str
    place: str
    filed_at: datetime
    due_at: datetime | None


class Filings(Struct, frozen=True):
    """One page and the key after which the next begins."""

    rows: tuple[Filing, ...]
    after: str = ""


class Mandate(Struct, frozen=True, kw_only=True):
    """What is recorded, sealed, of a relative's mandate."""

    who: str
    covers: str


_PLACE = """
select s.id, s.name, s.address, m.id, m.name, m.credit_code
from shop s join merchant m on m.city = s.city and m.id = s.merchant
where s.city = %(city)s
"""
_NAME = """
select coalesce(s.name, m.name, '')
from dispute d
left join merchant m on m.city = d.city and m.id = d.merchant
left join shop s on s.city = d.city and s.id = d.shop
where d.city = %s and d.id = %s
"""
_NAMED = """ and (m.credit_code = upper(%(words)s) or strpos(lower(s.name), lower(%(words)s)) > 0
  or strpos(lower(m.name), lower(%(words)s)) > 0) order by s.id desc limit %(most)s
"""
_MINE = """
select d.id, d.state, coalesce(s.name, m.name, ''), d.filed_at, d.due_at
from dispute d
left join merchant m on m.city = d.city and m.id = d.merchant
left join shop s on s.city = d.city and s.id = d.shop
where d.city = %s and d.helper = %s and d.helper <> ''
"""


async def find_places(connection: Connection, city: str, words: str, most: int = PAGE) -> tuple[Place, ...]:
    """Shops whose name or merchant's name holds these words, or whose credit code they are; none for no words."""
    if not words:
        return ()
    values = {"city": city, "words": words, "most": most}
    found = await (await connection.execute(_PLACE + _NAMED, values)).fetchall()
    return tuple(_place(row) for row in found)


async def read_place(connection: Connection, city: str, shop: str) -> Place:
    """One shop; `Missing("shop_unknown")`."""
    values = {"city": city, "shop": shop}
    row = await (await connection.execute(_PLACE + " and s.id = %(shop)s", values)).fetchone()
    if row is None:
        raise Missing("shop_unknown")
    return _place(row)


async def place_name(connection: Connection, dispute: Dispute) -> str:
    """Where it was bought: the shop, or the merchant to whom the dispute has moved."""
    row = await (await connection.execute(_NAME, [dispute.city, dispute.id])).fetchone()
    return str(row[0]) if row else ""


async def filings(connection: Connection, city: str, helper: str, after: str = "", size: int = PAGE) -> Filings:
    """What this helper has filed, newest first; `Refused("page_key_wrong")`."""
    query, values = _MINE, [city, helper]
    if after:
        instant, _, identifier = after.partition("~")
        query += " and (d.filed_at, d.id) < (%s, %s)"
        values += [read_instant(instant), identifier]  # type: ignore[list-item]
    query += " order by d.filed_at desc, d.id desc limit %s"
    found: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    rows = tuple(Filing(**dict(zip(Filing.__struct_fields__, row, strict=True))) for row in found[:size])
    return Filings(rows, f"{rows[-1].filed_at.isoformat()}~{rows[-1].id}" if len(found) > size else "")


async def read_person(connection: Connection, vault: Vault, dispute: Dispute) -> tuple[str, Mandate | None]:
    """The name of the person it was filed for, and the relative's mandate; empty where none was given or erased."""
    assist = dispute.assist
    if assist is None:
        return "", None
    wanted = [name for name in (assist.name, assist.mandate) if name]
    found = await read_contents(connection, vault, dispute.city, f"dispute:{dispute.id}", wanted)
    name = found[assist.name][1].decode() if assist.name in found else ""
    mandate = msgspec.json.decode(found[assist.mandate][1], type=Mandate) if assist.mandate in found else None
    return name, mandate


def _place(row: Any) -> Place:
    return Place(**dict(zip(("id", "name", "address", "merchant", "merchant_name", "credit_code"), row, strict=True)))
