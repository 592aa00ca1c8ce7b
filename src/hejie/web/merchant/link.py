"""The case link: signed, expiring, for one dispute; it opens a session without an account."""

from __future__ import annotations

from hejie.base.actor import SYSTEM, Role
from hejie.base.errors import Refused
from hejie.desk.disputes import DISPUTES
from hejie.disputes.commands import NoteReach
from hejie.disputes.model import Dispute
from hejie.edge import stalls
from hejie.edge.limits import Limit
from hejie.edge.links import named_by, opened_case
from hejie.edge.problems import problem_of
from hejie.edge.sessions import Viewer
from hejie.merchants.answering import Answers
from hejie.queries.merchant import read_merchant
from hejie.queries.queue import read_handling
from hejie.queries.record import read_dispute
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web.code_words import sentence
from hejie.web.merchant.giving import answering_desk
from hejie.web.merchant.stall import ASKED, ASKED_FROM, number_for
from hejie.web.shell import Answer, Visit, act, page

PAGE = "merchant/link.html"
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
    return visit.go(f"/merchant/disputes/{identifier}" + (f"?sent={opened.contact}" if opened.contact else ""))


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
    more = {
        "told": sentence(visit.language, why.code, why.facts),
        "number": (await _once_for(visit))[1],
        "token": visit.path("token"),
        "asked": False,
    }
    return visit.render(PAGE, status=problem_of(why).status, settings=settings, **more)


@act("/m/{token:str}/fresh", role=Role.merchant, anyone=True)
async def send_fresh(visit: Visit) -> Answer:
    """For a link that was once ours: a fresh one goes to the registered number, and nowhere else."""
    await visit.limit(ASKED_FROM)
    dispute, number = await _once_for(visit)
    if dispute is None:
        return await _closed(visit, Refused("link_wrong"))
    await visit.limit(ASKED, dispute.id)
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        stall = stalls.Stall(dispute.merchant, dispute.shop)
        await stalls.ask_for_links(connection, visit.city, now, stall, dispute.id)
        settings = await settings_at(connection, visit.city, now)
    return visit.render(PAGE, told="", settings=settings, number=number, asked=True, token=visit.path("token"))


async def _once_for(visit: Visit) -> tuple[Dispute | None, str]:
    """The dispute that the token named, and the masked number to which its messages go."""
    city = visit.city
    async with visit.connection() as connection:
        identifier = await named_by(connection, visit.house.vaults(city), city, visit.path("token"))
        if not identifier:
            return None, ""
        dispute = await read_dispute(connection, city, identifier)
        merchant = await read_merchant(connection, city, dispute.merchant)
        answers = answering_desk(merchant, dispute, await read_handling(connection, city, identifier))
        shop = "" if answers is Answers.office else dispute.shop
        return dispute, await number_for(connection, visit, merchant, shop)


ROUTES = (open_link, send_fresh)
