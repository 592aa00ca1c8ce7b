"""Agreements between merchants, as either side and the officers read them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from hejie.merchants.agreements import Agreement
from hejie.store.pool import Connection

MOST_SHOWN = 100
_OF = """
select g.body::text, p.name, m.name, coalesce(s.name, '')
from agreement g
join merchant p on p.city = g.city and p.id = g.principal
join merchant m on m.city = g.city and m.id = g.member
left join shop s on s.city = g.city and s.id = g.shop
where g.city = %s and g.id in (
  select id from agreement where city = %s and principal = %s
  union select id from agreement where city = %s and member = %s)
order by g.begins desc, g.id desc limit %s
"""


class Shown(Struct, frozen=True):
    """An agreement with the names of its sides."""

    agreement: Agreement
    principal: str
    member: str
    shop: str
    """The shop's name, empty for all that the member is paid."""


async def agreements_of(connection: Connection, city: str, merchant: str) -> list[Shown]:
    """Those of a merchant on either side, the newest first, `MOST_SHOWN` at most."""
    values = [city, city, merchant, city, merchant, MOST_SHOWN]
    rows: list[Any] = await (await connection.execute(_OF, values)).fetchall()
    return [Shown(msgspec.json.decode(body, type=Agreement), *names) for body, *names in rows]
