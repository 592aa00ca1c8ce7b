"""Measures that the authority has decided on against the merchant, and its appeal."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.desk.act import Content
from hejie.desk.measures import MEASURES
from hejie.edge.texts import clean_text
from hejie.merchants.measures import MOST_WORDS, Appeal
from hejie.queries.measures import measures_of
from hejie.store.settings import settings_at
from hejie.web.measure_lines import cards
from hejie.web.merchant.seat import managing_seat
from hejie.web.shell import Answer, Visit, act, page

PATH, PAGE = "/merchant/measures", "merchant/measures.html"


@page(PATH, role=Role.merchant)
async def shown(visit: Visit) -> Answer:
    """The merchant's own, the newest first."""
    return visit.render(PAGE, **await _context(visit))


@act(PATH, role=Role.merchant)
async def appeal(visit: Visit) -> Answer:
    """Say why it is wrong; another officer answers."""
    await managing_seat(visit)
    identifier = visit.form.word("measure")
    try:
        plain = clean_text(visit.form.text("appeal_words"), MOST_WORDS, needed=True).encode()
        words = Content(id=visit.desk.mint(visit.city), kind="text", plain=plain)
        given, once = Appeal(words=words.id), await visit.once()
        await visit.desk.act(MEASURES, visit.city, identifier, given, visit.actor, contents=[words], once=once)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, f"appeal-{identifier}", **await _context(visit))
    return visit.go(f"{PATH}?done=appealed")


async def _context(visit: Visit) -> dict[str, Any]:
    seat = await managing_seat(visit)
    now, vault = visit.house.clock.now(), visit.house.vaults(visit.city)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        found = await measures_of(connection, vault, visit.city, seat.merchant.id)
    told = cards(visit.language, settings, found, now)
    return {
        "cards": told,
        "merchant": seat.merchant,
        "door": settings.door,
        "done": visit.query("done") == "appealed",
        "most": MOST_WORDS,
    }


ROUTES = (shown, appeal)
