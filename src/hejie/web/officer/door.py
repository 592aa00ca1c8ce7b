"""The officers' door: password and code, or a passkey; nobody comes in with one factor alone."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.edge import members, passkeys
from hejie.edge.forms import plain
from hejie.web.frame import HOMES
from hejie.web.members_door import member_by_form, welcome
from hejie.web.shell import Answer, Visit, act, page

HOME = "/officer"
STAFF = (Role.officer, Role.clerk)
"""Who comes in here: officers to the desk, clerks to the filings of their own hand alone."""
_DOOR, _KEY = "officer/sign_in.html", "officer/passkey.html"


@page("/officer/sign-in", role=STAFF, anyone=True)
async def door(visit: Visit) -> Answer:
    """The form; who is signed in already goes on."""
    if visit.known and visit.actor.role is Role.clerk:
        return visit.go(HOMES[Role.clerk])  # not on to where they wanted to go: it may be an officer's page
    if visit.known:
        return visit.back_or(HOME)
    return visit.render(_DOOR, **_asked(visit))


@act("/officer/sign-in", role=STAFF, anyone=True)
async def enter(visit: Visit) -> Answer:
    """Login, password and the authenticator's code; whatever is wrong gets the same answer."""
    try:
        member = await member_by_form(visit, STAFF)
    except Refused as why:
        return visit.refuse(_DOOR, why, "login", **_asked(visit))
    if visit.known:
        await visit.sign_out()
    if member.role is Role.clerk:
        await visit.sign_in(member.viewer(visit.city))
        return visit.go(HOMES[Role.clerk])
    return await welcome(visit, member, HOME)


@act("/officer/sign-in/passkey", role=Role.officer, anyone=True)
async def enter_by_passkey(visit: Visit) -> Answer:
    """The passkey's answer: possession and the person's own gesture."""
    try:
        async with visit.connection() as connection:
            answer = visit.form.text("credential")
            member = await passkeys.sign_in(connection, visit.house, visit.city, answer, Role.officer)
    except Refused as why:
        return visit.refuse(_DOOR, why, **_asked(visit))
    return await welcome(visit, member, HOME)


@act("/officer/sign-out", role=STAFF)
async def leave(visit: Visit) -> Answer:
    """End the session."""
    await visit.sign_out()
    return visit.go("/officer/sign-in")


@page("/officer/passkey", role=Role.officer)
async def passkey(visit: Visit) -> Answer:
    """The form to register a passkey."""
    return visit.render(_KEY, **await _offered(visit))


@act("/officer/passkey", role=Role.officer)
async def register(visit: Visit) -> Answer:
    """Keep a new passkey."""
    try:
        name = plain(visit.form.text("name"), 60) or visit.say("Passkey")
        async with visit.connection() as connection:
            member = await members.read_member(connection, visit.city, visit.actor.id)
            answer = visit.form.text("credential")
            await passkeys.register(connection, visit.house, visit.city, member, name, answer)
    except HejieError as why:
        return visit.refuse(_KEY, why, "name", **await _offered(visit))
    return visit.go("/officer/passkey?done=passkey")


def _asked(visit: Visit) -> dict[str, Any]:
    return {
        "options": passkeys.sign_in_options(visit.house, visit.city),
        "next": visit.form.text("next") or visit.query("next"),
    }


async def _offered(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        member = await members.read_member(connection, visit.city, visit.actor.id)
        options = await passkeys.registration_options(connection, visit.house, visit.city, member)
    return {"options": options, "done": visit.query("done")}
