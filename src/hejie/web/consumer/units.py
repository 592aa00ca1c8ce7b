"""The public register: promise units of this city and of those that work with it, and which city vouches for each."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.edge.limits import Limit
from hejie.web.shell import Answer, Visit, page
from hejie.web.unit_lines import unit_lines

PATH = "/units"
SEEN = Limit("units", 300, 600)
"""Searches from one network address: many people share one."""


@page(PATH, role=Role.consumer, anyone=True)
async def shown(visit: Visit) -> Answer:
    """Units by name, credit code or number; without words, the newest."""
    await visit.limit(SEEN)
    words = visit.query("q").strip()
    units = await unit_lines(visit, words, visit.query("after"))
    return visit.render("consumer/units.html", units=units, words=words)


ROUTES = (shown,)
