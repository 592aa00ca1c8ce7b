"""The page behind a payment code: the shop, what it promises, who granted it, and the door to one-click."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.cities.settings import in_force
from hejie.edge.limits import Limit
from hejie.payments.paycode import State
from hejie.queries.measures import suspended_since
from hejie.queries.paycodes import paycode_numbered
from hejie.queries.units import vouched_elsewhere
from hejie.store.settings import all_settings
from hejie.web.paycode_lines import card
from hejie.web.shell import Answer, Visit, page

SEEN = Limit("paycodes", 600, 600)
"""Payment codes opened from one network address: many customers share one."""


@page("/code/{number:str}", role=Role.consumer, anyone=True)
async def shown(visit: Visit) -> Answer:
    """A code that was granted, also when suspended or over; another member city's leads to the shared register.

    One that never was is `Missing("paycode_unknown")`.
    """
    await visit.limit(SEEN)
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        number = visit.path("number").lower()
        if await vouched_elsewhere(connection, visit.city, number):
            return visit.go(f"/units?q={number}")
        named = await paycode_numbered(connection, visit.city, number)
        if named.paycode.granted_at is None:
            raise Missing("paycode_unknown")
        since = await suspended_since(connection, visit.city, named.paycode.merchant, now)
        rows = await all_settings(connection, visit.city)
    told = card(visit, named, rows, named.paycode.ended_at or now)
    door = in_force(rows, now).door
    holds = named.paycode.state is State.granted
    suspended = since if holds else None
    return visit.render("consumer/paycode.html", card=told, holds=holds, suspended=suspended, door=door)


ROUTES = (shown,)
