"""Coming back to a dispute with the phone number that was confirmed: a code again, the same for any number."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge import one_time
from hejie.edge.sessions import Viewer
from hejie.intake.payments import contact_handle
from hejie.queries.consumer import person_behind
from hejie.web.consumer.contact import typed_contact
from hejie.web.shell import Answer, Visit, act, page

PURPOSE = "consumer-return"


@page("/back", role=Role.consumer, anyone=True)
async def back(visit: Visit) -> Answer:
    """Where the number is given."""
    return visit.render("consumer/back.html", next=visit.query("next"))


@act("/back", role=Role.consumer, anyone=True)
async def ask(visit: Visit) -> Answer:
    """Send a code where the number is known; say the same where it is not."""
    vault, wanted = visit.house.vaults(visit.city), visit.form.text("next")
    try:
        phone = typed_contact(visit, needed=True)
        handle = contact_handle(vault, phone)
        async with visit.connection() as connection:
            known = await person_behind(connection, visit.city, handle)
        await one_time.ask(
            visit.house,
            visit.city,
            purpose=PURPOSE,
            subject=handle,
            phone=phone if known else "",
            language=visit.language,
            address=visit.address,
        )
    except Refused as refusal:
        return visit.refuse("consumer/back.html", refusal, "phone", next=wanted)
    return visit.render("consumer/back_code.html", phone=phone, minutes=one_time.MINUTES, next=wanted)


@act("/back/confirm", role=Role.consumer, anyone=True)
async def confirm(visit: Visit) -> Answer:
    """The code fits: the session, and on to where the visitor wanted to go."""
    vault, phone = visit.house.vaults(visit.city), typed_contact(visit, needed=True)
    handle = contact_handle(vault, phone)
    try:
        code = visit.form.word("code")
        await one_time.check(visit.house.pool, vault, visit.city, purpose=PURPOSE, subject=handle, code=code)
        async with visit.connection() as connection:
            person = await person_behind(connection, visit.city, handle)
        _must_be_known(person)
    except Refused as refusal:
        told = {"phone": phone, "minutes": one_time.MINUTES, "next": visit.form.text("next")}
        return visit.refuse("consumer/back_code.html", refusal, "code", **told)
    await visit.sign_in(Viewer(city=visit.city, role=Role.consumer, person=person))
    return visit.back_or("/bill")


def _must_be_known(person: str) -> None:
    if not person:
        raise Refused("code_wrong")


ROUTES = (back, ask, confirm)
