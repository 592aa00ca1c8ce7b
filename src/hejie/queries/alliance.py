"""Reading the alliance: members and links, what waits, bulletins, offices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from hejie.alliance.bulletin import Bulletin
from hejie.alliance.contact_list import ContactList
from hejie.base.errors import Missing
from hejie.store.pool import Connection

SPAN = timedelta(days=30)
"""Over which links are measured."""
_BULLETIN = "select body::text from bulletin where city = %s and id = %s"
_BULLETINS = "select body::text from bulletin where city = %s order by arrived_at desc, id desc limit %s"
_LIST = "select body::text from contact_list where city = %s and id = %s"
_LISTS = "select body::text from contact_list where city = %s order by id"
_LINKS = """
select l.peer, l.failures, l.last_error, l.last_try, l.last_ok, l.last_heard from alliance_link l where l.city = %s
"""
_OUT = """
select peer, count(*), min(first_at) from letter_out
where city = %s and state in ('submitted', 'relayed') group by peer
"""
_IN = "select peer, count(*), min(received_at) from letter_in where city = %s and over_at is null group by peer"
_SPEEDS = """
with spans as (
  select e.peer, extract(epoch from e.at - s.at)::float8 as seconds, e.event from letter_evidence e
  join letter_evidence s on s.city = e.city and s.letter = e.letter and s.event = 'submitted'
  where e.city = %(city)s and e.event in ('delivered', 'retrieved') and e.heard_at >= %(since)s
)
select peer, count(*) filter (where event = 'delivered'),
  percentile_cont(0.5) within group (order by seconds) filter (where event = 'delivered'),
  percentile_cont(0.95) within group (order by seconds) filter (where event = 'delivered'),
  percentile_cont(0.5) within group (order by seconds) filter (where event = 'retrieved'),
  percentile_cont(0.95) within group (order by seconds) filter (where event = 'retrieved')
from spans group by peer
"""
_HANDLED = """
select peer, count(*), percentile_cont(0.5) within group (order by seconds),
  percentile_cont(0.95) within group (order by seconds)
from (select peer, extract(epoch from over_at - received_at)::float8 as seconds from letter_in
  where city = %(city)s and over_at >= %(since)s) h group by peer
"""
_WAITING = """
select peer, about, number, kind, state, first_at, next_at, tries, id from letter_out
where city = %s and state in ('submitted', 'relayed') order by first_at, id limit %s
"""
_HELD = """
select peer, about, number, kind, state, received_at, id from letter_in
where city = %s and over_at is null order by received_at, id limit %s
"""


class Speed(NamedTuple):
    """How long letters took, in seconds; none where there were none."""

    letters: int = 0
    p50: float | None = None
    p95: float | None = None


class Heap(NamedTuple):
    """What waits."""

    letters: int = 0
    oldest: datetime | None = None


class LinkHealth(NamedTuple):
    """One link as both its ends show it."""

    peer: str
    failures: int = 0
    last_error: str = ""
    last_try: datetime | None = None
    last_ok: datetime | None = None
    """When it last answered us."""
    last_heard: datetime | None = None
    """When it last called us."""
    out: Heap = Heap()
    """Our letters that it has not got."""
    inside: Heap = Heap()
    """Its letters that we have not handled."""
    delivered: Speed = Speed()
    """From our writing until it lay there."""
    done: Speed = Speed()
    """From our writing until it was done there."""
    handled: Speed = Speed()
    """Its letters, from their coming until they were done here."""


class WaitingLetter(NamedTuple):
    """A letter of ours on its way."""

    peer: str
    about: str
    number: int
    kind: str
    state: str
    first_at: datetime
    next_at: datetime
    tries: int
    id: str


class OpenLetter(NamedTuple):
    """Another city's letter that is not over here."""

    peer: str
    about: str
    number: int
    kind: str
    state: str
    received_at: datetime
    id: str


async def read_bulletin(connection: Connection, city: str, identifier: str) -> Bulletin:
    """One bulletin; `Missing("bulletin_unknown")`."""
    row = await (await connection.execute(_BULLETIN, [city, identifier])).fetchone()
    if row is None:
        raise Missing("bulletin_unknown")
    return msgspec.json.decode(row[0], type=Bulletin)


async def bulletins(connection: Connection, city: str, most: int = 100) -> list[Bulletin]:
    """The newest first."""
    rows = await (await connection.execute(_BULLETINS, [city, most])).fetchall()
    return [msgspec.json.decode(body, type=Bulletin) for (body,) in rows]


async def read_contact_list(connection: Connection, city: str, of: str) -> ContactList | None:
    """The offices of one city, where they are known."""
    row = await (await connection.execute(_LIST, [city, of])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=ContactList)


async def contact_lists(connection: Connection, city: str) -> dict[str, ContactList]:
    """The offices of every city of which they are known."""
    rows = await (await connection.execute(_LISTS, [city])).fetchall()
    found = [msgspec.json.decode(body, type=ContactList) for (body,) in rows]
    return {each.id: each for each in found}


async def links(connection: Connection, city: str, now: datetime) -> dict[str, LinkHealth]:
    """How every link stands that was ever used, over the last 30 days."""
    values: dict[str, Any] = {"city": city, "since": now - SPAN}
    found: dict[str, LinkHealth] = {}
    for row in await (await connection.execute(_LINKS, [city])).fetchall():
        found[row[0]] = LinkHealth(*row)

    def add(peer: str, **more: Any) -> None:
        found[peer] = found.get(peer, LinkHealth(peer))._replace(**more)

    for peer, *heap in await (await connection.execute(_OUT, [city])).fetchall():
        add(peer, out=Heap(*heap))
    for peer, *heap in await (await connection.execute(_IN, [city])).fetchall():
        add(peer, inside=Heap(*heap))
    for peer, count, *spans in await (await connection.execute(_SPEEDS, values)).fetchall():
        add(peer, delivered=Speed(count, *spans[:2]), done=Speed(count, *spans[2:]))
    for peer, *speed in await (await connection.execute(_HANDLED, values)).fetchall():
        add(peer, handled=Speed(*speed))
    return found


async def waiting_letters(connection: Connection, city: str, most: int = 100) -> list[WaitingLetter]:
    """Our letters on their way, the oldest first."""
    return [WaitingLetter(*row) for row in await (await connection.execute(_WAITING, [city, most])).fetchall()]


async def open_letters(connection: Connection, city: str, most: int = 100) -> list[OpenLetter]:
    """Other cities' letters that are not over here, the oldest first."""
    return [OpenLetter(*row) for row in await (await connection.execute(_HELD, [city, most])).fetchall()]
