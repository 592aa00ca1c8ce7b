"""Where a member of staff works: this city, and every other in which the same person has an account."""

from __future__ import annotations

import asyncio
from datetime import date

from msgspec import Struct

from hejie.base.actor import Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.edge.memberships import Elsewhere, confirmed, elsewhere
from hejie.merchants.answering import standing_in_for
from hejie.merchants.model import Merchant, Staff
from hejie.queries.queue import read_office
from hejie.store.pool import Moved, city_transaction
from hejie.web.frame import LANGUAGE_PLACE
from hejie.web.shell import Visit


class Place(Struct, frozen=True, kw_only=True):
    """One city in which the visitor has a seat."""

    city: str
    name: str
    actor: Actor
    merchant: Merchant
    """Without its shops."""
    staff: Staff
    here: bool
    """The city whose pages are open."""

    def mine(self, day: date) -> tuple[str, ...]:
        """Whose disputes are the visitor's on this day: their own, and those of whom they stand in for."""
        covers = self.merchant.office.covers
        return (self.staff.person, *sorted(standing_in_for(covers, self.staff.person, day)))


def today(visit: Visit) -> date:
    """The city's day."""
    return visit.house.clock.now().astimezone(SHANGHAI).date()


async def places(visit: Visit) -> list[Place]:
    """Every seat of the visitor, this city's first; another city counts only where it says the same.

    Errors: `Refused("sign_in_needed")` for a case link, `Refused("not_allowed")` for an account no longer staff here.
    """
    if visit.viewer.scope:
        raise Refused("sign_in_needed")
    actor = visit.actor
    async with visit.connection() as connection:
        merchant = await read_office(connection, visit.city, actor.organisation)
        others = await elsewhere(connection, visit.city, actor.id)
    staff = merchant.member(actor.id)
    if staff is None:
        raise Refused("not_allowed", role=actor.role.value)
    name = await _name(visit, visit.city)
    here = Place(city=visit.city, name=name, actor=actor, merchant=merchant, staff=staff, here=True)
    found = await asyncio.gather(*(_there(visit, each) for each in others))
    return [here, *(place for place in found if place is not None)]


async def _there(visit: Visit, there: Elsewhere) -> Place | None:
    try:
        async with city_transaction(visit.house.pool, there.city) as connection:
            member = await confirmed(connection, there, visit.city, visit.actor.id)
            if member is None:
                return None
            merchant = await read_office(connection, there.city, member.organisation)
    except (Missing, Moved):
        return None
    staff = merchant.member(member.id)
    if staff is None:
        return None
    actor = Actor(Role.merchant, member.id, member.organisation)
    name = await _name(visit, there.city)
    return Place(city=there.city, name=name, actor=actor, merchant=merchant, staff=staff, here=False)


async def _name(visit: Visit, city: str) -> str:
    return (await visit.house.city(city))[LANGUAGE_PLACE[visit.language]]
