"""The door of those with an account, merchants' and officers' alike: login, password and the authenticator's code."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.edge import members
from hejie.edge.members import Member
from hejie.web.shell import Answer, Visit


async def member_by_form(visit: Visit, role: Role | tuple[Role, ...]) -> Member:
    """Who the form's login, password and code belong to; `Refused`, the same for whatever is wrong."""
    form = visit.form
    return await members.sign_in(
        visit.house,
        visit.city,
        login=form.text("login").strip(),
        password=form.text("password"),
        code=form.text("code"),
        role=role,
        address=visit.address,
    )


async def welcome(visit: Visit, member: Member, home: str) -> Answer:
    """Begin the member's session and go where it wanted to."""
    await visit.sign_in(member.viewer(visit.city))
    return visit.back_or(home)
