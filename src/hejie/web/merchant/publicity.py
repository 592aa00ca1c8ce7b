"""What is announced or published about the merchant's disputes, and its objection."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.desk.act import Content
from hejie.desk.publicity import PUBLICITIES
from hejie.edge.texts import clean_text
from hejie.merchants.publicity import MOST_WORDS, Object
from hejie.queries.publicity import publicities_of
from hejie.store.settings import settings_at
from hejie.web.merchant.seat import managing_seat
from hejie.web.publicity_lines import cards
from hejie.web.shell import Answer, Visit, act, page

PATH, PAGE = "/merchant/publicity", "merchant/publicity.html"


@page(PATH, role=Role.merchant)
async def shown(visit: Visit) -> Answer:
    """The merchant's own, the newest first."""
    return visit.render(PAGE, **await _context(visit))


@act(PATH, role=Role.merchant)
async def object_to(visit: Visit) -> Answer:
    """Say what is wrong; everybody will read it beside the figures."""
    await managing_seat(visit)
    identifier = visit.form.word("publicity")
    try:
        plain = clean_text(visit.form.text("objection_words"), MOST_WORDS, needed=True).encode()
        words = Content(id=visit.desk.mint(visit.city), kind="text", plain=plain)
        await visit.desk.act(
            PUBLICITIES,
            visit.city,
            identifier,
            Object(words=words.id),
            visit.actor,
            contents=[words],
            once=await visit.once(),
        )
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, f"objection-{identifier}", **await _context(visit))
    return visit.go(f"{PATH}?done=objected")


async def _context(visit: Visit) -> dict[str, Any]:
    seat = await managing_seat(visit)
    now, vault = visit.house.clock.now(), visit.house.vaults(visit.city)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        found = await publicities_of(connection, vault, visit.city, seat.merchant.id)
        told = await cards(connection, visit.language, visit.city, settings, found, now)
    return {"cards": told, "merchant": seat.merchant, "done": visit.query("done") == "objected", "most": MOST_WORDS}


ROUTES = (shown, object_to)
