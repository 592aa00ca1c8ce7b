"""A merchant's contacts for people: number or place, and how far each is."""

from __future__ import annotations

from hejie.desk.act import subject_of
from hejie.edge.phones import masked
from hejie.edge.words import mark
from hejie.merchants.contacts import Contact
from hejie.merchants.model import Merchant
from hejie.queries.officer import phone_of
from hejie.store.pool import Connection
from hejie.web.shell import Visit

_WHY = {
    "number_gone": mark("The number no longer exists."),
}


def state_of(visit: Visit, contact: Contact) -> tuple[str, str]:
    """How far a contact is, in words, and its tag's class."""
    if contact.failed_at is not None:
        return visit.say(_WHY.get(contact.failed_why, mark("Messages do not arrive."))), "bad"
    if contact.verified_at is None:
        return visit.say(mark("not verified yet: nothing is sent there")), "warn"
    return visit.say(mark("verified")), "good"


async def shown(connection: Connection, visit: Visit, merchant: Merchant) -> list[tuple[Contact, str, str, str]]:
    """Every contact with its masked number (or the office's place), its state in words and its tag."""
    vault, subject = visit.house.vaults(visit.city), subject_of("merchant", merchant.id)
    rows = []
    for contact in merchant.contacts:  # twelve at most
        plain = await phone_of(connection, vault, visit.city, subject, contact.content)
        rows.append((contact, masked(plain) if contact.channel.is_number else plain, *state_of(visit, contact)))
    return rows
