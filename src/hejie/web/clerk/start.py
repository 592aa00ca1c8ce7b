"""Where filing for somebody begins: the shop is found, and one's own filings are looked up by number."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.disputes.model import Dispute
from hejie.edge.private_link import plain_number
from hejie.queries import assisted
from hejie.queries.record import read_dispute
from hejie.web.handover_words import row_state
from hejie.web.shell import Answer, Visit, page

HELPERS = (Role.officer, Role.clerk)
BASE = "/officer/assist"


class Listed(Struct, frozen=True):
    """One filing in words."""

    filing: assisted.Filing
    state: str
    tag: str


@page(BASE, role=HELPERS)
async def start(visit: Visit) -> Answer:
    """Search for the shop; below it what one has filed, the newest first."""
    words, number = visit.query("q"), visit.query("number")
    if number:
        return await _looked_up(visit, number)
    return await _start(visit, words)


async def _looked_up(visit: Visit, number: str) -> Answer:
    try:
        dispute = await own(visit, plain_number(visit.city, number))
    except Missing as why:
        return await _start(visit, "", why)
    return visit.go(f"{BASE}/{dispute.id}")


async def _start(visit: Visit, words: str, why: HejieError | None = None) -> Answer:
    async with visit.connection() as connection:
        places = await assisted.find_places(connection, visit.city, words)
        mine = await assisted.filings(connection, visit.city, visit.actor.id, visit.query("after"))
    told: dict[str, Any] = {
        "words": words,
        "places": places,
        "mine": [_listed(visit, each) for each in mine.rows],
        "after": mine.after,
        "base": visit.url(BASE),
    }
    return visit.refuse("clerk/start.html", why, "number", **told) if why else visit.render("clerk/start.html", **told)


def _listed(visit: Visit, filing: assisted.Filing) -> Listed:
    return Listed(filing, *row_state(visit.language, filing.state, Role.clerk))


async def own(visit: Visit, identifier: str) -> Dispute:
    """An assisted filing: a clerk's own, an officer's any; `Missing("dispute_unknown")` for everything else."""
    async with visit.connection() as connection:
        dispute = await read_dispute(connection, visit.city, identifier)
    assist = dispute.assist
    if assist is None or (visit.actor.role is Role.clerk and assist.helper != visit.actor.id):
        raise Missing("dispute_unknown")
    return dispute


ROUTES = (start,)
