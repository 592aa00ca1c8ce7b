"""The poster with a shop's paycode: A5, in both languages, one square to pay with and one to read the promises."""

from __future__ import annotations

import asyncio

from litestar import Response

from hejie.base.errors import Refused
from hejie.cities.settings import in_force
from hejie.documents.paper import paper, sheet
from hejie.documents.square import square
from hejie.edge import words
from hejie.edge.words import mark
from hejie.payments.emvco_writer import around
from hejie.payments.paycode import State
from hejie.queries.measures import suspended_since
from hejie.queries.paycodes import Named
from hejie.store.settings import all_settings
from hejie.web.paycode_lines import card, link_of
from hejie.web.shell import Answer, Visit
from hejie.web.stall_poster import LANGUAGES, PRINTED
from hejie.web.story_labels import agency

_LINES = {
    "title": mark("Pay here with peace of mind"),
    "pay": mark("Scan to pay {shop}"),
    "pay_picture": mark("Payment code of {shop}"),
    "promised": mark("What this shop promises"),
    "read": mark("Promises, and help if something goes wrong:"),
    "picture": mark("Code with the address {address}"),
    "granted": mark("Granted by {agency}. Statutory complaints: {phone}"),
}


async def poster(visit: Visit, named: Named, *, as_picture: bool) -> Answer:
    """A granted paycode as PDF or PNG; `Refused("paycode_not_granted" | "paycode_suspended" | "paper_missing")`."""
    await visit.limit(PRINTED, visit.viewer.person)
    row, now = named.paycode, visit.house.clock.now()
    if row.state is not State.granted:
        raise Refused("paycode_not_granted")
    async with visit.connection() as connection:
        if await suspended_since(connection, visit.city, row.merchant, now) is not None:
            raise Refused("paycode_suspended")
        rows = await all_settings(connection, visit.city)
    told, settings = card(visit, named, rows, now), in_force(rows, now)
    facts = {"shop": told.shop, "address": told.address, "phone": settings.door.phone}
    said = {
        language: {
            name: words.say(language, line, **facts, agency=agency(language, settings, row.granted_by))
            for name, line in _LINES.items()
        }
        for language in LANGUAGES
    }
    data = {
        "shop": told.shop,
        "city": settings.name.zh,
        "address": told.address.partition("://")[2],
        "says": said,
        "promises": told.both,
    }
    pictures = {
        "pay.svg": square(around(row.payload, link_of(visit, row.number))),
        "page.svg": square(told.address),
    }
    made = await asyncio.to_thread(sheet if as_picture else paper, "paycode", data, pictures, now)
    kind, name = ("image/png", "png") if as_picture else ("application/pdf", "pdf")
    headers = {"content-disposition": f'attachment; filename="hejie-paycode.{name}"', "cache-control": "no-store"}
    return Response(made, media_type=kind, headers=headers)
