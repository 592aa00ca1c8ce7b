"""The queue as a table to take away: streamed page by page, as it is narrowed, and safe in a spreadsheet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from litestar.response import Stream

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.money import yuan
from hejie.edge.limits import Limit
from hejie.edge.words import mark
from hejie.web.csv_out import lines
from hejie.web.merchant.inbox import Entry, shelf
from hejie.web.merchant.places import Place, places
from hejie.web.shell import Answer, Visit, page

EXPORTS = Limit("exports", 20, 3600)
"""Exports of one account."""
BATCH = 500
MOST_LINES = 200_000
_HEAD = (
    mark("City"),
    mark("Dispute number"),
    mark("Shop"),
    mark("State"),
    mark("Problem"),
    mark("Asks for"),
    mark("Yuan"),
    mark("Filed"),
    mark("Due"),
    mark("Our own target"),
    mark("Answered by"),
    mark("Whose"),
)


@page("/merchant/export.csv", role=Role.merchant)
async def export(visit: Visit) -> Answer:
    """What the queue shows by the same address, all pages of it."""
    seats = await places(visit)
    await visit.limit(EXPORTS, f"{visit.city}:{visit.actor.id}")
    name = f"hejie-{visit.house.clock.now().astimezone(SHANGHAI):%Y%m%d-%H%M}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Stream(_pieces(visit, seats), media_type="text/csv; charset=utf-8", headers=headers)


async def _pieces(visit: Visit, seats: Sequence[Place]) -> AsyncIterator[str]:
    """The table in pieces; each is read in transactions of its own, so that a slow reader holds none open."""
    yield "\ufeff" + lines([[visit.say(name) for name in _HEAD]])
    after, told = "", 0
    while told < MOST_LINES:
        found = await shelf(visit, seats, after, BATCH)
        yield lines([_row(visit, entry) for entry in found.entries])
        told, after = told + len(found.entries), found.after
        if not after:
            return


def _row(visit: Visit, entry: Entry) -> list[str]:
    item = entry.item
    instants = [item.filed_at, item.due_at, entry.own_due]
    filed, due, own = (f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else "" for at in instants)
    amount = yuan(item.claim_fen) if item.claim_fen else ""
    desk = entry.desk or visit.say(mark("The shop"))
    shop = item.shop or entry.place.merchant.name
    cells = [entry.place.name, item.id, shop, entry.state, entry.problem, entry.terms, amount]
    return [*cells, filed, due, own, desk, entry.who]


ROUTES = (export,)
