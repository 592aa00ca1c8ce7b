"""The list of disputes: in the desk's own order, by due time or newest first, filtered and paged by key."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import asdict, replace

from hejie.base.actor import Role
from hejie.cities.settings import CitySettings
from hejie.disputes.model import Claim, Outcome, Remedy
from hejie.disputes.states import OPEN, State
from hejie.edge.words import mark
from hejie.queries import lists, officer
from hejie.queries.lists import Page, Row, Wanted
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web import handover_words, story_labels
from hejie.web.districts import district_choices
from hejie.web.officer.safety import alarms
from hejie.web.shell import Answer, Visit, page

ORDERS = (
    ("desk", mark("Escalated first, then by due time")),
    ("due", mark("By due time")),
    ("newest", mark("Newest first")),
)
_CLOCKS = {
    "merchant_answer": mark("merchant's answer"),
    "consumer_confirm": mark("consumer's confirmation"),
    "performance": mark("performance"),
}
_STATES = (*(state.value for state in State), handover_words.ELSEWHERE)
_CLOCKED = frozenset(state.value for state in OPEN)


class Filters(Struct, frozen=True, kw_only=True):
    """What the address asks for; unknown words in it count as not asked."""

    order: str = "desk"
    state: str = ""
    district: str = ""
    problem: str = ""
    mine: str = ""
    wallet: str = ""
    undue: str = ""
    after: str = ""

    @property
    def address(self) -> str:
        """The part behind the `?` that asks for just this."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order is asked for."""
        return any((self.state, self.district, self.problem, self.mine, self.wallet, self.undue))

    def later(self, after: str) -> str:
        """The address of the next page."""
        return replace(self, after=after).address

    def wanted(self, me: str) -> Wanted:
        """The same as the lists know it."""
        return Wanted(
            states=(self.state,) if self.state else (),
            district=self.district,
            problem=self.problem,
            officer=me if self.mine else "",
            origin="wallet" if self.wallet else "",
            undue=bool(self.undue),
        )


class Shown(Struct, frozen=True, kw_only=True):
    """One dispute of the list in the officer's words."""

    row: Row
    state: str
    tag: str
    problem: str
    claim: str
    district: str
    holder: str
    """The officer who has taken it."""
    mine: bool
    clock: str
    """What its running clock is for."""
    outcome: str


@page("/officer", role=Role.officer)
async def board(visit: Visit) -> Answer:
    """The list with its filters and three small counts; who sees no case goes to what is theirs."""
    if not visit.may("read"):
        return visit.go(f"/officer/{next((each for each in ('trail', 'settings') if visit.may(each)), 'passkey')}")
    filters = _filters(visit)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        counts = await officer.counts(connection, visit.city, visit.actor.id, visit.post.within)
        rows = await _rows(visit, connection, filters, settings)
    return visit.render(
        "officer/board.html",
        filters=filters,
        counts=counts,
        most=officer.MOST_COUNTED,
        orders=[(value, visit.say(label)) for value, label in ORDERS],
        states=[(each, handover_words.row_state(visit.language, each, Role.officer)[0]) for each in _STATES],
        districts=district_choices(visit.language, visit.city, settings),
        problems=[(each.id, getattr(each.name, visit.language)) for each in settings.problems],
        **rows,
    )


@page("/officer/list", role=Role.officer, quiet=True)
async def part(visit: Visit) -> Answer:
    """The rows alone, for the page that is open."""
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        rows = await _rows(visit, connection, _filters(visit), settings)
    return visit.render("officer/rows.html", filters=_filters(visit), **rows)


@page("/officer/list/live", role=Role.officer, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that something in the city has changed, and at the start that something may have: a city has no version."""
    return visit.stream_of_many()


async def _rows(visit: Visit, connection: Connection, filters: Filters, settings: CitySettings) -> dict[str, Any]:
    found = await _found(connection, visit, filters)
    names = await officer.officer_names(connection, visit.city, [row.officer for row in found.rows])
    districts = dict(district_choices(visit.language, visit.city, settings))
    danger = await alarms(visit, connection, settings)
    return {
        "danger": danger,
        "after": found.after,
        "rows": [_shown(visit, row, settings, districts, names) for row in found.rows],
    }


def _shown(visit: Visit, row: Row, settings: CitySettings, districts: dict[str, str], names: dict[str, str]) -> Shown:
    language = visit.language
    state, tag = handover_words.row_state(language, row.state, Role.officer)
    return Shown(
        row=row,
        state=state,
        tag=tag,
        problem=story_labels.problem(language, settings, row.problem),
        claim=story_labels.terms(language, Claim(remedy=Remedy(row.claim_kind), amount_fen=row.claim_fen)),
        district=districts.get(row.district, row.district),
        holder=names.get(row.officer, row.officer),
        mine=row.officer == visit.actor.id,
        clock=visit.say(_CLOCKS[row.due_rule]) if row.due_rule in _CLOCKS else "",
        outcome=story_labels.outcome(language, Outcome(row.outcome)) if row.outcome else "",
    )


async def _found(connection: Connection, visit: Visit, filters: Filters) -> Page:
    wanted = replace(filters.wanted(visit.actor.id), within=visit.post.within)
    if filters.order == "newest" or (filters.state and filters.state not in _CLOCKED):
        return await lists.newest(connection, visit.city, wanted, filters.after)
    if filters.state == State.mediating:
        return await lists.oldest(connection, visit.city, wanted, filters.after)
    if filters.order == "due" or filters.state:
        return await lists.most_urgent(connection, visit.city, wanted, filters.after)
    return await officer.desk_order(connection, visit.city, wanted, filters.after)


def _filters(visit: Visit) -> Filters:
    asked = {name: visit.query(name) for name in Filters.__struct_fields__}
    if asked["order"] not in {value for value, _ in ORDERS}:
        asked["order"] = "desk"
    if asked["state"] not in _STATES:
        asked["state"] = ""
    return Filters(**asked)
