"""The figures a city prints: tables first, simple charts, a file, and the command that counts them again."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from litestar import Response

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Refused
from hejie.cities.settings import CitySettings
from hejie.edge.words import mark
from hejie.queries.follow_ups import calls_in
from hejie.queries.statistics import CUTS, Period, Statistics, growth, period, statistics
from hejie.store.settings import settings_at
from hejie.web import statistic_lines as lines
from hejie.web.csv_out import as_csv
from hejie.web.shell import Answer, Visit, page

PATH = "/officer/statistics"
CALLS = {
    "drawn": mark("Drawn by lot"),
    "reached": mark("Called and reached"),
    "not_reached": mark("Called and not reached"),
    "satisfied": mark("… of those reached satisfied"),
    "not_satisfied": mark("… of those reached not satisfied"),
    "performed": mark("… of those reached: done as agreed"),
    "not_performed": mark("… of those reached: not done as agreed"),
}
MOST_BARS = 10
"""Headings in one chart; the table has all."""


@page(PATH, role=Role.officer)
async def shown(visit: Visit) -> Answer:
    """This month until today, or `from` and `to`; a time that cannot be counted is told at the form."""
    try:
        wanted = _wanted(visit)
    except HejieError as why:
        return visit.refuse("officer/statistics.html", why, "from", **await _context(visit, _this_month(visit)))
    return visit.render("officer/statistics.html", **await _context(visit, wanted))


@page(f"{PATH}.csv", role=Role.officer)
async def table(visit: Visit) -> Answer:
    """The same as one long table."""
    wanted = _wanted(visit)
    settings, found = await _read(visit, wanted)
    head = [visit.say(each) for each in lines.HEAD]
    name = f"hejie-{visit.city}-{wanted.first:%Y%m%d}-{wanted.last:%Y%m%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    body = as_csv([head, *lines.rows(visit.language, settings, found)])
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


async def _context(visit: Visit, wanted: Period) -> dict[str, Any]:
    settings, found = await _read(visit, wanted)
    async with visit.connection() as connection:
        calls = await calls_in(connection, visit.city, wanted.first, wanted.last)
    language = visit.language
    name = partial(lines.named, language, visit.city, settings)
    whole = lines.told(language, found.whole)
    ended = [(each.label, each.now) for each in whole if each.figure in lines.ENDINGS]
    return {
        "found": found,
        "whole": whole,
        "calls": [(name, visit.say(words), getattr(calls, name)) for name, words in CALLS.items()],
        "lengths": lines.lengths(language, found),
        "ended": ended,
        "cuts": [(cut, visit.say(lines.CUT_NAMES[cut]), found.cuts[cut]) for cut in CUTS],
        "name": name,
        "most_bars": MOST_BARS,
        "command": partial(lines.command, visit.city, wanted),
        "days": lines.days,
        "growth": growth,
    }


async def _read(visit: Visit, wanted: Period) -> tuple[CitySettings, Statistics]:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        return settings, await statistics(connection, visit.city, wanted)


def _wanted(visit: Visit) -> Period:
    first, last = visit.query("from"), visit.query("to")
    if not first and not last:
        return _this_month(visit)
    return period(_day(first), _day(last))


def _this_month(visit: Visit) -> Period:
    now: datetime = visit.house.clock.now()
    today = now.astimezone(SHANGHAI).date()
    return Period(first=today.replace(day=1), last=today)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("period_unreadable", said=text[:20]) from None


ROUTES = (shown, table)
