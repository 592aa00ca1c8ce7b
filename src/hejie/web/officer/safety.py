"""Safety reports: at the top of the board, one page each, closed only by an officer with a memo."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from hejie.alerts import safety as s
from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.cities.settings import CitySettings
from hejie.desk.act import Content
from hejie.desk.alerts import SAFETY
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.queries import officer
from hejie.queries import safety as reports
from hejie.queries.safety import Shown
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.districts import district_choices
from hejie.web.shell import Answer, Visit, act, page

_PAGE = "officer/safety.html"
_STATES = {
    s.ReportState.open: (mark("nobody has it yet"), "bad"),
    s.ReportState.taken: (mark("an officer has it"), "warn"),
    s.ReportState.closed: (mark("closed"), ""),
}
TOP = 5
"""Reports shown at the top of the board; the list holds all."""


class Alarm(Struct, frozen=True, kw_only=True):
    """One report in the officer's words."""

    shown: Shown
    problem: str
    district: str
    state: str
    tag: str


async def alarms(visit: Visit, connection: Connection, settings: CitySettings) -> list[Alarm]:
    """The oldest that are not closed, for the top of the board."""
    return [_alarm(visit, settings, each) for each in await reports.waiting(connection, visit.city, TOP)]


def _alarm(visit: Visit, settings: CitySettings, shown: Shown) -> Alarm:
    words, tag = _STATES[shown.report.state]
    districts = dict(district_choices(visit.language, visit.city, settings))
    return Alarm(
        shown=shown,
        problem=story_labels.problem(visit.language, settings, shown.report.problem),
        district=districts.get(shown.report.district, ""),
        state=visit.say(words),
        tag=tag,
    )


@page("/officer/safety", role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """All of them, newest first."""
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        found = await reports.newest(connection, visit.city, visit.query("after"))
    told = [_alarm(visit, settings, each) for each in found.rows]
    return visit.render("officer/safety_list.html", told=told, after=found.after)


@page("/officer/safety/{id:str}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One report with everything that was told."""
    return visit.render(_PAGE, **await _context(visit))


@act("/officer/safety/{id:str}/take", role=Role.officer)
async def take(visit: Visit) -> Answer:
    """Take it, also from a colleague."""
    return await _act(visit, s.Take(), "", ())


@act("/officer/safety/{id:str}/close", role=Role.officer)
async def close(visit: Visit) -> Answer:
    """Close it with what was found and done."""
    try:
        words = clean_text(visit.form.text("memo"), 2000, needed=True)
    except HejieError as why:
        return visit.refuse(_PAGE, why, "memo", **await _context(visit))
    memo = Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())
    return await _act(visit, s.Close(memo=memo.id), "memo", (memo,))


async def _act(visit: Visit, command: s.Command, field: str, contents: tuple[Content, ...]) -> Answer:
    identifier = visit.path("id")
    try:
        once = await visit.once()
        await visit.desk.act(SAFETY, visit.city, identifier, command, visit.actor, contents=contents, once=once)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(_PAGE, why, field, **await _context(visit))
    return visit.go(f"/officer/safety/{identifier}")


async def _context(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        shown = await reports.read_shown(connection, visit.city, visit.path("id"))
        told, memo = await reports.read_told(connection, visit.house.vaults(visit.city), shown.report)
        names = await officer.officer_names(connection, visit.city, [shown.report.officer])
    holder = shown.report.officer
    return {
        "alarm": _alarm(visit, settings, shown),
        "told": told,
        "memo": memo,
        "holder": names.get(holder, holder),
        "mine": holder == visit.actor.id,
    }


ROUTES = (listed, one, take, close)
