"""The inbox of a merchant's staff: what needs an answer first, filtered by shop and state."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.disputes.model import Claim, Remedy
from hejie.disputes.states import OPEN, State
from hejie.edge.words import mark
from hejie.queries import merchant as mine
from hejie.queries.lists import Row
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.merchant.seat import staff_seat, take_seat
from hejie.web.shell import Answer, Visit, page

VIEWS = {"open": mine.URGENCY, "ended": mine.ENDED, "all": tuple(State)}
_STATES = {state.value: (state,) for state in State}
_VIEW_NAMES = (
    ("open", mark("Open, most urgent first")),
    ("ended", mark("Ended, newest first")),
    ("all", mark("All, newest first")),
)


class Entry(Struct, frozen=True):
    """One line of the inbox."""

    row: Row
    state: str
    tag: str
    terms: str
    problem: str


@page("/merchant", role=Role.merchant)
async def inbox(visit: Visit) -> Answer:
    """The list; whoever came by a case link has one dispute only."""
    if visit.viewer.scope:
        return visit.go(f"/merchant/disputes/{visit.viewer.scope}")
    return visit.render("merchant/inbox.html", **await _context(visit))


@page("/merchant/part", role=Role.merchant, quiet=True)
async def part(visit: Visit) -> Answer:
    """The list alone, for the page that is open."""
    return visit.render("merchant/inbox_rows.html", **await _context(visit))


@page("/merchant/live", role=Role.merchant, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that something has changed, and at the start that something may have; the list is read as its viewer."""
    async with visit.connection() as connection:
        await take_seat(connection, visit)
    return visit.stream_of_many(visit.viewer.scope)


async def _context(visit: Visit) -> dict[str, Any]:
    view, shop, city = visit.query("state", "open"), visit.query("shop"), visit.city
    states = VIEWS.get(view) or _STATES.get(view) or VIEWS["open"]
    seat = await staff_seat(visit)
    async with visit.connection() as connection:
        allowed = [each.id for each in seat.merchant.shops if not seat.shops or each.id in seat.shops]
        wanted = [shop] if shop in allowed else list(seat.shops)
        settings = await settings_at(connection, city, visit.house.clock.now())
        found = await mine.inbox(connection, city, seat.merchant.id, states, wanted, visit.query("after"))
    return {
        "seat": seat,
        "rows": [_entry(visit, row, story_labels.problem(visit.language, settings, row.problem)) for row in found.rows],
        "after": found.after,
        "later": bool(visit.query("after")),
        "state": view if view in VIEWS or view in _STATES else "open",
        "shop": shop if shop in allowed else "",
        "states": [
            *((key, visit.say(name)) for key, name in _VIEW_NAMES),
            *((state.value, story_labels.state(visit.language, state, Role.merchant)) for state in State),
        ],
        "shops": [(each.id, each.name) for each in seat.merchant.shops if each.id in allowed],
        "open_states": frozenset(state.value for state in OPEN),
    }


def _entry(visit: Visit, row: Row, problem: str) -> Entry:
    claim = Claim(remedy=Remedy(row.claim_kind), amount_fen=row.claim_fen)
    state = State(row.state)
    return Entry(
        row=row,
        state=story_labels.state(visit.language, state, Role.merchant),
        tag=story_labels.state_tag(state),
        terms=story_labels.terms(visit.language, claim),
        problem=problem,
    )


ROUTES = (inbox, part, live)
