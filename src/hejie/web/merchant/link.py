"""The case link: signed, expiring, for one dispute; it opens a session without an account."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge.limits import Limit
from hejie.edge.links import opened_case
from hejie.edge.problems import problem_of
from hejie.edge.sessions import Viewer
from hejie.queries.record import read_dispute
from hejie.store.settings import settings_at
from hejie.web.code_words import sentence
from hejie.web.shell import Answer, Visit, page

LINKS = Limit("case-links", 60, 600)
"""Case links opened from one network address."""


@page("/m/{token:str}", role=Role.merchant, anyone=True)
async def open_link(visit: Visit) -> Answer:
    """Into the case; staff who are signed in keep their own, wider session."""
    await visit.limit(LINKS)
    now, city = visit.house.clock.now(), visit.city
    try:
        identifier = opened_case(visit.house.vaults(city), city, visit.path("token"), now)
    except Refused as why:
        return await _closed(visit, why)
    async with visit.connection() as connection:
        merchant = (await read_dispute(connection, city, identifier)).merchant
    if not (visit.known and visit.viewer.organisation == merchant and visit.viewer.scope in {"", identifier}):
        viewer = Viewer(
            city=city, role=Role.merchant, person=f"link:{identifier}", organisation=merchant, scope=identifier
        )
        await visit.sign_in(viewer)
    return visit.go(f"/merchant/disputes/{identifier}")


async def _closed(visit: Visit, why: Refused) -> Answer:
    """What to do with a link that does not open."""
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    told = sentence(visit.language, why.code, why.facts)
    return visit.render("merchant/link.html", status=problem_of(why).status, told=told, settings=settings)


ROUTES = (open_link,)
