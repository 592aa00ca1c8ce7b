"""One person's accounts in several cities: joined by signing in to both, so that one queue can show all of them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.edge.house import House
from hejie.edge.members import Member, read_member
from hejie.store.pool import Connection, Moved, city_transaction

MOST_CITIES = 50


class Elsewhere(Struct, frozen=True, order=True):
    """The account that a person has in another city."""

    city: str
    member: str


_OTHERS = "select other_city, other_member from membership where city = %s and member = %s order by other_city"
_JOIN = """
insert into membership (city, member, other_city, other_member, made_at) values (%s, %s, %s, %s, %s)
on conflict do nothing
"""
_PART = "delete from membership where city = %s and member = %s and other_city = %s"
_CONFIRMED = "select 1 from membership where city = %s and member = %s and other_city = %s and other_member = %s"


async def elsewhere(connection: Connection, city: str, member: str) -> list[Elsewhere]:
    """The accounts that this city says are the same person's; each city must confirm its own by `confirmed`."""
    rows: list[Any] = await (await connection.execute(_OTHERS, [city, member])).fetchall()
    return [Elsewhere(*row) for row in rows]


async def confirmed(connection: Connection, there: Elsewhere, city: str, member: str) -> Member | None:
    """The account there, where that city says the same and it is an active account of a merchant.

    `connection` sees the other city.
    """
    cursor = await connection.execute(_CONFIRMED, [there.city, there.member, city, member])
    if await cursor.fetchone() is None:
        return None
    try:
        found = await read_member(connection, there.city, there.member)
    except Missing:
        return None
    return found if found.role is Role.merchant else None


async def join(house: House, one: Elsewhere, other: Elsewhere, now: datetime) -> None:
    """Say in every city of both that these are one person: whoever signed in to both accounts has shown it.

    Each city writes its own half; half of it alone opens nothing, and joining again completes it.
    Errors: `Refused("city_same")`, `Refused("cities_too_many")`.
    """
    ones, others = await _circle(house, one), await _circle(house, other)
    whole = sorted({*ones, *others})
    if len({each.city for each in whole}) != len(whole):
        raise Refused("city_same")
    if len(whole) > MOST_CITIES:
        raise Refused("cities_too_many", most=MOST_CITIES)
    for each in whole:
        with suppress(Moved):
            async with city_transaction(house.pool, each.city) as connection:
                for fellow in whole:
                    if fellow != each:
                        values = [each.city, each.member, fellow.city, fellow.member, now]
                        await connection.execute(_JOIN, values)


async def part(house: House, one: Elsewhere, city: str) -> None:
    """Another city's account is this person's no longer, in this city and in that."""
    async with city_transaction(house.pool, one.city) as connection:
        known = [each for each in await elsewhere(connection, one.city, one.member) if each.city == city]
        await connection.execute(_PART, [one.city, one.member, city])
    for each in known:
        with suppress(Moved):
            async with city_transaction(house.pool, each.city) as connection:
                await connection.execute(_PART, [each.city, each.member, one.city])


async def _circle(house: House, one: Elsewhere) -> list[Elsewhere]:
    async with city_transaction(house.pool, one.city) as connection:
        return [one, *await elsewhere(connection, one.city, one.member)]
