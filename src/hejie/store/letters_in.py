"""Letters from other cities: kept once, handled in their order, their ends told to their senders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hejie.agenda.task import Task, item
from hejie.alliance.letter import Carried, Letter, digest_of
from hejie.alliance.order import GAP_AFTER, Place, missing, place
from hejie.alliance.receipt import Event
from hejie.base.seals import canonical
from hejie.store.letters import ask_relay
from hejie.store.pool import Connection
from hejie.store.writing import write_tasks

_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 37))"
_BY_ID = "select about, number, digest from letter_in where city = %s and peer = %s and id = %s"
_BY_NUMBER = "select digest from letter_in where city = %s and peer = %s and about = %s and number = %s"
_OVER = """
select coalesce(max(number), 0) from (
  select number, row_number() over (order by number) as place from letter_in
  where city = %s and peer = %s and about = %s and over_at is not null
) o where number = place
"""
_HERE = "select number from letter_in where city = %s and peer = %s and about = %s and number > %s"
_INSERT = """
insert into letter_in (city, peer, about, number, id, kind, digest, bytes, key, signature, state, code, received_at,
  over_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
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


async def take(
    connection: Connection, city: str, letter: Letter, item_: Carried, now: datetime, refusal: str = ""
) -> Place:
    """Keep an authentic letter once; what it is by its number. A refused one keeps its place, not its content.

    Errors: `Refused("letter_too_far")`.
    """
    raw = canonical(item_.letter)
    digest, where = digest_of(raw), [city, letter.source, letter.about]
    await connection.execute(_LOCK, [f"{city}/letter/{letter.source}/{letter.about}"])
    found = await _place(connection, city, letter, digest)
    if found is Place.conflict:
        proof = [item_.key, item_.signature]
        await connection.execute(_CONFLICT, [*where, letter.number, digest, raw, *proof, now])
        await write_tasks(connection, city, now, [item("letter", letter.id, "letter_conflict", peer=letter.source)])
    if found in {Place.conflict, Place.again}:
        return found
    state = "refused" if refusal else "received" if found is Place.next else "held"
    kept = b"" if refusal else raw
    values = [letter.number, letter.id, letter.kind, digest, kept, item_.key, item_.signature, state, refusal, now]
    await connection.execute(_INSERT, [*where, *values, now if refusal else None])
    if refusal:
        await _go_on(connection, city, letter.source, letter.about, now)
    elif found is Place.next:
        await write_tasks(connection, city, now, [_handle(letter.source, letter.id)])
    else:
        at = now + GAP_AFTER
        payload: dict[str, object] = {"about": letter.about}
        watch = Task(kind="watch_gap", noun="peer", subject=letter.source, at=at, payload=payload)
        await write_tasks(connection, city, now, [watch])
    return found


async def _place(connection: Connection, city: str, letter: Letter, digest: str) -> Place:
    same = await (await connection.execute(_BY_ID, [city, letter.source, letter.id])).fetchone()
    if same is not None:
        return Place.again if same == (letter.about, letter.number, digest) else Place.conflict
    where = [city, letter.source, letter.about]
    known = await (await connection.execute(_BY_NUMBER, [*where, letter.number])).fetchone()
    return place(await _over(connection, where), known[0] if known else None, letter.number, digest)


async def _over(connection: Connection, where: Sequence[object]) -> int:
    row = await (await connection.execute(_OVER, where)).fetchone()
    return int(row[0]) if row else 0


def _handle(peer: str, identifier: str) -> Task:
    return Task(kind="take_letter", noun="letter", subject=identifier, payload={"peer": peer})


async def _go_on(connection: Connection, city: str, peer: str, about: str, now: datetime) -> None:
    """The next one's turn, and a word to the sender of the one that is over."""
    over = await _over(connection, [city, peer, about])
    released = await (await connection.execute(_RELEASE, [city, peer, about, over + 1])).fetchone()
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
        await connection.execute(_LOCK, [f"{city}/letter/{peer}/{row[0]}"])
        await _go_on(connection, city, peer, row[0], now)


async def gaps(connection: Connection, city: str, peer: str, about: str) -> list[int]:
    """The numbers about something that are missing below the highest that came."""
    where = [city, peer, about]
    over = await _over(connection, where)
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
