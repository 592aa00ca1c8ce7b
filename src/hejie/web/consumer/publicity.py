"""The public page of disputes: merchants whose figures an officer has published, and the city's own; nobody else's."""

from __future__ import annotations

from datetime import timedelta

from hejie.base.clock import SHANGHAI
from hejie.edge.limits import Limit
from hejie.queries.publicity import Cell, large_enough, published
from hejie.queries.statistics import Line, Period, statistics, year_before
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.publicity_lines import cards
from hejie.web.shell import Answer, Visit, page

SEEN = Limit("public-disputes", 300, 600)
"""Openings from one network address: many people share one."""


@page("/public/disputes")
async def shown(visit: Visit) -> Answer:
    """What is published, while the city publishes; else a page that says so."""
    await visit.limit(SEEN)
    now, vault = visit.house.clock.now(), visit.house.vaults(visit.city)
    today = now.astimezone(SHANGHAI).date()
    yesterday = today - timedelta(days=1)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        rules = settings.publicity
        if not rules.holds(today):
            return visit.render("consumer/publicity.html", on=False)
        found = await published(connection, vault, visit.city)
        told = await cards(connection, visit.language, visit.city, settings, found, now)
        year = await statistics(connection, visit.city, Period(first=year_before(today), last=yesterday))
    cells = large_enough([_cell(each) for each in year.cuts["problem"]], rules.least_cell)
    problems = [
        (story_labels.problem(visit.language, settings, each.problem) if each.problem else "", each) for each in cells
    ]
    whole = _cell(year.whole)
    return visit.render(
        "consumer/publicity.html",
        on=True,
        cards=told,
        whole=whole if whole.all >= rules.least_cell else None,
        problems=problems,
        least=rules.least_cell,
        year=year.period,
    )


def _cell(line: Line) -> Cell:
    """The disputes that ended in the year, by how."""
    now = line.now
    return Cell(
        problem=line.code,
        trade="",
        settled=now.confirmed + now.performed + now.unconfirmed + now.mediated,
        unsettled=now.silent + now.unsettled,
        withdrawn=now.withdrawn,
        open=0,
    )


ROUTES = (shown,)
