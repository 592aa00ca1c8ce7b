"""How the merchant is reached: numbers are added, proved by a one-time code, put in order and taken away."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.desk.act import Content, subject_of
from hejie.edge import one_time
from hejie.edge.forms import Checks
from hejie.edge.phones import read_phone
from hejie.merchants import commands as m
from hejie.merchants.contacts import Channel, Contact
from hejie.queries.officer import phone_of
from hejie.web.merchant.seat import SETTINGS, managing_seat
from hejie.web.merchant.settings import PAGE, context, tell
from hejie.web.shell import Answer, Visit, act


@act(f"{SETTINGS}/contact", role=Role.merchant)
async def add(visit: Visit) -> Answer:
    """A further number; a code goes there at once."""
    check = Checks()
    phone = check("phone", read_phone, visit.form.word("phone"), needed=True, default="")
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    sealed = Content(id=visit.desk.mint(visit.city), kind="phone", plain=phone.encode())
    command = m.AddContact(id=sealed.id, content=sealed.id, shop=visit.form.word("contact_shop"))
    answer = await tell(visit, command, "contact", "phone", [sealed])
    if answer.status_code == SEE_OTHER and (await managing_seat(visit)).merchant.contact(sealed.id):
        try:
            await _send(visit, sealed.id, phone)
        except Refused as why:
            return visit.refuse(PAGE, why, "contacts", **await context(visit))
    return answer


SEE_OTHER = 303


@act(f"{SETTINGS}/contact/code", role=Role.merchant)
async def send_again(visit: Visit) -> Answer:
    """Another code to a number that waits for its proof."""
    contact, phone = await _named(visit)
    try:
        await _send(visit, contact.id, phone)
    except Refused as why:
        return visit.refuse(PAGE, why, "contacts", **await context(visit))
    return visit.go(f"{SETTINGS}?done=contact")


@act(f"{SETTINGS}/contact/verify", role=Role.merchant)
async def verify(visit: Visit) -> Answer:
    """The code came back: from now on the number is used."""
    contact, phone = await _named(visit)
    vault = visit.house.vaults(visit.city)
    try:
        await one_time.check(
            visit.house.pool,
            vault,
            visit.city,
            purpose=f"contact:{contact.id}",
            subject=vault.handle("phone", phone),
            code=visit.form.word("contact_code"),
        )
    except Refused as why:
        return visit.refuse(PAGE, why, "contacts", **await context(visit))
    return await tell(visit, m.VerifyContact(contact=contact.id), "verified", "contacts")


@act(f"{SETTINGS}/contact/up", role=Role.merchant)
async def up(visit: Visit) -> Answer:
    """Try this contact before the one above it."""
    order = [contact.id for contact in (await managing_seat(visit)).merchant.contacts]
    wanted = visit.form.word("contact")
    if wanted in order[1:]:
        place = order.index(wanted)
        order[place - 1], order[place] = order[place], order[place - 1]
    return await tell(visit, m.OrderContacts(contacts=tuple(order)), "ordered", "contacts")


@act(f"{SETTINGS}/contact/remove", role=Role.merchant)
async def remove(visit: Visit) -> Answer:
    """Take a contact away; links that went there open nothing any more."""
    return await tell(visit, m.RemoveContact(contact=visit.form.word("contact")), "removed", "contacts")


async def _named(visit: Visit) -> tuple[Contact, str]:
    """The number named in the form."""
    merchant = (await managing_seat(visit)).merchant
    contact = merchant.contact(visit.form.word("contact"))
    if contact is None or contact.channel is not Channel.sms:
        raise Missing("contact_unknown")
    vault, subject = visit.house.vaults(visit.city), subject_of("merchant", merchant.id)
    async with visit.connection() as connection:
        return contact, await phone_of(connection, vault, visit.city, subject, contact.content)


async def _send(visit: Visit, contact: str, phone: str) -> None:
    await one_time.ask(
        visit.house,
        visit.city,
        purpose=f"contact:{contact}",
        subject=visit.house.vaults(visit.city).handle("phone", phone),
        phone=phone,
        language=visit.language,
        address=visit.address,
    )


ROUTES = (add, send_again, verify, up, remove)
