"""Bulletins and lists of offices on their way: as letters out, and taken in from other cities."""

from __future__ import annotations

import os
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hejie.alliance import bulletin as n
from hejie.alliance import contact_list as k
from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.desk.act import Content, subject_of
from hejie.desk.alliance import BULLETINS, CONTACT_LISTS
from hejie.duties.items import close_items, open_item
from hejie.duties.letter_kinds import Incoming
from hejie.duties.tools import Tools
from hejie.edge.texts import clean_text
from hejie.queries.alliance import read_bulletin, read_contact_list
from hejie.store import directories
from hejie.store.contents import read_content
from hejie.store.letters import next_number, put
from hejie.store.pool import city_transaction
from hejie.worker import Work

CONTACTS = "contacts"
"""What letters with lists of offices are about."""
ARRIVED = "bulletin_arrived"
"""The work item that asks for an acknowledgement."""


class _Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=n.MOST_TITLE)]
    words: Annotated[str, Meta(min_length=1, max_length=n.MOST_WORDS)]
    level: n.Level
    until: date | None = None


class _Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    office: Annotated[str, Meta(max_length=n.MOST_TITLE)]
    at: datetime


class _Offices(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    offices: tuple[k.Office, ...]


async def send_bulletin(work: Work, tools: Tools) -> None:
    """One letter to each city that gets it; a city that left meanwhile is a work item."""
    city, now = work.city, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        row = await read_bulletin(connection, city, work.subject)
        _, words = await read_content(connection, tools.vaults(city), city, subject_of("bulletin", row.id), row.words)
    data = {"title": row.title, "words": words.decode(), "level": row.level.value}
    if row.until:
        data["until"] = row.until.isoformat()
    for reader in row.readers:
        try:
            async with city_transaction(tools.pool, city) as connection:
                await put(connection, city, reader.city, row.id, 1, "bulletin", data, now=now, chance=os.urandom)
        except (Refused, Missing) as error:
            body = {"code": error.code, "peer": reader.city, "about": row.id}
            await open_item(tools, city, "letter_not_written", "letter", f"{row.id}-{reader.city}", body)


async def send_seen(work: Work, tools: Tools) -> None:
    """Tell the city that wrote it that our officers have read it."""
    city, now = work.city, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        row = await read_bulletin(connection, city, work.subject)
        (reader,) = row.readers
        data = {"office": reader.office, "at": msgspec.to_builtins(reader.seen_at)}
        await put(connection, city, row.source, row.id, 1, "bulletin_seen", data, now=now, chance=os.urandom)
    await close_items(tools, city, ARRIVED, row.id)


async def send_contacts(work: Work, tools: Tools) -> None:
    """Our list to every other member, all or none of the letters."""
    city, now = work.city, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        row = await read_contact_list(connection, city, city)
        known = await directories.present(connection, city)
        if row is None or known is None:
            return
        data = {"offices": msgspec.to_builtins(row.offices)}
        for peer in sorted({each.city for each in known.members} - {city}):
            number = await next_number(connection, city, peer, CONTACTS)
            await put(connection, city, peer, CONTACTS, number, "contact", data, now=now, chance=os.urandom)


async def take_bulletin(tools: Tools, city: str, letter: Incoming) -> None:
    """Another city's bulletin lies with us, for our officers to acknowledge."""
    told = letter.read(_Told)
    words = Content(id=letter.id, kind="text", plain=clean_text(told.words, n.MOST_WORDS, needed=True).encode())
    title = " ".join(clean_text(told.title, n.MOST_TITLE, needed=True).split())
    command = n.Arrive(
        source=letter.peer, level=told.level, title=title, words=words.id, until=told.until, written_at=letter.at
    )
    done = await tools.desk.act(BULLETINS, city, letter.about, command, SYSTEM, contents=[words])
    if done.row is not None and done.row.unseen:
        await open_item(tools, city, ARRIVED, "bulletin", letter.about, {"peer": letter.peer, "name": title})


async def take_seen(tools: Tools, city: str, letter: Incoming) -> None:
    """Another city has read a bulletin of ours."""
    told = letter.read(_Seen)
    if told.at.tzinfo is None:
        raise Refused("letter_unreadable")
    office = " ".join(clean_text(told.office, n.MOST_TITLE).split())
    command = n.NoteSeen(reader=letter.peer, office=office, seen_at=told.at)
    await tools.desk.act(BULLETINS, city, letter.about, command, SYSTEM)


async def take_contacts(tools: Tools, city: str, letter: Incoming) -> None:
    """How another city is reached from now on."""
    if letter.about != CONTACTS:
        raise Refused("letter_unreadable")
    told = letter.read(_Offices)
    await tools.desk.act(CONTACT_LISTS, city, letter.peer, k.ListOffices(offices=told.offices), SYSTEM)
