"""In by a slip of paper: its private link, or its number and code typed from it; no phone, no account."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.edge.limits import Limit
from hejie.edge.private_link import SLIP, plain_number, slip_holder, slip_of
from hejie.edge.problems import problem_of
from hejie.edge.sessions import Viewer
from hejie.queries.record import read_dispute
from hejie.store.settings import settings_at
from hejie.web.code_words import sentence
from hejie.web.shell import Answer, Visit, act, page

LINKS = Limit("private-links", 60, 600)
"""Private links and codes tried from one network address."""


@page("/p", role=Role.consumer, anyone=True)
async def typed(visit: Visit) -> Answer:
    """Where number and code are typed."""
    return visit.render("consumer/slip_code.html")


@act("/p", role=Role.consumer, anyone=True)
async def enter(visit: Visit) -> Answer:
    """Number and code fit: into the dispute."""
    await visit.limit(LINKS)
    try:
        return await _open(visit, plain_number(visit.city, visit.form.text("number")), visit.form.text("code"))
    except Refused as why:
        return visit.refuse("consumer/slip_code.html", why, "code")


@page("/p/{token:str}", role=Role.consumer, anyone=True)
async def open_link(visit: Visit) -> Answer:
    """The whole link, scanned or copied."""
    await visit.limit(LINKS)
    number, _, code = visit.path("token").partition(".")
    try:
        return await _open(visit, f"{visit.city}-{number}", code)
    except Refused as why:
        async with visit.connection() as connection:
            settings = await settings_at(connection, visit.city, visit.house.clock.now())
        told = sentence(visit.language, why.code, why.facts)
        return visit.render("consumer/slip.html", status=problem_of(why).status, told=told, settings=settings)


async def _open(visit: Visit, identifier: str, code: str) -> Answer:
    """A session for this dispute alone; `Refused("slip_wrong")`, the same for what is unknown and what is old."""
    try:
        async with visit.connection() as connection:
            dispute = await read_dispute(connection, visit.city, identifier)
    except Missing:
        raise Refused("slip_wrong") from None
    holder = slip_holder(visit.house.vaults(visit.city), dispute, code, visit.house.clock.now())
    facts = {SLIP: slip_of(dispute, holder)}
    viewer = Viewer(city=visit.city, role=Role.consumer, person=dispute.consumer, scope=dispute.id, facts=facts)
    await visit.sign_in(viewer)
    return visit.go(f"/disputes/{dispute.id}")


ROUTES = (typed, enter, open_link)
