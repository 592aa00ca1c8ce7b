"""Functions of officers, and their leave: given and ended by day, never two that must lie in several hands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hejie.base.errors import Missing, Refused
from hejie.cities.posts import Act, Function, must_combine, must_do, must_reach
from hejie.edge.house import House
from hejie.store.pool import Connection, city_transaction
from hejie.store.posts import day_of, find_post
from hejie.store.settings import settings_at
from hejie.store.trail import TrailLine, write_trail

OPERATOR = "hejie"
"""Who acts on the command line."""
MOST_DAYS = 366

_MEMBER = """
select id, organisation from member where city = %s and login = %s and role = 'officer' and active for update
"""
_HELD = "select function from member_function where city = %s and member = %s and ended_at is null"
_GIVE = "insert into member_function (city, member, function, given_at) values (%s, %s, %s, %s)"
_END = "update member_function set ended_at = %s where city = %s and member = %s and function = %s and ended_at is null"
_PLACE = "update member set organisation = %s where city = %s and id = %s"
_LOCK = "select organisation from member where city = %s and id = %s for update"
_AWAY = """
select 1 from absence where city = %s and member = %s and ended_at is null and first_day <= %s and last_day >= %s
"""
_LEAVE = """
insert into absence (city, id, member, substitute, first_day, last_day, made_by, made_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_BACK = """
update absence set ended_at = %s where city = %s and id = %s and ended_at is null returning member
"""
_WHOSE = "select member from absence where city = %s and id = %s and ended_at is null for update"


async def give_function(house: House, city: str, login: str, function: Function, authority: str = "") -> list[Function]:
    """Give an officer a function and, where one is named, a place in an authority; the functions held afterwards.

    From the first one on the officer has only what was given, in their own authority and below.
    Errors: `Missing("member_unknown" | "authority_unknown")`, `Refused("functions_apart" | "function_given")`.
    """
    now = house.clock.now()
    async with city_transaction(house.pool, city) as connection:
        member, place = await _member(connection, city, login)
        place = authority or place
        if place not in (await settings_at(connection, city, now)).authorities:
            raise Missing("authority_unknown")
        held = await _held(connection, city, member)
        if function in held and not authority:
            raise Refused("function_given")
        must_combine({*held, function})
        if function not in held:
            await connection.execute(_GIVE, [city, member, function.value, now])
        await connection.execute(_PLACE, [place, city, member])
        await _note(house, connection, city, (OPERATOR, "function/give", member), function.value)
        return sorted({*held, function})


async def end_function(house: House, city: str, login: str, function: Function) -> list[Function]:
    """End a function; the functions that are left, none of which means that the officer can do nothing more.

    Errors: `Missing("member_unknown")`, `Refused("function_not_given")`.
    """
    now = house.clock.now()
    async with city_transaction(house.pool, city) as connection:
        member, _ = await _member(connection, city, login)
        if (await connection.execute(_END, [now, city, member, function.value])).rowcount != 1:
            raise Refused("function_not_given")
        await _note(house, connection, city, (OPERATOR, "function/end", member), function.value)
        return sorted(await _held(connection, city, member))


async def go_on_leave(
    house: House, city: str, actor: str, member: str, substitute: str, days: tuple[date, date]
) -> str:
    """Somebody is away on these Shanghai days, both included, and a colleague stands in; the leave's identifier.

    An officer enters their own; a head that of any officer within their authority.
    Errors: `Refused` with `absence_days`, `absence_overlaps`, `substitute_unfit`, those of `must_do` and `must_reach`;
    `Missing("officer_unknown")`.
    """
    now = house.clock.now()
    first, last = days
    if last < first or last < day_of(now) or (last - first).days > MOST_DAYS:
        raise Refused("absence_days")
    async with city_transaction(house.pool, city) as connection:
        await _may_enter(connection, city, actor, member, now)
        stands = await find_post(connection, city, substitute, now)
        if stands is None or substitute == member or not stands.may(Act.work):
            raise Refused("substitute_unfit")
        if await (await connection.execute(_AWAY, [city, member, last, first])).fetchone():
            raise Refused("absence_overlaps")
        identifier = house.desk.mint(city)
        await connection.execute(_LEAVE, [city, identifier, member, substitute, first, last, actor, now])
        await _note(house, connection, city, (actor, "absence", member), "done")
        return identifier


async def come_back(house: House, city: str, actor: str, absence: str) -> None:
    """End a leave now; errors as entering one, and `Missing("absence_unknown")`."""
    now = house.clock.now()
    async with city_transaction(house.pool, city) as connection:
        row: Any = await (await connection.execute(_WHOSE, [city, absence])).fetchone()
        if row is None:
            raise Missing("absence_unknown")
        await _may_enter(connection, city, actor, row[0], now)
        await connection.execute(_BACK, [now, city, absence])
        await _note(house, connection, city, (actor, "absence/end", row[0]), "done")


async def _may_enter(connection: Connection, city: str, actor: str, member: str, now: datetime) -> None:
    """Lock the member, so that two entries of their leave come one after the other."""
    row: Any = await (await connection.execute(_LOCK, [city, member])).fetchone()
    post, theirs = await find_post(connection, city, actor, now), await find_post(connection, city, member, now)
    if row is None or post is None or theirs is None:
        raise Missing("officer_unknown")
    if actor != member:
        must_do(post, Act.lead)
        must_reach(post, theirs.within, actor, "")


async def _member(connection: Connection, city: str, login: str) -> tuple[str, str]:
    row: Any = await (await connection.execute(_MEMBER, [city, login.lower()])).fetchone()
    if row is None:
        raise Missing("member_unknown")
    return row[0], row[1]


async def _held(connection: Connection, city: str, member: str) -> set[Function]:
    return {Function(each) for (each,) in await (await connection.execute(_HELD, [city, member])).fetchall()}


async def _note(house: House, connection: Connection, city: str, who: tuple[str, str, str], result: str) -> None:
    person, act, member = who
    line = TrailLine(
        id=house.desk.mint(city),
        at=house.clock.now(),
        person=person,
        act=act,
        noun="member",
        subject=member,
        result=result,
    )
    await write_trail(connection, city, line)
