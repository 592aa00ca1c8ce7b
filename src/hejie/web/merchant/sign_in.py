"""The merchant's door for those with an account: password and code."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.web.members_door import member_by_form, welcome
from hejie.web.shell import Answer, Visit, act, page

HOME = "/merchant"
_DOOR = "merchant/sign_in.html"


@page("/merchant/sign-in", role=Role.merchant, anyone=True)
async def door(visit: Visit) -> Answer:
    """The form; who is signed in with an account goes on."""
    if visit.known and not visit.viewer.scope:
        return visit.back_or(HOME)
    return visit.render(_DOOR, next=visit.query("next"))


@act("/merchant/sign-in", role=Role.merchant, anyone=True)
async def enter(visit: Visit) -> Answer:
    """Login, password and the authenticator's code; whatever is wrong gets the same answer."""
    try:
        member = await member_by_form(visit, Role.merchant)
    except Refused as why:
        return visit.refuse(_DOOR, why, "login", next=visit.form.text("next"))
    return await welcome(visit, member, HOME)


@act("/merchant/sign-out", role=Role.merchant)
async def leave(visit: Visit) -> Answer:
    """End the session."""
    await visit.sign_out()
    return visit.go("/merchant/sign-in")


ROUTES = (door, enter, leave)
