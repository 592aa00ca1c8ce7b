"""Calls afterwards as officers see them, and what all of them came to."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing
from hejie.mediations.follow_ups import FollowUp
from hejie.mediations.model import mediation_of
from hejie.store.pool import Connection

_ROW = "select body::text from follow_up where city = %s and id = %s"
_HANDLERS = """
select distinct actor from log
where city = %s and actor_role = 'officer' and (noun, id) in (('dispute', %s), ('mediation', %s)) order by actor
"""
_CALL = "select id, officer from work_item where city = %s and kind = 'follow_up' and subject = %s and done_at is null"
_COUNTS = """
with span as (select (%(first)s::date)::timestamp at time zone 'Asia/Shanghai' as begins,
  (%(last)s::date + 1)::timestamp at time zone 'Asia/Shanghai' as ends)
select (select count(*) from follow_up f, span where f.city = %(city)s
    and f.drawn_at >= span.begins and f.drawn_at < span.ends),
  count(*) filter (where reached), count(*) filter (where not reached),
  count(*) filter (where satisfied), count(*) filter (where not satisfied),
  count(*) filter (where performed), count(*) filter (where not performed)
from follow_up f, span where f.city = %(city)s and f.noted_at >= span.begins and f.noted_at < span.ends
"""


class Calls(Struct, frozen=True, kw_only=True):
    """What calls came to in a time; each is counted on the day on which it was made, or drawn."""

    drawn: int
    reached: int
    not_reached: int
    satisfied: int
    not_satisfied: int
    performed: int
    not_performed: int


async def read_follow_up(connection: Connection, city: str, identifier: str) -> FollowUp:
    """One row; `Missing("follow_up_unknown")`."""
    row = await (await connection.execute(_ROW, [city, identifier])).fetchone()
    if row is None:
        raise Missing("follow_up_unknown")
    return msgspec.json.decode(row[0], type=FollowUp)


async def handlers_of(connection: Connection, city: str, dispute: str) -> tuple[str, ...]:
    """Officers who did anything in a dispute or its mediation, by identifier."""
    rows = await (await connection.execute(_HANDLERS, [city, dispute, mediation_of(dispute)])).fetchall()
    return tuple(str(row[0]) for row in rows)


async def open_call(connection: Connection, city: str, identifier: str) -> tuple[str, str]:
    """The open work item of a call and who has it; `Missing("follow_up_unknown")`."""
    row: Any = await (await connection.execute(_CALL, [city, identifier])).fetchone()
    if row is None:
        raise Missing("follow_up_unknown")
    return str(row[0]), str(row[1])


async def calls_in(connection: Connection, city: str, first: date, last: date) -> Calls:
    """The counts of whole Shanghai days, both included."""
    asked = {"city": city, "first": first, "last": last}
    row: Any = await (await connection.execute(_COUNTS, asked)).fetchone()
    return Calls(**dict(zip(Calls.__struct_fields__, row, strict=True)))
