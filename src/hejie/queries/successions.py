"""Registered successions: a merchant's own, with the other's name, and all that stand in a city."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from hejie.merchants.successions import Lines, Succession
from hejie.store.pool import Connection

MOST_SHOWN = 50
_STANDING = "select body::text from succession where city = %s and not undone"
_WITH_CODE = "select id from merchant where city = %s and credit_code = %s"
_OF = """
select s.body::text, m.id, m.name
from succession s
join merchant m on m.city = s.city and m.id = case when s.former = %(merchant)s then s.later else s.former end
where s.city = %(city)s and %(merchant)s in (s.former, s.later)
order by s.begins desc, s.id desc limit %(most)s
"""


class Told(Struct, frozen=True, kw_only=True):
    """One succession as one of its two merchants sees it."""

    succession: Succession
    other: str
    """The other merchant, and its name of today."""
    other_name: str


async def merchant_with_code(connection: Connection, city: str, code: str) -> str:
    """The merchant that bears a credit code, empty for none."""
    row: Any = await (await connection.execute(_WITH_CODE, [city, code])).fetchone()
    return str(row[0]) if row else ""


async def lines_of(connection: Connection, city: str) -> Lines:
    """All that stand."""
    rows: list[Any] = await (await connection.execute(_STANDING, [city])).fetchall()
    return Lines(msgspec.json.decode(body, type=Succession) for (body,) in rows)


async def successions_of(connection: Connection, city: str, merchant: str) -> list[Told]:
    """A merchant's, undone ones too, the newest first, `MOST_SHOWN` at most."""
    values = {"city": city, "merchant": merchant, "most": MOST_SHOWN}
    rows: list[Any] = await (await connection.execute(_OF, values)).fetchall()
    return [
        Told(succession=msgspec.json.decode(body, type=Succession), other=other, other_name=name)
        for body, other, name in rows
    ]


async def heirs_of(connection: Connection, city: str, merchant: str) -> list[tuple[str, str]]:
    """Who goes on with a merchant's business, as identifier and name: one at most, none where nobody does."""
    found = await successions_of(connection, city, merchant)
    return [
        (each.other, each.other_name)
        for each in found
        if each.succession.former == merchant and not each.succession.undone
    ]
