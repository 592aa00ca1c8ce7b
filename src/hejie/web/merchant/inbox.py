"""The queue of a merchant's people: every shop and city of theirs, what is due first on top, narrowed as they like."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities.dues import Rule
from hejie.cities.settings import CitySettings
from hejie.disputes.model import Claim, Remedy
from hejie.disputes.states import State
from hejie.edge.words import mark
from hejie.merchants.answering import Answers, answering, present
from hejie.queries import queue
from hejie.queries.lists import PAGE
from hejie.queries.parties import asked_of, readable_by
from hejie.queries.queue import Item, Key, Want
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.handover_words import row_state
from hejie.web.merchant.case_desk import DESKS, colleagues, names_of, target
from hejie.web.merchant.places import Place, places, today
from hejie.web.merchant.seat import take_seat
from hejie.web.shell import Answer, Visit, page

VIEWS: Mapping[str, tuple[State, ...]] = {"todo": queue.TO_DO, "open": queue.ALL_OPEN, "ended": (), "elsewhere": ()}
_NEWEST = ("ended", "elsewhere")
_VIEW_NAMES = (
    ("todo", mark("Yours to do, due first")),
    ("asked", mark("Waits for a second person")),
    ("open", mark("All open, due first")),
    ("ended", mark("Ended, newest first")),
    ("elsewhere", mark("In another city, newest first")),
)
DUES: Mapping[str, tuple[str, timedelta]] = {
    "past": (mark("Overdue"), timedelta(0)),
    "12h": (mark("Within 12 hours"), timedelta(hours=12)),
    "24h": (mark("Within a day"), timedelta(days=1)),
    "72h": (mark("Within 3 days"), timedelta(days=3)),
}
MOST_PICKED = 50
"""Disputes answered in one go."""
_FILTERS = ("state", "city", "shop", "problem", "who", "due")


class Entry(Struct, frozen=True, kw_only=True):
    """One line of the queue."""

    item: Item
    place: Place
    state: str
    tag: str
    terms: str
    problem: str
    own_due: datetime | None
    desk: str
    """Who answers; empty where the shop does as always."""
    who: str
    """Whose it is, empty for nobody's."""
    address: str

    @property
    def pick(self) -> str:
        """How a form names this line."""
        return f"{self.place.city}.{self.item.id}"


class Shelf(Struct, frozen=True, kw_only=True):
    """Everything a queue's page is made of."""

    seats: list[Place]
    entries: list[Entry]
    after: str
    names: Mapping[str, Mapping[str, str]]
    """City → person → name."""
    settings: CitySettings


@page("/merchant", role=Role.merchant)
async def inbox(visit: Visit) -> Answer:
    """The queue; whoever came by a case link has one dispute only."""
    if visit.viewer.scope:
        return visit.go(f"/merchant/disputes/{visit.viewer.scope}")
    return visit.render("merchant/inbox.html", **await context(visit))


@page("/merchant/part", role=Role.merchant, quiet=True)
async def part(visit: Visit) -> Answer:
    """The lines alone, for the page that is open."""
    return visit.render("merchant/inbox_rows.html", **await context(visit))


@page("/merchant/live", role=Role.merchant, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that something has changed, and at the start that something may have; the list is read as its viewer."""
    async with visit.connection() as connection:
        await take_seat(connection, visit)
    return visit.stream_of_many(visit.viewer.scope)


async def shelf(visit: Visit, seats: Sequence[Place], after: str, size: int = PAGE) -> Shelf:
    """One page over every city that is wanted: each is asked for a page, the few found are put in one order."""
    now, key = visit.house.clock.now(), queue.read_key(after)
    city = visit.query("city")
    wanted = [seat for seat in seats if not city or seat.city == city]
    pages = await asyncio.gather(*(_of(visit, seat, key, size + 1) for seat in wanted))
    newest = visit.query("state") in _NEWEST
    found = sorted(
        ((item, seat) for seat, items in zip(wanted, pages, strict=True) for item in items),
        key=lambda pair: Key(pair[0].at, pair[0].id),
        reverse=newest,
    )
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
    names: dict[str, Mapping[str, str]] = {}
    for seat in seats:
        async with city_transaction(visit.house.pool, seat.city) as connection:
            names[seat.city] = await names_of(connection, seat.city, seat.merchant.id)
    kept = found[:size]
    last = kept[-1][0] if len(found) > size else None
    return Shelf(
        seats=list(seats),
        entries=[_entry(visit, settings, names, item, seat) for item, seat in kept],
        after=str(Key(last.at, last.id)) if last else "",
        names=names,
        settings=settings,
    )


async def _of(visit: Visit, place: Place, key: Key | None, size: int) -> list[Item]:
    async with city_transaction(visit.house.pool, place.city) as connection:
        shops = place.staff.shops
        words = visit.query("shop")
        if words:
            named = await queue.shops_named(connection, place.city, place.merchant.id, words)
            shops = tuple(shop for shop in named if place.staff.works_for(shop))
            if not shops:
                return []
        want = _want(visit, place, shops)
        return await queue.queue(connection, place.city, place.merchant.id, want, key, size) if want else []


def _want(visit: Visit, place: Place, shops: tuple[str, ...]) -> Want | None:
    """What the address asks of one city; none where it asks for somebody of another."""
    who, view, due = visit.query("who"), visit.query("state", "todo"), visit.query("due")
    assignees: tuple[str, ...] | None = None
    if who == "me":
        assignees = place.mine(today(visit))
    elif who == "nobody":
        assignees = ("",)
    elif who:
        city, _, person = who.partition(".")
        if city != place.city:
            return None
        assignees = (person,)
    one = {state.value: (state,) for state in queue.ALL_OPEN}
    asked = view == "asked"
    states = queue.ALL_OPEN if asked else VIEWS.get(view) if view in VIEWS else one.get(view, queue.TO_DO)
    before = visit.house.clock.now() + DUES[due][1] if due in DUES else None
    return Want(
        states=states if states is not None else queue.TO_DO,
        shops=shops,
        problem=visit.query("problem"),
        assignees=assignees,
        before=before,
        asked=asked,
        elsewhere=view == "elsewhere",
    )


async def context(visit: Visit) -> dict[str, Any]:
    """What the page's templates see."""
    seats = await places(visit)
    found = await shelf(visit, seats, visit.query("after"))
    here = seats[0]
    async with visit.connection() as connection:
        few = await queue.few_shops(connection, visit.city, here.merchant.id, here.staff.shops)
        asked = await asked_of(connection, visit.city, here.merchant.id, here.staff.shops)
        readable = await readable_by(connection, visit.city, here.merchant.id, here.staff.shops)
    kept = {name: visit.query(name) for name in _FILTERS if visit.query(name)}
    language = visit.language
    states = (State.overdue, State.awaiting_merchant, State.settling, State.mediating, State.awaiting_consumer)
    return {
        "seat": here,
        "seats": seats,
        "many_cities": len(seats) > 1,
        "entries": found.entries,
        "after": found.after,
        "later": bool(visit.query("after")),
        "query": urlencode(kept),
        "narrowed": bool(set(kept) - {"state"}),
        "states": [
            *((key, visit.say(name)) for key, name in _VIEW_NAMES if key != "asked" or _is_team(seats)),
            *((state.value, story_labels.state(language, state, Role.merchant)) for state in states),
        ],
        "cities": [(seat.city, seat.name) for seat in seats],
        "shops": [(identifier, name) for identifier, name in few] if len(few) <= queue.MOST_SHOPS else None,
        "problems": [(each.id, getattr(each.name, language)) for each in found.settings.problems],
        "people": _people(visit, found) if _is_team(seats) else [],
        "targets": [(answers.value, visit.say(DESKS[answers])) for answers in (Answers.office, Answers.shop)]
        + colleagues(here.merchant, found.names[here.city]),
        "replies": [(reply.id, reply.name) for reply in here.merchant.office.replies],
        "dues": [(key, visit.say(name)) for key, (name, _) in DUES.items()],
        "asked": [(visit.url(f"/merchant/disputes/{each.dispute}"), each) for each in asked],
        "readable": [(visit.url(f"/merchant/disputes/{each.dispute}"), each) for each in readable],
        "away": _standing_in(visit, found),
    }


def _is_team(seats: Sequence[Place]) -> bool:
    return any(len(seat.merchant.staff) > 1 for seat in seats)


def _people(visit: Visit, found: Shelf) -> list[tuple[str, str]]:
    """Whose disputes can be asked for: one's own, nobody's, each colleague's of the head office."""
    many = len(found.seats) > 1
    told = [("me", visit.say(mark("Mine"))), ("nobody", visit.say(mark("Nobody's yet")))]
    for seat in found.seats:
        for person, name in colleagues(seat.merchant, found.names[seat.city]):
            if person != seat.staff.person:
                told.append((f"{seat.city}.{person}", f"{name} · {seat.name}" if many else name))
    return told


def _standing_in(visit: Visit, found: Shelf) -> list[str]:
    """The names of those for whom the visitor stands in today."""
    told = {
        found.names[seat.city].get(person, "")
        for seat in found.seats
        for person in seat.mine(today(visit))
        if person != seat.staff.person
    }
    return sorted(told - {""})


def _entry(
    visit: Visit, settings: CitySettings, names: Mapping[str, Mapping[str, str]], item: Item, place: Place
) -> Entry:
    language = visit.language
    state, tag = row_state(language, item.state, Role.merchant)
    claim = Claim(remedy=Remedy(item.claim_kind), amount_fen=item.claim_fen)
    rule = answering(place.merchant.office.answering, problem=item.problem, claim_fen=item.claim_fen)
    answers = item.answers or (rule.answers.value if rule else "")
    who = present(place.merchant.office.covers, item.assignee, today(visit)) if item.assignee else ""
    named = names[place.city].get(who, "")
    if who == place.staff.person:
        named = visit.say(mark("you"))
    address = f"/merchant/disputes/{item.id}"
    if not place.here:
        address = f"/merchant/cities/{place.city}?{urlencode({'to': f'/{place.city}{address}'})}"
    own = None
    if item.due_at and item.due_start and item.due_rule == Rule.merchant_answer.value:
        own = target(place.merchant, item.due_start, item.due_at, answered=item.answered)
    return Entry(
        item=item,
        place=place,
        state=state,
        tag=tag,
        terms=story_labels.terms(language, claim),
        problem=story_labels.problem(language, settings, item.problem),
        own_due=own,
        desk=visit.say(DESKS[Answers.office]) if answers == Answers.office.value else "",
        who=named,
        address=visit.url(address),
    )


def picked(visit: Visit) -> list[tuple[str, str, str]]:
    """The lines a form names: (city, dispute, version or empty); `Refused("pick_none")`, `("pick_too_many")`."""
    found = [word.split(".") for word in visit.form.words("pick")]
    lines = [(parts[0], parts[1], "".join(parts[2:])) for parts in found if len(parts) in {2, 3}]
    if not lines:
        raise Refused("pick_none")
    if len(lines) > MOST_PICKED:
        raise Refused("pick_too_many", most=MOST_PICKED)
    return lines


ROUTES = (inbox, part, live)
