"""Letters from other cities: kept once, handled in their order, their ends told to their senders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from hejie.agenda.task import Task, item
from hejie.alliance.letter import Carried, Letter, digest_of
from hejie.alliance.order import GAP_AFTER, Place, missing, place
from hejie.alliance.receipt import Event
from hejie.base.errors import Refused
from hejie.base.seals import canonical
from hejie.store.letters import ask_relay
from hejie.store.pool import Connection
from hejie.store.writing import write_tasks

_LOCKS = """
select pg_advisory_xact_lock(hashtextextended(%s || about, 37))
from (select distinct about from unnest(%s::text[]) as a (about) order by about) o
"""
_HERE_ALREADY = """
select id, about, number, digest from letter_in
where city = %(city)s and peer = %(peer)s and (id = any(%(ids)s)
  or (about, number) in (select * from unnest(%(abouts)s::text[], %(numbers)s::integer[])))
"""
_OVER = """
select about, max(number) from (
  select about, number, row_number() over (partition by about order by number) as place from letter_in
  where city = %s and peer = %s and about = any(%s) and over_at is not null
) o where number = place group by about
"""
_HERE = "select number from letter_in where city = %s and peer = %s and about = %s and number > %s"
_INSERT = """
insert into letter_in (city, peer, received_at, about, number, id, kind, digest, bytes, key, signature, state, code,
  over_at)
select %s, %s, %s, about, number, id, kind, digest, bytes, key, signature, state, code, over_at
from unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[],
  %s::text[], %s::text[], %s::timestamptz[])
  as l (about, number, id, kind, digest, bytes, key, signature, state, code, over_at)
"""
_CONFLICT = """
insert into letter_conflict (city, peer, about, number, digest, bytes, key, signature, at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""
_RELEASE = """
update letter_in set state = 'received'
where city = %s and peer = %s and about = %s and number = %s and state = 'held' returning id
"""
_END = """
update letter_in set state = %s, code = %s, over_at = %s
where city = %s and id = %s and peer = %s and state = 'received' returning about
"""
_STANDS = """
select id, digest, state, code, received_at, over_at from letter_in
where city = %s and peer = %s and id = any(%s)
"""
_UNTOLD = """
select id, digest, state, code, received_at, over_at from letter_in
where city = %s and peer = %s and over_at is not null and not told order by over_at limit %s
"""
_TOLD = "update letter_in set told = true where city = %s and peer = %s and id = any(%s)"
_READ = "select peer, about, number, bytes, state, received_at from letter_in where city = %s and peer = %s and id = %s"

_TAKEN = """
select bytes from letter_in
where city = %s and peer = %s and about = %s and state in ('received', 'done') and length(bytes) > 0
order by number
"""


class Standing(NamedTuple):
    """How a letter stands with us."""

    id: str
    digest: str
    state: str
    code: str
    received_at: datetime
    over_at: datetime | None

    @property
    def event(self) -> Event:
        """As its sender is told."""
        return {"done": Event.retrieved, "refused": Event.refused}.get(self.state, Event.delivered)


class Kept(NamedTuple):
    """A letter as it was kept."""

    peer: str
    about: str
    number: int
    raw: bytes
    state: str
    received_at: datetime


class Brought(NamedTuple):
    """An authentic letter that a peer has brought."""

    letter: Letter
    item: Carried
    refusal: str = ""
    """Why it must not be handled; empty where it may."""


class _Known:
    """What lies here of the subjects that letters are about, and what each of these is then."""

    def __init__(self, rows: Sequence[tuple[str, str, int, str]], over: Sequence[tuple[str, int]]) -> None:
        self._ids = {identifier: (about, number, digest) for identifier, about, number, digest in rows}
        self._numbers = {(about, number): digest for _, about, number, digest in rows}
        self._over = dict(over)

    def place(self, letter: Letter, digest: str) -> Place | Refused:
        """And it lies here from now on."""
        this = (letter.about, letter.number, digest)
        same = self._ids.get(letter.id)
        if same is not None:
            return Place.again if same == this else Place.conflict
        try:
            over, known = self._over.get(letter.about, 0), self._numbers.get(this[:2])
            found = place(over, known, letter.number, digest)
        except Refused as error:
            return error
        if found in {Place.next, Place.held}:
            self._ids[letter.id], self._numbers[this[:2]] = this, digest
        return found


async def take(
    connection: Connection, city: str, peer: str, brought: Sequence[Brought], now: datetime
) -> list[Place | Refused]:
    """Keep a peer's authentic letters once, in their order; what each is by its number, or `Refused("letter_too_far")`.

    One with a refusal keeps its place, not its content.
    """
    found: list[Place | Refused] = []
    for refused, some in groupby(brought, key=lambda each: bool(each.refusal)):
        for part in ([each] for each in some) if refused else [list(some)]:
            found += await _take(connection, city, peer, part, now)
    return found


async def _take(
    connection: Connection, city: str, peer: str, brought: Sequence[Brought], now: datetime
) -> list[Place | Refused]:
    """Several that may be handled, or one that may not: it can bring another's turn."""
    known = await _known(connection, city, peer, [each.letter for each in brought])
    raws = [canonical(each.item.letter) for each in brought]
    places = [known.place(each.letter, digest_of(raw)) for each, raw in zip(brought, raws, strict=True)]
    rows: list[list[object]] = []
    tasks: list[Task] = []
    for each, raw, found in zip(brought, raws, places, strict=True):
        if found in {Place.next, Place.held}:
            rows.append(_row(each, raw, found, now))
        if not each.refusal:
            tasks += _follows(each.letter, found, now)
        if found is Place.conflict:
            await _keep_conflict(connection, city, each, raw, now)
    if rows:
        await connection.execute(_INSERT, [city, peer, now, *map(list, zip(*rows, strict=True))])
    await write_tasks(connection, city, now, tasks)
    if rows and brought[0].refusal:
        await _go_on(connection, city, peer, brought[0].letter.about, now)
    return places


async def _known(connection: Connection, city: str, peer: str, letters: Sequence[Letter]) -> _Known:
    """What lies here, kept for this transaction."""
    abouts = [each.about for each in letters]
    await connection.execute(_LOCKS, [f"{city}/letter/{peer}/", abouts])
    values = {"city": city, "peer": peer, "ids": [each.id for each in letters], "abouts": abouts}
    numbers = [each.number for each in letters]
    rows: list[Any] = await (await connection.execute(_HERE_ALREADY, {**values, "numbers": numbers})).fetchall()
    return _Known(rows, list((await _over(connection, city, peer, abouts)).items()))


def _row(brought: Brought, raw: bytes, found: Place, now: datetime) -> list[object]:
    letter, item_, refusal = brought
    state = "refused" if refusal else "received" if found is Place.next else "held"
    kept = [digest_of(raw), b"" if refusal else raw, item_.key, item_.signature]
    return [letter.about, letter.number, letter.id, letter.kind, *kept, state, refusal, now if refusal else None]


def _follows(letter: Letter, found: Place | Refused, now: datetime) -> list[Task]:
    if found is Place.next:
        return [_handle(letter.source, letter.id)]
    if found is Place.held:
        payload: dict[str, object] = {"about": letter.about}
        return [Task(kind="watch_gap", noun="peer", subject=letter.source, at=now + GAP_AFTER, payload=payload)]
    return []


async def _keep_conflict(connection: Connection, city: str, brought: Brought, raw: bytes, now: datetime) -> None:
    letter, item_, _ = brought
    where = [city, letter.source, letter.about, letter.number]
    await connection.execute(_CONFLICT, [*where, digest_of(raw), raw, item_.key, item_.signature, now])
    await write_tasks(connection, city, now, [item("letter", letter.id, "letter_conflict", peer=letter.source)])


async def _over(connection: Connection, city: str, peer: str, abouts: Sequence[str]) -> dict[str, int]:
    """The number up to which all about something are over, where any is."""
    rows: list[Any] = await (await connection.execute(_OVER, [city, peer, list(abouts)])).fetchall()
    return dict(rows)


def _handle(peer: str, identifier: str) -> Task:
    return Task(kind="take_letter", noun="letter", subject=identifier, payload={"peer": peer})


async def _go_on(connection: Connection, city: str, peer: str, about: str, now: datetime) -> None:
    """The next one's turn, and a word to the sender of the one that is over."""
    over = await _over(connection, city, peer, [about])
    released = await (await connection.execute(_RELEASE, [city, peer, about, over.get(about, 0) + 1])).fetchone()
    if released is not None:
        await write_tasks(connection, city, now, [_handle(peer, released[0])])
    await ask_relay(connection, city, peer, now)


async def read_kept(connection: Connection, city: str, peer: str, identifier: str) -> Kept | None:
    """A letter as it came."""
    row = await (await connection.execute(_READ, [city, peer, identifier])).fetchone()
    return None if row is None else Kept(*row)


async def of_subject(connection: Connection, city: str, peer: str, about: str) -> list[bytes]:
    """The letters about something that were taken, in their order, as they came."""
    rows = await (await connection.execute(_TAKEN, [city, peer, about])).fetchall()
    return [bytes(raw) for (raw,) in rows]


async def finish(connection: Connection, city: str, peer: str, identifier: str, now: datetime, code: str = "") -> None:
    """A letter is done, or refused with a code; the next one about the same follows. A second time changes nothing."""
    values = ["refused" if code else "done", code, now, city, identifier, peer]
    row = await (await connection.execute(_END, values)).fetchone()
    if row is not None:
        await connection.execute(_LOCKS, [f"{city}/letter/{peer}/", [row[0]]])
        await _go_on(connection, city, peer, row[0], now)


async def gaps(connection: Connection, city: str, peer: str, about: str) -> list[int]:
    """The numbers about something that are missing below the highest that came."""
    where = [city, peer, about]
    over = (await _over(connection, city, peer, [about])).get(about, 0)
    here = await (await connection.execute(_HERE, [*where, over])).fetchall()
    return missing(over, {number for (number,) in here})


async def standings(connection: Connection, city: str, peer: str, identifiers: Sequence[str]) -> dict[str, Standing]:
    """How letters of a peer stand; those that never came are left out."""
    rows = await (await connection.execute(_STANDS, [city, peer, list(identifiers)])).fetchall()
    return {row[0]: Standing(*row) for row in rows}


async def untold(connection: Connection, city: str, peer: str, most: int) -> list[Standing]:
    """Letters that are over and whose sender does not know."""
    return [Standing(*row) for row in await (await connection.execute(_UNTOLD, [city, peer, most])).fetchall()]


async def note_told(connection: Connection, city: str, peer: str, identifiers: Sequence[str]) -> None:
    """Their sender knows."""
    await connection.execute(_TOLD, [city, peer, list(identifiers)])
