"""The officers' gate: which route is which act, whether this officer may from their post, and the line in the trail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hejie.base.errors import HejieError, Refused
from hejie.cities.posts import Act, Post, must_do, must_reach, place_of
from hejie.queries.handovers import PLACE
from hejie.store.pool import Connection
from hejie.store.posts import read_post
from hejie.store.trail import TrailLine, write_trail

if TYPE_CHECKING:
    from hejie.web.shell import Route, Visit

_ID = re.compile(r"/\{[^}]*\}")
_BY_NAME: Mapping[str, str] = MappingProxyType(
    {
        "own": "/sign-out /passkey",
        "read": "/list /list/live /duties /absence /absence/end /disputes /disputes/record /disputes/live"
        " /disputes/pictures /disputes/record.pdf /disputes/record.zip"
        " /disputes/agreement.pdf /disputes/mediation.pdf /disputes/advance /coverage"
        " /mediations /handovers /statistics /statistics.csv /publicity /funds /measures /entitlements"
        " /alliance /alliance/bulletins /units /histories /library /disputes/library"
        " /alliance/figures /alliance/figures.csv",
        "work": "/disputes/take /disputes/say /disputes/propose /disputes/close /disputes/judge /disputes/multiples"
        " /disputes/denial /disputes/hand-off /disputes/hand-over /handovers/recall /handovers/note",
        "items": "/items /items/done /items/retry /items/refund /items/told /items/link /items/take /items/back"
        " /items/pass /disputes/back /disputes/pass /alliance/bulletins/seen",
        "receive": "/disputes/answer-pass /items/answer-pass /handovers/accept /handovers/refuse",
        "lead": "/supervision /disputes/give /items/give /disputes/advance/cancel /disputes/advance/give-up"
        " /disputes/advance/grant /disputes/advance/pay /disputes/advance/recover /funds/contribute /funds/close"
        " /measures/answer /measures/end /publicity/answer /publicity/correct /publicity/publish /publicity/withdraw"
        " /alliance/offices /library/withdraw",
        "register": "/merchants /merchants/new /merchants/accounts /merchants/live /merchants/shops /merchants/contact"
        " /merchants/office /merchants/call /merchants/contact/remove /merchants/enrol /merchants/close"
        " /merchants/agreements /merchants/agreements/end /merchants/bindings /merchants/bindings/end"
        " /merchants/bindings/undo /merchants/stall /merchants/stall/poster /merchants/stall/end"
        " /paycodes /paycodes/grant /paycodes/refuse /paycodes/end /safety /safety/take /safety/close"
        " /enrol /enrol/part /enrol/live /enrol/refused.csv /enrol/run /enrol/drop"
        " /merchants/odr /merchants/successions /merchants/successions/undo /trace /trace/ask /trace/part /trace/live"
        " /assist /assist/new /assist/new/read /assist/slip /assist/slip.pdf /assist/mandate",
        "settings": "/settings",
        "trail": "/trail",
    }
)
ACTS: Mapping[str, Act] = MappingProxyType(
    {"/officer": Act.own, **{f"/officer{path}": Act(act) for act, paths in _BY_NAME.items() for path in paths.split()}}
)
"""Path of a route without its parameters → act; a route that stands not here is for no officer."""

_CHANGES = MappingProxyType(
    {
        "/officer/mediations": Act.work,
        "/officer/funds": Act.lead,
        "/officer/measures": Act.lead,
        "/officer/publicity": Act.lead,
        "/officer/alliance/bulletins": Act.lead,
        "/officer/histories": Act.work,
        "/officer/disputes/library": Act.lead,
        "/officer/disputes/advance": Act.lead,
    }
)
"""Addresses under which more than looking is another act."""

_NOUNS = MappingProxyType(
    {
        "disputes": "dispute", "items": "item", "merchants": "merchant", "paycodes": "paycode",
        "safety": "safety_report", "mediations": "mediation", "handovers": "handover",
        "funds": "fund", "publicity": "publicity", "measures": "measure", "trace": "trace",
        "assist": "dispute", "enrol": "list", "alliance": "bulletin", "library": "library_case",
    }
)  # fmt: skip
_PLACES = MappingProxyType(
    {
        "dispute": "select district, authority, offered_to, officer from dispute where city = %s and id = %s",
        "mediation": "select d.district, coalesce(nullif(m.authority, ''), d.authority), d.offered_to, m.officer"
        " from mediation m join dispute d on d.city = m.city and d.id = m.dispute where m.city = %s and m.id = %s",
        "handover": f"select {PLACE}, '', '', coalesce(d.officer, '')"
        " from handover h left join dispute d on d.city = h.city and d.id = h.dispute where h.city = %s and h.id = %s",
        "item": "select place, authority, offered_to, officer from work_item where city = %s and id = %s",
    }
)
_REFUSED = 400


def act_of(path: str, method: str = "GET") -> Act | None:
    """The act that a route is; none for one that was forgotten."""
    bare = _ID.sub("", path)
    return _CHANGES.get(bare, ACTS.get(bare)) if method == "POST" else ACTS.get(bare)


@asynccontextmanager
async def watched(visit: Visit, route: Route) -> AsyncIterator[None]:
    """Let an officer in or not, and write down what they looked at or did, refused or not.

    Errors: `Refused("function_missing" | "outside_authority")`; where the trail cannot be written, nothing is shown.
    """
    person = visit.actor.id  # signing out forgets it
    try:
        await _let_in(visit, route)
        yield
    except HejieError as why:
        await _note(visit, route, person, why.code)
        raise
    if route.method == "POST":
        await _note(visit, route, person, visit.result or "done")
    elif "{id:str}" in route.path and not route.quiet:
        await _note(visit, route, person, "seen")


async def _let_in(visit: Visit, route: Route) -> None:
    act = act_of(route.path, route.method)
    noun, subject = _subject(visit, route)
    async with visit.connection() as connection:
        visit.post = await read_post(connection, visit.city, visit.actor.id, visit.house.clock.now())
        if act is None:
            raise Refused("function_missing")
        must_do(visit.post, act)
        if noun in _PLACES and subject:
            await _reach(connection, visit.city, visit.post, act, (noun, subject, visit.actor.id))


async def _reach(connection: Connection, city: str, post: Post, act: Act, about: tuple[str, str, str]) -> None:
    noun, subject, person = about
    found: Any = await (await connection.execute(_PLACES[noun], [city, subject])).fetchone()
    if found is None:
        return
    district, authority, offered_to, officer = found
    if offered_to and act in {Act.read, Act.items, Act.receive} and post.covers(place_of(city, offered_to, "")):
        return
    must_reach(post, place_of(city, authority, district), person, officer)


async def _note(visit: Visit, route: Route, person: str, result: str) -> None:
    noun, subject = _subject(visit, route)
    line = TrailLine(
        id=visit.desk.mint(visit.city),
        at=visit.house.clock.now(),
        person=person,
        act=_ID.sub("", route.path).removeprefix("/officer").lstrip("/"),
        noun=noun,
        subject=subject,
        result=result,
    )
    async with visit.connection() as connection:
        await write_trail(connection, visit.city, line)


def _subject(visit: Visit, route: Route) -> tuple[str, str]:
    """The noun and identifier that the address names; both empty for a list."""
    if "{id:str}" not in route.path:
        return "", ""
    return _NOUNS.get(route.path.split("/")[2], ""), visit.path("id")[:64]
