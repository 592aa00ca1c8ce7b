"""Lists of merchants that were enrolled: how far each is, what became of its lines, and who has joined since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing
from hejie.merchants.model import Merchant, State
from hejie.store.pool import Connection

LATEST = 10
MOST_REFUSED = 5_000
_FIELDS = """
c.id, c.name, c.state, c.invites, c.good, c.reached, c.made_at, coalesce(w.display_name, c.made_by),
  count(l.line) filter (where l.result = 'new'), count(l.line) filter (where l.result = 'more'),
  count(l.line) filter (where l.result = 'same'), count(l.line) filter (where l.result = 'refused'),
  count(l.line) filter (where l.invited), count(l.line) filter (where l.result = 'new' and m.state = %(enrolled)s)
"""
_JOINED = """
left join member w on w.city = c.city and w.id = c.made_by
left join campaign_line l on l.city = c.city and l.campaign = c.id
left join merchant m on m.city = c.city and m.id = l.merchant
group by c.city, c.id, c.name, c.state, c.invites, c.good, c.reached, c.made_at, c.made_by, w.display_name
"""
_ONE = f"select {_FIELDS} from (select * from campaign where city = %(city)s and id = %(id)s) c {_JOINED}"
_LATEST = f"""
select {_FIELDS} from (
  select * from campaign where city = %(city)s and state <> 'dropped' order by made_at desc, id desc limit %(most)s) c
{_JOINED} order by c.made_at desc, c.id desc
"""
_REFUSED = """
select line, credit_code, reason, facts::text from campaign_line
where city = %s and campaign = %s and result = 'refused' order by line limit %s
"""


class Campaign(Struct, frozen=True, kw_only=True):
    """One list, with what came of it."""

    id: str
    name: str
    state: str
    invites: bool
    good: int
    """Lines that were found good."""
    reached: int
    """How many of them are worked off."""
    made_at: datetime
    made_by: str
    fresh: int
    """Merchants that are new by it."""
    more: int
    """Lines that brought a further shop."""
    same: int
    """Lines that changed nothing."""
    refused: int
    invited: int
    joined: int
    """Of the new merchants those that take part by now."""


class Refusal(Struct, frozen=True):
    """One line that was refused."""

    line: int
    credit_code: str
    reason: str
    facts: dict[str, Any]


async def read_campaign(connection: Connection, city: str, identifier: str) -> Campaign:
    """One list; `Missing("list_unknown")`."""
    values = {"city": city, "id": identifier, "enrolled": State.enrolled.value}
    row = await (await connection.execute(_ONE, values)).fetchone()
    if row is None:
        raise Missing("list_unknown")
    return _campaign(row)


async def latest(connection: Connection, city: str) -> tuple[Campaign, ...]:
    """The newest lists."""
    values = {"city": city, "most": LATEST, "enrolled": State.enrolled.value}
    return tuple(_campaign(row) for row in await (await connection.execute(_LATEST, values)).fetchall())


async def refusals(connection: Connection, city: str, identifier: str, most: int = MOST_REFUSED) -> tuple[Refusal, ...]:
    """Its refused lines, in the file's order."""
    rows = await (await connection.execute(_REFUSED, [city, identifier, most])).fetchall()
    return tuple(Refusal(line, code, reason, msgspec.json.decode(facts)) for line, code, reason, facts in rows)


async def merchant_by_code(connection: Connection, city: str, credit_code: str) -> Merchant | None:
    """The merchant of a credit code."""
    cursor = await connection.execute(
        "select body::text from merchant where city = %s and credit_code = %s", [city, credit_code]
    )
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=Merchant) if row else None


def _campaign(row: Any) -> Campaign:
    return Campaign(**dict(zip(Campaign.__struct_fields__, row, strict=True)))
