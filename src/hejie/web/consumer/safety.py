"""Where somebody is or may be in danger: the emergency doors first, the officer at once, the money afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hejie.alerts import safety as s
from hejie.base.actor import Actor, Role
from hejie.base.errors import Missing, Refused
from hejie.cities.settings import CitySettings
from hejie.desk.act import Content
from hejie.desk.alerts import SAFETY
from hejie.edge.forms import Checks
from hejie.edge.limits import Limit
from hejie.edge.phones import read_phone
from hejie.edge.texts import clean_text
from hejie.queries import consumer
from hejie.queries.consumer import Bought
from hejie.queries.safety import Told, read_report
from hejie.store.settings import settings_at
from hejie.web.consumer.questions import carried
from hejie.web.districts import district_choices
from hejie.web.shell import Answer, Visit, act, page

REPORTS = Limit("safety-reports", 30, 600)
"""Reports from one network address; the emergency numbers are shown without any limit."""


@page("/safety", role=Role.consumer, anyone=True)
async def safety(visit: Visit) -> Answer:
    """The numbers to call, then the report; it needs neither payment nor session."""
    return visit.render("consumer/safety.html", **await _context(visit))


async def _context(visit: Visit, report: str = "", done: str = "") -> dict[str, Any]:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    form = visit.form
    return {
        "calls": settings.safety.calls,
        "problems": [(each.id, getattr(each.name, visit.language)) for each in settings.problems if each.safety],
        "districts": district_choices(visit.language, visit.city, settings),
        "report": report,
        "done": done,
        "carried": carried(form) if form.has("trade") or form.has("first") else [],
    }


@act("/safety", role=Role.consumer, anyone=True)
async def report(visit: Visit) -> Answer:
    """Open a report, or add to one that the filing form has opened."""
    await visit.limit(REPORTS)
    kept = await keep(visit)
    if not isinstance(kept, str):
        return kept
    return visit.render("consumer/safety.html", **await _context(visit, kept, done="yes"))


async def keep(visit: Visit) -> str | Answer:
    """The report's identifier once what was typed is kept; the page again where something is wrong with it."""
    check, known = Checks(), visit.form.text("report")
    told = _told(visit, check)
    if not known and not told.what:
        check.add("what", Refused("words_missing"))
    problem = visit.form.text("danger") or visit.form.text("problem")
    if check:
        return visit.refuse("consumer/safety.html", check, **await _context(visit, known))
    try:
        return await _keep(visit, known, told, problem, visit.form.text("district"))
    except (Refused, Missing) as why:
        return visit.refuse("consumer/safety.html", why, "danger", **await _context(visit, known))


async def _keep(visit: Visit, known: str, told: Told, problem: str, district: str) -> str:
    identifier = known or visit.desk.mint(visit.city)
    content = _content(visit, told)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    if known and told == Told():
        return known
    command: s.Command = s.Add(told=content.id)
    if not known:
        district = district if district in {code for code, _ in district_choices("zh", visit.city, settings)} else ""
        command = s.Report(problem=problem, district=district, told=content.id)
    once = await visit.once()
    done = await visit.desk.act(SAFETY, visit.city, identifier, command, reporter(visit), contents=[content], once=once)
    return done.id


async def open_from_form(visit: Visit, settings: CitySettings, chosen: Sequence[Bought], problem: str) -> Answer:
    """The filing form names a danger: the officer has it now, and this page comes before anything else."""
    first = chosen[0]
    async with visit.connection() as connection:
        district = await consumer.district_of(connection, visit.city, first.shop)
    check = Checks()
    words = check("words", clean_text, visit.form.text("words"), default="")
    name = settings.problem(problem).name
    content = _content(visit, Told(what=words or getattr(name, visit.language), place=first.place))
    command = s.Report(problem=problem, district=district, merchant=first.merchant, shop=first.shop, told=content.id)
    done = await visit.desk.act(
        SAFETY,
        visit.city,
        visit.desk.mint(visit.city),
        command,
        reporter(visit),
        contents=[content],
        once=await visit.once(),
    )
    return visit.render("consumer/safety.html", **await _context(visit, done.id))


async def is_report(visit: Visit, identifier: str) -> bool:
    """Whether the form names a report of this city."""
    try:
        async with visit.connection() as connection:
            await read_report(connection, visit.city, identifier)
    except Missing:
        return False
    return True


def reporter(visit: Visit) -> Actor:
    """Who reports: the consumer, or somebody unknown on that side."""
    return visit.actor if visit.known else Actor(Role.consumer, "unknown")


def _told(visit: Visit, check: Checks) -> Told:
    form = visit.form
    return Told(
        place=check("place", clean_text, form.text("place"), 200, default=""),
        what=check("what", clean_text, form.text("what"), default=""),
        when=check("when", clean_text, form.text("when"), 80, default=""),
        risk=check("risk", clean_text, form.text("risk"), 500, default=""),
        phone=check("callback", read_phone, form.text("callback"), default=""),
    )


def _content(visit: Visit, told: Told) -> Content:
    return Content(id=visit.desk.mint(visit.city), kind="told", plain=msgspec.json.encode(told))


ROUTES = (safety, report)
