"""Enrolling from a list: a CSV file is checked line by line, looked at, set going, and followed to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Response

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities import divisions
from hejie.edge.forms import Checks, plain
from hejie.edge.phones import masked
from hejie.intake import campaigns as lists
from hejie.intake.merchant_list import COLUMNS, MOST_BYTES, MOST_ROWS, read_list
from hejie.queries import campaigns
from hejie.queries.campaigns import Campaign, Refusal
from hejie.store.settings import settings_at
from hejie.web.code_words import sentence
from hejie.web.csv_out import as_csv
from hejie.web.districts import district_choices
from hejie.web.officer.coverage import trade_name
from hejie.web.officer.merchants import mobile
from hejie.web.shell import Answer, Visit, act, page

_FORM, _ONE = "officer/enrol.html", "officer/enrol_one.html"
_ROOM = 64 * 1024
_MOST_NAME = 60
SHOWN = 10
"""Good lines that are shown before the list is set going."""
SHOWN_REFUSED = 100


@page("/officer/enrol", role=Role.officer)
async def new(visit: Visit) -> Answer:
    """The form, and the newest lists."""
    return visit.render(_FORM, **await _around(visit))


@act("/officer/enrol", role=Role.officer, most_bytes=MOST_BYTES + _ROOM)
async def bring(visit: Visit) -> Answer:
    """Check the file and keep it for a second look; nothing is registered yet."""
    check = Checks()
    name = check("campaign", plain, visit.form.text("campaign"), _MOST_NAME, default="")
    if not name and not check:
        check.add("campaign", Refused("name_missing"))
    raw = await visit.form.file("list")
    if not raw:
        check.add("list", Refused("list_missing"))
    if check:
        return visit.refuse(_FORM, check, **await _around(visit))
    now, city = visit.house.clock.now(), visit.city
    districts = {code: divisions.name(code) for code in divisions.children(city)}
    try:
        listing = await asyncio.to_thread(read_list, raw, city, districts, mobile, now)
    except Refused as why:
        return visit.refuse(_FORM, why, "list", **await _around(visit))
    identifier, vault = visit.desk.mint(city), visit.house.vaults(city)
    async with visit.connection() as connection:
        await lists.keep_list(
            connection, vault, city, identifier, name, listing, visit.actor, now, invites=visit.form.has("invites")
        )
    return visit.go(f"/officer/enrol/{identifier}")


@page("/officer/enrol/{id:str}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One list: what it would do before it is set going, and how far it is then."""
    return visit.render(_ONE, **await _context(visit))


@page("/officer/enrol/{id:str}/part", role=Role.officer, quiet=True)
async def part(visit: Visit) -> Answer:
    """How far it is, for the page that is open."""
    return visit.render("officer/enrol_part.html", found=await _read(visit))


@page("/officer/enrol/{id:str}/live", role=Role.officer, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that it has come further."""
    found = await _read(visit)
    return visit.stream(found.id, version_of(found))


@page("/officer/enrol/{id:str}/refused.csv", role=Role.officer)
async def refused(visit: Visit) -> Answer:
    """The refused lines as a file: line, credit code, reason."""
    async with visit.connection() as connection:
        found = await campaigns.read_campaign(connection, visit.city, visit.path("id"))
        rows = await campaigns.refusals(connection, visit.city, found.id)
    told = _told(visit, rows)
    head = (visit.say("Line"), visit.say("Credit code"), visit.say("Why it was not taken"))
    headers = {"content-disposition": f'attachment; filename="refused-{found.id}.csv"', "cache-control": "no-store"}
    return Response(as_csv([head, *told]), media_type="text/csv; charset=utf-8", headers=headers)


@act("/officer/enrol/{id:str}/run", role=Role.officer)
async def run(visit: Visit) -> Answer:
    """Set it going; pressed twice it runs once."""
    now, found = visit.house.clock.now(), await _read(visit)
    async with visit.connection() as connection:
        kept = await lists.entries_of(connection, visit.house.vaults(visit.city), visit.city, found.id)
        if found.state == "checked" and kept is None:
            raise Refused("list_expired")
        await lists.begin(connection, visit.city, found.id, found.good, visit.actor, now, visit.house.chance)
    return visit.go(f"/officer/enrol/{found.id}")


@act("/officer/enrol/{id:str}/drop", role=Role.officer)
async def drop(visit: Visit) -> Answer:
    """Forget it before it was set going."""
    found = await _read(visit)
    async with visit.connection() as connection:
        await lists.drop(connection, visit.city, found.id)
    return visit.go("/officer/enrol?done=dropped")


def version_of(found: Campaign) -> int:
    """What listeners are told: one for each step."""
    return found.good + 2 if found.state == "done" else found.reached + 1


async def _read(visit: Visit) -> Campaign:
    async with visit.connection() as connection:
        return await campaigns.read_campaign(connection, visit.city, visit.path("id"))


def _told(visit: Visit, rows: Sequence[Refusal]) -> list[tuple[int, str, str]]:
    return [(each.line, each.credit_code, sentence(visit.language, each.reason, each.facts)) for each in rows]


async def _around(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        latest = await campaigns.latest(connection, visit.city)
    return {
        "latest": latest,
        "columns": [words[0] for words in COLUMNS.values()],
        "most": MOST_ROWS,
        "done": visit.query("done"),
    }


async def _context(visit: Visit) -> dict[str, Any]:
    city, vault = visit.city, visit.house.vaults(visit.city)
    async with visit.connection() as connection:
        settings = await settings_at(connection, city, visit.house.clock.now())
        found = await campaigns.read_campaign(connection, city, visit.path("id"))
        refusals = await campaigns.refusals(connection, city, found.id, SHOWN_REFUSED)
        kept = await lists.entries_of(connection, vault, city, found.id) if found.state == "checked" else ()
    districts = dict(district_choices(visit.language, city, settings))
    return {
        "found": found,
        "version": version_of(found),
        "refusals": _told(visit, refusals),
        "expired": kept is None,
        "shown": [
            (each, districts.get(each.district, ""), trade_name(visit, each.trade[:2]), masked(each.phone))
            for each in (kept or ())[:SHOWN]
        ],
        "invite_days": settings.clocks.invite_days,
    }


ROUTES = (new, bring, one, part, live, refused, run, drop)
