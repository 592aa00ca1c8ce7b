"""What a merchant's row answers where its contacts are concerned, and what its contacts are after an event."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from hejie.base.errors import Missing, Refused
from hejie.merchants import commands as c
from hejie.merchants import events as e
from hejie.merchants.contacts import MOST_CONTACTS, Channel, Contact, How, told_of_change
from hejie.merchants.model import Merchant

Contacts = tuple[Contact, ...]


def decide_contacts(merchant: Merchant, command: c.ContactCommand, now: datetime) -> list[e.AnyEvent]:
    """Events that follow.

    Errors: `Missing("contact_unknown" | "shop_unknown")`, `Refused` with `contact_missing`, `contact_exists`,
    `contacts_too_many`, `order_incomplete`, `last_contact` (the only number in use is replaced first).
    """
    match command:
        case c.SetContact():
            return _set(merchant, command, now)
        case c.AddContact():
            return _add(merchant, command, now, None)
        case c.EnrolContact():
            return _add(merchant, command, now, How.enrolled)
        case c.VerifyContact():
            known = _known(merchant, command.contact)
            return [] if known.usable else [e.ContactVerified(at=now, contact=known.id)]
        case c.OrderContacts():
            return _order(merchant, command, now)
        case c.RemoveContact():
            return _remove(merchant, command, now)
        case c.FailContact():
            failed = _known(merchant, command.contact).failed_at is not None
            return [] if failed else [e.ContactFailed(at=now, contact=command.contact, why=command.why)]
        case _:
            assert_never(command)


def _known(merchant: Merchant, identifier: str) -> Contact:
    found = merchant.contact(identifier)
    if found is None:
        raise Missing("contact_unknown")
    return found


def _check_shop(merchant: Merchant, shop: str) -> None:
    if shop and merchant.shop(shop) is None:
        raise Missing("shop_unknown", shop=shop)


def _set(merchant: Merchant, command: c.SetContact, now: datetime) -> list[e.AnyEvent]:
    _check_shop(merchant, command.shop)
    before = _taken_down(merchant.contacts, command.shop)
    if not command.shop and not command.content:
        raise Refused("contact_missing")
    if (before.content if before else "") == command.content:
        return []
    told = told_of_change(merchant.contacts, command.shop)
    return [e.ContactSet(at=now, content=command.content, shop=command.shop, told=told)]


def _add(
    merchant: Merchant, command: c.AddContact | c.EnrolContact, now: datetime, how: How | None
) -> list[e.AnyEvent]:
    _check_shop(merchant, command.shop)
    known = merchant.contact(command.id)
    if known is not None:
        if (known.content, known.shop) == (command.content, command.shop):
            return []
        raise Refused("contact_exists")
    if not command.content:
        raise Refused("contact_missing")
    if len(merchant.contacts) >= MOST_CONTACTS:
        raise Refused("contacts_too_many", most=MOST_CONTACTS)
    channel = command.channel if isinstance(command, c.EnrolContact) else Channel.sms
    contact = Contact(
        id=command.id,
        channel=channel,
        shop=command.shop,
        content=command.content,
        added_at=now,
        verified_at=now if how else None,
        how=how,
    )
    told = told_of_change(merchant.contacts, command.shop) if channel is Channel.sms else ()
    return [e.ContactAdded(at=now, contact=contact, told=told)]


def _order(merchant: Merchant, command: c.OrderContacts, now: datetime) -> list[e.AnyEvent]:
    present = [contact.id for contact in merchant.contacts]
    if sorted(present) != sorted(command.contacts):
        raise Refused("order_incomplete")
    return [] if tuple(present) == command.contacts else [e.ContactsOrdered(at=now, contacts=command.contacts)]


def _remove(merchant: Merchant, command: c.RemoveContact, now: datetime) -> list[e.AnyEvent]:
    known = _known(merchant, command.contact)
    used = [contact.id for contact in merchant.contacts if contact.usable and contact.channel is Channel.sms]
    if used == [known.id]:
        raise Refused("last_contact")
    told = told_of_change(merchant.contacts, known.shop, known.id) if known.channel is Channel.sms else ()
    return [e.ContactRemoved(at=now, contact=known.id, told=told)]


def _taken_down(contacts: Contacts, shop: str) -> Contact | None:
    """What `ContactSet` put there: its identifier is its content's."""
    return next((each for each in contacts if each.shop == shop and each.content and each.id == each.content), None)


def contacts_after(contacts: Contacts, event: e.ContactEvent) -> Contacts:
    """The ladder after an event."""
    match event:
        case e.ContactSet():
            return _after_setting(contacts, event)
        case e.ContactAdded(contact=contact):
            return (*contacts, contact)
        case e.ContactVerified(contact=identifier):
            return _changed(contacts, identifier, verified_at=event.at, how=How.code, failed_at=None, failed_why="")
        case e.ContactsOrdered(contacts=order):
            return tuple(sorted(contacts, key=lambda contact: order.index(contact.id)))
        case e.ContactRemoved(contact=identifier):
            return tuple(contact for contact in contacts if contact.id != identifier)
        case e.ContactFailed(contact=identifier):
            return _changed(contacts, identifier, failed_at=event.at, failed_why=event.why)
        case _:
            assert_never(event)


def _changed(contacts: Contacts, identifier: str, **fields: object) -> Contacts:
    return tuple(replace(contact, **fields) if contact.id == identifier else contact for contact in contacts)


def _after_setting(contacts: Contacts, event: e.ContactSet) -> Contacts:
    before = _taken_down(contacts, event.shop)
    if not event.content:
        return tuple(contact for contact in contacts if contact is not before)
    new = Contact(
        id=event.content,
        channel=Channel.sms,
        shop=event.shop,
        content=event.content,
        added_at=event.at,
        verified_at=event.at,
        how=How.enrolled,
    )
    if before is None:
        return (*contacts, new)
    return tuple(new if contact is before else contact for contact in contacts)
