"""What officers have to do: the work list, arm by arm in the order it is due, and the head's view over all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hejie.queries.keys import read_instant
from hejie.queries.lists import PAGE
from hejie.store.pool import Connection

_DISPUTE_AT = "coalesce(d.escalated_at, d.filed_at)"
_MEDIATION_AT = "coalesce(m.due_at, m.opened_at)"
_DISPUTE_PLACE = "coalesce(nullif(d.authority, ''), nullif(d.district, ''), d.city)"
_OPEN = "m.officer <> '' and (m.state in ('received', 'accepted', 'agreed') or m.due_at is not null)"
_ITEM_PLACE = "coalesce(nullif(i.authority, ''), nullif(i.place, ''), i.city)"
_DISPUTE = f"""
select 'dispute' as noun, d.id, {_DISPUTE_AT} as at, null::timestamptz as due_at, '' as due_rule,
  {_DISPUTE_AT} as since, d.problem as what, {_DISPUTE_PLACE} as place, d.officer, d.offered_to, d.shop
from dispute d where d.city = %(city)s and d.state = 'mediating'
  and ({_DISPUTE_AT}, d.id) > (%(at)s::timestamptz, %(id)s) and {_DISPUTE_AT} < %(before)s::timestamptz
  and not %(timed)s and %(place)s in ('', {_DISPUTE_PLACE}) and d.mediator = ''
"""
_MEDIATION = f"""
select 'mediation' as noun, m.id, {_MEDIATION_AT} as at, m.due_at, m.due_rule, m.opened_at as since,
  m.dispute as what, m.authority as place, m.officer, '' as offered_to, '' as shop
from mediation m where m.city = %(city)s and {_OPEN}
  and ({_MEDIATION_AT}, m.id) > (%(at)s::timestamptz, %(id)s) and {_MEDIATION_AT} < %(before)s::timestamptz
  and (not %(timed)s or m.due_at is not null) and %(place)s in ('', m.authority)
"""
_ITEM = f"""
select 'item' as noun, i.id, i.opened_at as at, null::timestamptz as due_at, '' as due_rule, i.opened_at as since,
  i.kind as what, {_ITEM_PLACE} as place, i.officer, i.offered_to, '' as shop
from work_item i where i.city = %(city)s and i.done_at is null
  and (i.opened_at, i.id) > (%(at)s::timestamptz, %(id)s) and i.opened_at < %(before)s::timestamptz
  and not %(timed)s and %(place)s in ('', {_ITEM_PLACE})
"""
_BY_DISPUTE, _BY_ITEM = f"order by {_DISPUTE_AT}, d.id limit %(size)s", "order by i.opened_at, i.id limit %(size)s"

ARMS: Mapping[str, str] = MappingProxyType(
    {
        "disputes": f"""
select a.*, false as offered from unnest(%(people)s::text[]) as p (person)
cross join lateral ({_DISPUTE} and d.officer = p.person {_BY_DISPUTE}) a""",
        "mediations": f"""
select a.*, false as offered from unnest(%(people)s::text[]) as p (person)
cross join lateral ({_MEDIATION} and m.officer = p.person order by {_MEDIATION_AT}, m.id limit %(size)s) a""",
        "items": f"""
select a.*, false as offered from unnest(%(people)s::text[]) as p (person)
cross join lateral ({_ITEM} and i.officer = p.person {_BY_ITEM}) a""",
        "offered_disputes": f"""
select a.*, true as offered from unnest(%(asked)s::text[]) as p (authority)
cross join lateral ({_DISPUTE} and d.offered_to <> '' and d.offered_to = p.authority {_BY_DISPUTE}) a""",
        "offered_items": f"""
select a.*, true as offered from unnest(%(asked)s::text[]) as p (authority)
cross join lateral ({_ITEM} and i.offered_to <> '' and i.offered_to = p.authority {_BY_ITEM}) a""",
    }
)
"""Each reads its own index in order and no more than a page. Another kind of duty is one more arm of these columns."""

DUTIES = f"""
select u.noun, u.id, u.at, u.due_at, u.due_rule, u.since, u.what, u.place, u.officer, u.offered_to, u.offered,
  coalesce(s.name, '')
from (select * from ({" union all ".join(f"({arm})" for arm in ARMS.values())}) every
  order by at, id limit %(size)s) u
left join shop s on s.city = %(city)s and s.id = u.shop
order by u.at, u.id
"""


_ABOUT = """
select d.id, d.problem, coalesce(s.name, '') from dispute d
left join shop s on s.city = d.city and s.id = d.shop where d.city = %s and d.id = any(%s)
"""


class Duty(Struct, frozen=True, kw_only=True):
    """One thing to do."""

    noun: str
    """`dispute`, `mediation` or `item`."""
    id: str
    at: datetime
    """By what it is ordered: the end of its time or, without one, since when it waits."""
    due_at: datetime | None
    due_rule: str
    """The rule of law that gives that time."""
    since: datetime
    what: str
    """The dispute's problem or the item's kind."""
    place: str
    officer: str
    offered_to: str
    offered: bool
    """It waits for this authority's yes or no."""
    shop: str


class Duties(Struct, frozen=True):
    """One page, and the key after which the next begins."""

    rows: tuple[Duty, ...]
    after: str = ""


class Asked(Struct, frozen=True, kw_only=True):
    """Whose duties, and which of them."""

    people: tuple[str, ...]
    """Officers; `""` for what nobody has."""
    authorities: tuple[str, ...] = ()
    """For which of them offered cases are shown too."""
    place: str = ""
    """Only what lies just there; empty for anywhere."""
    since: datetime | None = None
    before: datetime | None = None
    """Only what the law asks for in this span."""


async def duties(connection: Connection, city: str, asked: Asked, after: str = "", size: int = PAGE) -> Duties:
    """The earliest duty first; `Refused("page_key_wrong")`."""
    rows: list[Any] = await (await connection.execute(DUTIES, values_of(city, asked, after, size + 1))).fetchall()
    found = [Duty(**dict(zip(Duty.__struct_fields__, row, strict=True))) for row in rows]
    found = await _named(connection, city, found)
    last = found[size - 1] if len(found) > size else None
    return Duties(tuple(found[:size]), f"{last.at.isoformat()}~{last.id}" if last else "")


async def _named(connection: Connection, city: str, found: list[Duty]) -> list[Duty]:
    """Mediations by the problem and the shop of their disputes, all asked for at once."""
    asked = [duty.what for duty in found if duty.noun == "mediation"]
    if not asked:
        return found
    rows: list[Any] = await (await connection.execute(_ABOUT, [city, asked])).fetchall()
    about = {dispute: (problem, shop) for dispute, problem, shop in rows}
    return [
        replace(duty, what=about[duty.what][0], shop=about[duty.what][1]) if duty.noun == "mediation" else duty
        for duty in found
    ]


def values_of(city: str, asked: Asked, after: str, size: int) -> dict[str, object]:
    """What `DUTIES` is asked with."""
    instant, _, identifier = after.partition("~")
    start: object = read_instant(instant) if after else asked.since or "-infinity"
    return {
        "city": city,
        "people": list(asked.people),
        "asked": list(asked.authorities),
        "place": asked.place,
        "timed": asked.since is not None or asked.before is not None,
        "at": start,
        "id": identifier,
        "before": asked.before or "infinity",
        "size": size,
    }


_SUPERVISION = f"""
with open_now as (
  select {_DISPUTE_PLACE} as place, d.officer, null::timestamptz as due_at, {_DISPUTE_AT} as since
  from dispute d where d.city = %(city)s and d.state = 'mediating' and d.mediator = ''
  union all
  select m.authority, m.officer, m.due_at, m.opened_at from mediation m where m.city = %(city)s and {_OPEN}
  union all
  select {_ITEM_PLACE}, i.officer, null, i.opened_at from work_item i where i.city = %(city)s and i.done_at is null
)
select o.place, o.officer, coalesce(m.display_name, o.officer), count(*),
  count(*) filter (where o.due_at >= %(now)s and o.due_at < %(soon)s), count(*) filter (where o.due_at < %(now)s),
  min(o.since)
from open_now o left join member m on m.city = %(city)s and m.id = o.officer
where starts_with(o.place, %(within)s)
group by o.place, o.officer, m.display_name order by o.place, o.officer
"""
"""Set-based: another kind of duty is one more arm of `open_now`."""


class Load(Struct, frozen=True, kw_only=True):
    """What lies with one officer at one authority, or with nobody there."""

    place: str
    officer: str
    name: str
    open: int
    soon: int
    """Due by law within three days."""
    over: int
    """Past the time the law gives."""
    oldest: datetime


async def supervision(
    connection: Connection, city: str, within: str, now: datetime, soon: datetime
) -> tuple[Load, ...]:
    """Per authority and officer what is open, soon due, overdue, and since when the oldest waits."""
    asked = {"city": city, "within": within, "now": now, "soon": soon}
    rows: list[Any] = await (await connection.execute(_SUPERVISION, asked)).fetchall()
    return tuple(Load(**dict(zip(Load.__struct_fields__, row, strict=True))) for row in rows)


_OFFICERS = """
select m.id, m.display_name from member m
where m.city = %s and m.role = 'officer' and m.active order by m.display_name, m.id limit 500
"""


async def officers(connection: Connection, city: str) -> Sequence[tuple[str, str]]:
    """The city's active officers by name: (identifier, name)."""
    rows: list[Any] = await (await connection.execute(_OFFICERS, [city])).fetchall()
    return [(identifier, name) for identifier, name in rows]


class Leave(Struct, frozen=True, kw_only=True):
    """One entered leave that is not over."""

    id: str
    member: str
    name: str
    substitute: str
    first_day: date
    last_day: date


_LEAVES = """
select a.id, a.member, m.display_name, s.display_name, a.first_day, a.last_day
from absence a join member m on m.city = a.city and m.id = a.member
join member s on s.city = a.city and s.id = a.substitute
where a.city = %s and a.ended_at is null and a.last_day >= %s and (%s or a.member = %s or a.substitute = %s)
order by a.first_day, a.id limit 200
"""


async def leaves(connection: Connection, city: str, person: str, day: date, *, all_of_them: bool) -> tuple[Leave, ...]:
    """Leaves that are not over by a day: one's own and those one stands in for, or all."""
    rows: list[Any] = await (await connection.execute(_LEAVES, [city, day, all_of_them, person, person])).fetchall()
    return tuple(Leave(**dict(zip(Leave.__struct_fields__, row, strict=True))) for row in rows)
