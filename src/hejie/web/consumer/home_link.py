"""In by the private link to a dispute that another city has handed over: no phone, no account."""

from __future__ import annotations

import hmac

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.edge.private_link import home_code, plain_code
from hejie.edge.problems import problem_of
from hejie.edge.sessions import Viewer
from hejie.queries.record import read_dispute
from hejie.store.settings import settings_at
from hejie.web.code_words import sentence
from hejie.web.consumer.slip import LINKS
from hejie.web.shell import Answer, Visit, page


@page("/h/{token:str}", role=Role.consumer, anyone=True)
async def open_home(visit: Visit) -> Answer:
    """A session for this dispute alone, whose number may begin with another city's code."""
    await visit.limit(LINKS)
    identifier, _, code = visit.path("token").partition(".")
    try:
        return await _open(visit, identifier, code)
    except Refused as why:
        async with visit.connection() as connection:
            settings = await settings_at(connection, visit.city, visit.house.clock.now())
        told = sentence(visit.language, why.code, why.facts)
        return visit.render("consumer/home_link.html", status=problem_of(why).status, told=told, settings=settings)


async def _open(visit: Visit, identifier: str, code: str) -> Answer:
    """`Refused("home_link_wrong")`, the same for what is unknown, never came here, or came again since."""
    try:
        async with visit.connection() as connection:
            dispute = await read_dispute(connection, visit.city, identifier)
    except Missing:
        raise Refused("home_link_wrong") from None
    fits = hmac.compare_digest(home_code(visit.house.vaults(visit.city), dispute), plain_code(code))
    if not fits or not dispute.arrived:
        raise Refused("home_link_wrong")
    await visit.sign_in(Viewer(city=visit.city, role=Role.consumer, person=dispute.consumer, scope=dispute.id))
    return visit.go(f"/disputes/{dispute.id}")


ROUTES = (open_home,)
