"""The poster with a shop's printed code: A6, in both languages, one picture to scan and one address to type."""

from __future__ import annotations

import asyncio

from litestar import Response

from hejie.documents.paper import paper
from hejie.documents.square import square
from hejie.edge import stalls, words
from hejie.edge.limits import Limit
from hejie.edge.stalls import Stall
from hejie.edge.words import mark
from hejie.queries.merchant import read_merchant
from hejie.store.settings import settings_at
from hejie.web.shell import Answer, Visit

PRINTED = Limit("posters", 60, 3600)
"""Posters one visitor prints."""
LANGUAGES = ("zh", "en")
_LINES = {
    "title": mark("Something wrong with what you bought here?"),
    "customers": mark("Scan the code to see how to settle it with the shop, or how to reach {phone}."),
    "staff": mark("You work here? Scan it to have the links to open disputes sent to your registered number."),
    "typed": mark("Or type this address:"),
    "picture": mark("Code with the address {address}"),
}


async def poster(visit: Visit, merchant: str) -> Answer:
    """The PDF for the code that was typed or just made.

    Errors: `Missing("stall_unknown")` for a code that hangs at no shop of this merchant, `Refused("paper_missing")`.
    """
    await visit.limit(PRINTED, visit.viewer.person)
    code, now, city = visit.form.word("stall_code"), visit.house.clock.now(), visit.city
    async with visit.connection() as connection:
        stall = await stalls.stall_of(connection, visit.house.vaults(city), city, code)
        found = await read_merchant(connection, city, merchant)
        settings = await settings_at(connection, city, now)
    shop = found.shop(stall.shop)
    if stall.merchant != merchant or shop is None:
        raise stalls.unknown()
    address = stalls.address_of(visit.house.settings.public_url, city, code)
    facts = {"phone": settings.door.phone, "address": address}
    said = {
        language: {name: words.say(language, line, **facts) for name, line in _LINES.items()} for language in LANGUAGES
    }
    data = {"shop": shop.name, "city": settings.name.zh, "address": address.partition("://")[2], "says": said}
    made = await asyncio.to_thread(paper, "stall", data, {"code.svg": square(address)}, now)
    headers = {"content-disposition": 'attachment; filename="hejie-stall.pdf"', "cache-control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


async def made_for(visit: Visit, stall: Stall) -> str:
    """A fresh code for a shop, in place of the one before."""
    house, city = visit.house, visit.city
    async with visit.connection() as connection:
        return await stalls.hang(
            connection, house.vaults(city), house.chance, city, stall, house.clock.now(), visit.actor.id
        )


async def ended_for(visit: Visit, stall: Stall) -> None:
    """The shop's code opens nothing any more."""
    async with visit.connection() as connection:
        await stalls.take_down(connection, visit.city, stall, visit.house.clock.now())
