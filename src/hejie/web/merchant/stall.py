"""The printed code at a shop: what whoever scans it sees, and the owner's hand on it under Settings."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.desk.act import subject_of
from hejie.edge import stalls
from hejie.edge.limits import Limit
from hejie.edge.phones import masked
from hejie.edge.stalls import Stall
from hejie.merchants.model import Merchant, Shop
from hejie.queries.merchant import read_merchant
from hejie.queries.officer import phone_of
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web import stall_poster
from hejie.web.merchant.seat import SETTINGS, Seat, managing_seat
from hejie.web.merchant.settings import PAGE, context
from hejie.web.shell import Answer, Visit, act, page

SEEN = Limit("stalls", 60, 600)
"""Printed codes opened from one network address."""
ASKED = Limit("fresh-links", 3, 3600)
"""Requests for fresh links for one shop or dispute."""
ASKED_FROM = Limit("fresh-links-address", 20, 3600)
"""The same from one network address."""


@page("/stall/{code:str}", role=Role.merchant, anyone=True)
async def show(visit: Visit) -> Answer:
    """The shop's name and two ways on; of disputes nothing at all."""
    await visit.limit(SEEN)
    return visit.render("merchant/stall.html", **await _shop_of(visit), asked=False)


@act("/stall/{code:str}/links", role=Role.merchant, anyone=True)
async def send(visit: Visit) -> Answer:
    """Links go to the registered number; the answer is the same whether anything waits or not."""
    await visit.limit(ASKED_FROM)
    found = await _shop_of(visit)
    stall = found["stall"]
    await visit.limit(ASKED, stall.shop)
    async with visit.connection() as connection:
        await stalls.ask_for_links(connection, visit.city, visit.house.clock.now(), stall)
    return visit.render("merchant/stall.html", **found, asked=True)


async def _shop_of(visit: Visit) -> dict[str, Any]:
    city = visit.city
    async with visit.connection() as connection:
        stall = await stalls.stall_of(connection, visit.house.vaults(city), city, visit.path("code"))
        merchant = await read_merchant(connection, city, stall.merchant)
        shop = merchant.shop(stall.shop)
        if shop is None:
            raise stalls.unknown()
        settings = await settings_at(connection, city, visit.house.clock.now())
        number = await number_for(connection, visit, merchant, shop.id)
    return {"stall": stall, "shop": shop, "settings": settings, "number": number, "code": visit.path("code").lower()}


async def number_for(connection: Connection, visit: Visit, merchant: Merchant, shop: str) -> str:
    """The number to which a shop's messages go, masked; empty for none."""
    content = merchant.number_for(shop)
    if not content:
        return ""
    vault, subject = visit.house.vaults(visit.city), subject_of("merchant", merchant.id)
    return masked(await phone_of(connection, vault, visit.city, subject, content))


# Under Settings. -----------------------------------------------------------------------------


@act(f"{SETTINGS}/stall", role=Role.merchant)
async def make(visit: Visit) -> Answer:
    """A fresh code for one shop; it is shown this once."""
    seat = await _owner(visit)
    shop = _named(seat.merchant, visit.form.word("stall_shop"))
    code = await stall_poster.made_for(visit, Stall(seat.merchant.id, shop.id))
    address = stalls.address_of(visit.house.settings.public_url, visit.city, code)
    return visit.render(PAGE, **{**await context(visit), "hung_now": (shop, code, address)})


@act(f"{SETTINGS}/stall/poster", role=Role.merchant)
async def poster(visit: Visit) -> Answer:
    """The poster of a code of this merchant."""
    return await stall_poster.poster(visit, (await _owner(visit)).merchant.id)


@act(f"{SETTINGS}/stall/end", role=Role.merchant)
async def end(visit: Visit) -> Answer:
    """A shop's code opens nothing any more."""
    seat = await _owner(visit)
    shop = _named(seat.merchant, visit.form.word("stall_shop"))
    await stall_poster.ended_for(visit, Stall(seat.merchant.id, shop.id))
    return visit.go(f"{SETTINGS}?done=unhung")


async def _owner(visit: Visit) -> Seat:
    seat = await managing_seat(visit)
    if not seat.owns:
        raise Refused("not_allowed", role=visit.actor.role.value)
    return seat


def _named(merchant: Merchant, identifier: str) -> Shop:
    shop = merchant.shop(identifier)
    if shop is None:
        raise stalls.unknown()
    return shop


ROUTES = (show, send, make, poster, end)
