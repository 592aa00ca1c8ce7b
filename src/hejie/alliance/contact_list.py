"""Whom to reach at a member city: its offices with their duties and office numbers; one list for each city, a noun."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Refused

MOST_OFFICES = 20
_PHONE = re.compile(r"[0-9+()\- ]{5,30}", re.ASCII)
_MOST_NAME = 60


class Office(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One office; a number of the office, never a person's own."""

    name: str
    duty: str
    phone: str


class ContactList(Struct, frozen=True, kw_only=True):
    """Its row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    """The city whose offices they are."""
    version: int
    offices: tuple[Office, ...]
    changed_at: datetime


class ListOffices(Struct, frozen=True, kw_only=True):
    """How a city is reached from now on."""

    offices: tuple[Office, ...]


class OfficesListed(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """These are the offices."""

    at: datetime
    city: str
    id: str
    offices: tuple[Office, ...]


def decide(row: ContactList | None, command: ListOffices, where: tuple[str, str], now: datetime) -> list[OfficesListed]:
    """Events that follow, `where` being city and whose list; none for the same list. `Refused("contact_office")`."""
    if len(command.offices) > MOST_OFFICES or not all(map(_whole, command.offices)):
        raise Refused("contact_office", most=MOST_OFFICES)
    if row is not None and row.offices == command.offices:
        return []
    city, identifier = where
    return [OfficesListed(at=now, city=city, id=identifier, offices=command.offices)]


def _whole(office: Office) -> bool:
    named = 0 < len(office.name) <= _MOST_NAME and len(office.duty) <= _MOST_NAME
    return named and _PHONE.fullmatch(office.phone) is not None


def evolve(row: ContactList | None, event: OfficesListed) -> ContactList:
    """The row after one more event."""
    if row is None:
        return ContactList(city=event.city, id=event.id, version=1, offices=event.offices, changed_at=event.at)
    return replace(row, version=row.version + 1, offices=event.offices, changed_at=event.at)
