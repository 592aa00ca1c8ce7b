"""One person, several cities: join an account by signing in to it once, go over to it, part from it."""

from __future__ import annotations

from litestar import Response

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.edge import members, memberships, sessions
from hejie.edge.memberships import Elsewhere
from hejie.store.pool import city_transaction
from hejie.web import entrance
from hejie.web.frame import safe_next
from hejie.web.merchant.office import OFFICE, PAGE, context
from hejie.web.merchant.places import places
from hejie.web.shell import Answer, Visit, act, page

BY = "by"
"""The fact of a session that was opened from another city: none is opened from it in turn."""


@page("/merchant/cities/{id:str}", role=Role.merchant)
async def go_over(visit: Visit) -> Answer:
    """Into another city of the same person's, without a second password.

    Both cities must say that the accounts are one person's. The session there begins in that city's own transaction
    and its cookie comes with this very answer: no token travels that could be stolen or used twice. A session
    opened so opens no further one, so that nobody goes round in circles past the end of their day.
    """
    other, to = visit.path("id"), visit.query("to")
    target = safe_next(other, to, f"/{other}/merchant")
    seats = await places(visit)
    seat = next((each for each in seats if each.city == other and not each.here), None)
    if seat is None:
        raise Missing("city_not_yours")
    answer = Response(b"", status_code=303, headers={"location": target})
    if visit.viewer.facts.get(BY):
        return answer
    async with city_transaction(visit.house.pool, other) as connection:
        member = await memberships.confirmed(connection, Elsewhere(other, seat.actor.id), visit.city, visit.actor.id)
        if member is None:
            raise Missing("city_not_yours")
        viewer = sessions.with_fact(member.viewer(other), BY, visit.city)
        token = await sessions.begin(connection, visit.house.chance, viewer)
    answer.set_cookie(entrance.session_cookie(visit.house, viewer, token))
    return answer


@act("/merchant/cities", role=Role.merchant)
async def join(visit: Visit) -> Answer:
    """Sign in to the account of the other city, once: from then on its disputes stand in this queue too."""
    form, other = visit.form, visit.form.word("other")
    await places(visit)
    try:
        if other == visit.city:
            raise Refused("city_same")
        await visit.house.city(other)
        member = await members.sign_in(
            visit.house,
            other,
            login=form.text("other_login").strip(),
            password=form.text("other_password"),
            code=form.text("other_code"),
            role=Role.merchant,
            address=visit.address,
        )
        one, two = Elsewhere(visit.city, visit.actor.id), Elsewhere(other, member.id)
        await memberships.join(visit.house, one, two, visit.house.clock.now())
    except HejieError as why:
        return visit.refuse(PAGE, why, "other_login", **await context(visit))
    return visit.go(f"{OFFICE}?done=joined#cities")


@act("/merchant/cities/part", role=Role.merchant)
async def part(visit: Visit) -> Answer:
    """Part from another city's account."""
    await places(visit)
    await memberships.part(visit.house, Elsewhere(visit.city, visit.actor.id), visit.form.word("other"))
    return visit.go(f"{OFFICE}?done=parted#cities")


ROUTES = (go_over, join, part)
