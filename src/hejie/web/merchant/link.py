"""The case link: signed, expiring, for one dispute; it opens a session without an account."""

from __future__ import annotations

from hejie.base.actor import SYSTEM, Role
from hejie.base.errors import Refused
from hejie.desk.disputes import DISPUTES
from hejie.disputes.commands import NoteReach
from hejie.edge.limits import Limit
from hejie.edge.links import opened_case
from hejie.edge.problems import problem_of
from hejie.edge.sessions import Viewer
from hejie.queries.merchant import read_merchant
from hejie.queries.record import read_dispute
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web.code_words import sentence
from hejie.web.shell import Answer, Visit, page

LINKS = Limit("case-links", 60, 600)
"""Case links opened from one network address."""


_HEARD = """
update delivery set state = 'delivered', at = %s
where city = %s and dispute = %s and contact = %s and contact <> '' and state in ('sent', 'unknown')
"""


@page("/m/{token:str}", role=Role.merchant, anyone=True)
async def open_link(visit: Visit) -> Answer:
    """Into the case; staff who are signed in keep their own, wider session."""
    await visit.limit(LINKS)
    city = visit.city
    try:
        async with visit.connection() as connection:
            opened = await opened_case(
                connection, visit.house.vaults(city), city, visit.path("token"), visit.house.clock.now()
            )
            identifier = opened.dispute
            merchant = opened.merchant or (await read_dispute(connection, city, identifier)).merchant
            await _must_be_theirs(connection, visit, merchant, opened.contact)
            await connection.execute(_HEARD, [visit.house.clock.now(), city, identifier, opened.contact])
    except Refused as why:
        return await _closed(visit, why)
    await _tell_reached(visit, identifier, merchant)
    if not (visit.known and visit.viewer.organisation == merchant and visit.viewer.scope in {"", identifier}):
        viewer = Viewer(
            city=city, role=Role.merchant, person=f"link:{identifier}", organisation=merchant, scope=identifier
        )
        await visit.sign_in(viewer)
    return visit.go(f"/merchant/disputes/{identifier}")


async def _must_be_theirs(connection: Connection, visit: Visit, merchant: str, contact: str) -> None:
    """`Refused("link_expired")` for a link that went to a contact which is the merchant's no more."""
    if contact:
        found = (await read_merchant(connection, visit.city, merchant)).contact(contact)
        if found is None or not found.usable:
            raise Refused("link_expired")


async def _tell_reached(visit: Visit, identifier: str, merchant: str) -> None:
    """Whoever opened the link has been told, whatever the receipts say."""
    async with visit.connection() as connection:
        dispute = await read_dispute(connection, visit.city, identifier)
    if dispute.unreachable and dispute.merchant == merchant:
        await visit.desk.act(DISPUTES, visit.city, identifier, NoteReach(reached=True), SYSTEM)


async def _closed(visit: Visit, why: Refused) -> Answer:
    """What to do with a link that does not open."""
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    told = sentence(visit.language, why.code, why.facts)
    return visit.render("merchant/link.html", status=problem_of(why).status, told=told, settings=settings)


ROUTES = (open_link,)
