"""The registers of promise units of all member cities, as officers search them."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.web.shell import Answer, Visit, page
from hejie.web.unit_lines import unit_lines

PATH = "/officer/units"


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """Units by name, credit code or number; without words, the newest."""
    words = visit.query("q").strip()
    units = await unit_lines(visit, words, visit.query("after"))
    return visit.render("officer/units.html", units=units, words=words)


ROUTES = (listed,)
