"""Staff: an owner gives people accounts with a rank, a limit and their shops, and takes them back."""

from __future__ import annotations

from typing import Any

from hejie.access import must_be_allowed
from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.base.money import fen
from hejie.desk.merchants import MERCHANTS
from hejie.edge import sessions
from hejie.edge.forms import Checks, plain
from hejie.edge.members import LEAST_PASSWORD, NewMember, add_member
from hejie.merchants import commands as m
from hejie.merchants.decide import decide
from hejie.merchants.model import Rank, Staff
from hejie.web.merchant.seat import SETTINGS, Seat, managing_seat
from hejie.web.merchant.settings import PAGE, context
from hejie.web.shell import Answer, Visit, act


@act(f"{SETTINGS}/staff", role=Role.merchant)
async def hire(visit: Visit) -> Answer:
    """Make an account; its second factor is shown once."""
    seat, check, form = await _owner(visit), Checks(), visit.form
    name = check("staff_name", plain, form.text("staff_name"), 60, default="")
    login = check("login", plain, form.text("login"), default="")
    rank = check("rank", _rank, form.word("rank"), default=Rank.clerk)
    most = check("staff_limit", fen, form.text("staff_limit").strip() or "0", default=0)
    staff = Staff(person="", rank=rank, refund_limit_fen=most, shops=tuple(form.words("staff_shops")))
    check("staff_shops", _try, seat, staff, visit, default=None)
    if len(form.text("password")) < LEAST_PASSWORD:
        check.add("password", Refused("password_too_short", least=LEAST_PASSWORD))
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    try:
        made = await _make(visit, seat, login, name or login, staff)
    except HejieError as why:
        return visit.refuse(PAGE, why, "login", **await context(visit))
    told: dict[str, Any] = {**await context(visit), "made": made, "made_login": login.lower()}
    return visit.render(PAGE, **told)


async def _make(visit: Visit, seat: Seat, login: str, name: str, staff: Staff) -> NewMember:
    made = await add_member(
        visit.house,
        visit.city,
        login=login,
        display_name=name,
        password=visit.form.text("password"),
        role=Role.merchant,
        organisation=seat.merchant.id,
    )
    placed = Staff(person=made.id, rank=staff.rank, refund_limit_fen=staff.refund_limit_fen, shops=staff.shops)
    await visit.desk.act(MERCHANTS, visit.city, seat.merchant.id, m.AddStaff(staff=placed), visit.actor)
    return made


@act(f"{SETTINGS}/staff/remove", role=Role.merchant)
async def part_with(visit: Visit) -> Answer:
    """Take a person's place, and every session of theirs, away."""
    seat, person = await _owner(visit), visit.form.word("person")
    try:
        command = m.RemoveStaff(person=person)
        once = await visit.once()
        await visit.desk.act(MERCHANTS, visit.city, seat.merchant.id, command, visit.actor, once=once)
    except HejieError as why:
        return visit.refuse(PAGE, why, "staff", **await context(visit))
    async with visit.connection() as connection:
        await sessions.end_all(connection, visit.city, Role.merchant, person)
    return visit.go(f"{SETTINGS}?done=unstaffed")


async def _owner(visit: Visit) -> Seat:
    seat = await managing_seat(visit)
    if not seat.owns:
        raise Refused("not_allowed", role=visit.actor.role.value)
    return seat


def _try(seat: Seat, staff: Staff, visit: Visit) -> None:
    """What the desk would say, before an account is made."""
    command = m.AddStaff(staff=staff)
    must_be_allowed(visit.actor, command, seat.merchant)
    decide(seat.merchant, command, visit.house.clock.now())


def _rank(word: str) -> Rank:
    try:
        return Rank(word)
    except ValueError:
        raise Refused("field_unreadable") from None


ROUTES = (hire, part_with)
