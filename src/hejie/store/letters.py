"""Letters to other cities: written in the caller's own transaction, brought by the duty `relay`, followed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import msgspec

from hejie.agenda import Task
from hejie.alliance.agreements import must_be_agreed
from hejie.alliance.delivery import next_try
from hejie.alliance.letter import MOST_BATCH, MOST_BODY, Letter, digest_of, must_be_readable, written
from hejie.alliance.receipt import ENDS, Event, Receipt, SignedReceipt, moves
from hejie.alliance.sealing import seal
from hejie.base.clock import SHANGHAI, milliseconds
from hejie.base.errors import Refused
from hejie.base.identifiers import Chance, mint
from hejie.store import directories
from hejie.store.pool import Connection
from hejie.store.writing import write_tasks

UNDER_WAY = timedelta(seconds=60)
"""How long a letter that was sent is waited for before it is sent again."""
_AROUND = 512
"""Bytes that a letter's proof and a batch's frame take."""
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 36))"
_KNOWN = "select id from letter_out where city = %s and peer = %s and about = %s and number = %s"
_LAST = "select coalesce(max(number), 0) from letter_out where city = %s and peer = %s and about = %s"
_WRITE = """
insert into letter_out (city, peer, about, number, id, kind, digest, bytes, state, first_at, next_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, 'submitted', %s, %s)
"""
_SUBMITTED = """
insert into letter_evidence (city, letter, event, peer, at, heard_at)
values (%s, %s, 'submitted', %s, %s, %s) on conflict do nothing
"""
_RELAYED = """
insert into letter_evidence (city, letter, event, peer, at, heard_at)
select %s, unnest(%s::text[]), 'relayed', %s, %s, %s on conflict do nothing
"""
_HEARD = """
insert into letter_evidence (city, letter, event, peer, at, heard_at, receipt)
select %s, letter, event, %s, at, %s, receipt
from jsonb_to_recordset(%s::jsonb) as t (letter text, event text, at timestamptz, receipt jsonb)
on conflict do nothing returning letter, event
"""
_RELAY_WAITS = """
select 1 from task where city = %s and noun = 'peer' and subject = %s and kind = 'relay' and not parked
  and leased_until is null and due_at <= %s
"""
_FETCHES = """
select 1 from task where city = %s and noun = 'peer' and subject = %s and kind = 'fetch_directory' and not parked
"""
_DUE = """
select id, about, number, bytes, tries, first_at, state = 'relayed' from letter_out o
where city = %(city)s and peer = %(peer)s and state in ('submitted', 'relayed') and next_at <= %(now)s
  and not exists (select 1 from letter_out e where e.city = o.city and e.peer = o.peer and e.about = o.about
    and e.number < o.number and e.state in ('submitted', 'relayed') and e.next_at > %(now)s)
order by first_at, about, number limit %(most)s for update skip locked
"""
_SENDING = "update letter_out set state = 'relayed', last_try = %s, next_at = %s where city = %s and id = any(%s)"
_TRIED = "update letter_out set tries = %s, last_try = %s, next_at = %s where city = %s and id = %s"
_SENT = """
select id, digest, state, kind, about, number from letter_out where city = %s and peer = %s and id = any(%s)
order by id for update
"""
_MOVED = """
update letter_out o set state = t.state, code = t.code
from unnest(%s::text[], %s::text[], %s::text[]) as t (id, state, code) where o.city = %s and o.id = t.id
"""
_FORGOTTEN = """
select distinct peer from (
  select peer from letter_out where city = %(city)s and state in ('submitted', 'relayed')
  union select peer from letter_in where city = %(city)s and over_at is not null and not told
) w where not exists (
  select 1 from task t where t.city = %(city)s and t.noun = 'peer' and t.subject = w.peer and t.kind = 'relay'
    and not t.parked)
"""
_WAITING = """
select count(*), min(first_at), min(free_at) from (
  select first_at, max(next_at) over (partition by about order by number) as free_at from letter_out
  where city = %s and peer = %s and state in ('submitted', 'relayed')
) w
"""
"""A letter waits for the earlier ones of its subject: asked for before, its relay would come at once, for ever."""


Taken = Literal["taken", "again", "unknown", "refused"]


class Due(NamedTuple):
    """A letter that is to be brought now."""

    id: str
    about: str
    number: int
    raw: bytes
    tries: int
    first_at: datetime
    sent_before: bool
    """It may have arrived already."""


class _Sent(NamedTuple):
    """What a receipt must fit."""

    digest: str
    state: Event
    kind: str
    about: str
    number: int


class Waiting(NamedTuple):
    """What has not reached a peer."""

    letters: int
    oldest: datetime | None
    next_at: datetime | None


async def next_number(connection: Connection, city: str, peer: str, about: str) -> int:
    """The number of the next letter about something, kept for this transaction: nobody else gets it."""
    await connection.execute(_LOCK, [f"{city}/letter/{peer}/{about}"])
    row = await (await connection.execute(_LAST, [city, peer, about])).fetchone()
    return (int(row[0]) if row else 0) + 1


async def put(
    connection: Connection,
    city: str,
    peer: str,
    about: str,
    number: int,
    kind: str,
    data: Mapping[str, Any],
    sealed: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    chance: Chance,
) -> str:
    """Write a letter to another city, to be brought once this transaction stands; its identifier.

    One (city, peer, about, number) is written once: a second `put` of it changes nothing and answers with the same
    letter. The number is the next after the last about the same thing to the same peer (`next_number`, where the caller
    keeps no count of its own): the peer handles them in this order.

    `data` holds open members, `sealed` personal ones, which only the peer can read; both any JSON values, by names that
    an agreement lists. Errors: `Refused("directory_missing")`, `Missing("city_no_member")`, `Refused` with
    `kind_not_ours` (our rights lack it), `letter_not_agreed`, `field_not_agreed`, `peer_without_key`,
    `letter_unreadable` (a name, number or value no letter may hold), `letter_too_large`.
    """
    await connection.execute(_LOCK, [f"{city}/letter/{peer}/{about}"])
    known = await (await connection.execute(_KNOWN, [city, peer, about, number])).fetchone()
    if known is not None:
        return str(known[0])
    directory = await directories.present(connection, city)
    if directory is None:
        raise Refused("directory_missing")
    if kind not in directory.member(city).rights:
        raise Refused("kind_not_ours", kind=kind)
    to = directory.member(peer)
    day = now.astimezone(SHANGHAI).date()
    must_be_agreed(directory.agreements, kind, (city, peer), day, fields=data, sealed=sealed or ())
    identifier = mint(city, milliseconds(now), chance)
    letter = Letter(
        id=identifier,
        source=city,
        target=peer,
        kind=kind,
        time=now,
        about=about,
        number=number,
        data=dict(data),
        sealed=seal(sealed, to.sealing_key(now), identifier, chance) if sealed else None,
    )
    raw = written(letter)
    must_be_readable(raw, now)
    await connection.execute(_WRITE, [city, peer, about, number, identifier, kind, digest_of(raw), raw, now, now])
    await connection.execute(_SUBMITTED, [city, identifier, peer, now, now])
    await ask_relay(connection, city, peer, now)
    return identifier


async def ask_relay(connection: Connection, city: str, peer: str, now: datetime) -> None:
    """Have the peer's letters and receipts brought, unless that is about to happen anyway."""
    waits = await (await connection.execute(_RELAY_WAITS, [city, peer, now])).fetchone()
    if waits is None:
        await write_tasks(
            connection, city, now, [Task(kind="relay", noun="peer", subject=peer, destination=f"city:{peer}")]
        )


async def ask_directory(connection: Connection, city: str, peer: str, now: datetime) -> None:
    """Have a peer's newer directory fetched, unless that is about to happen anyway."""
    if await (await connection.execute(_FETCHES, [city, peer])).fetchone() is None:
        task = Task(kind="fetch_directory", noun="peer", subject=peer, destination=f"city:{peer}")
        await write_tasks(connection, city, now, [task])


async def wake(connection: Connection, city: str, now: datetime) -> None:
    """Have everything brought for which no task is left, whatever became of it: nothing lies forgotten."""
    for (peer,) in await (await connection.execute(_FORGOTTEN, {"city": city})).fetchall():
        await ask_relay(connection, city, peer, now)


async def take_due(connection: Connection, city: str, peer: str, now: datetime) -> list[Due]:
    """What is to be brought now, as much as one request holds, the oldest first and each subject in its order.

    It is written down as sent before it leaves, and nobody else takes it for a while; it comes again unless it is
    heard of by then.
    """
    values = {"city": city, "peer": peer, "now": now, "most": MOST_BATCH}
    size, due = 0, []
    for row in await (await connection.execute(_DUE, values)).fetchall():
        each = Due(*row)
        size += len(each.raw) + _AROUND
        if size > MOST_BODY:
            break
        due.append(each)
    await connection.execute(_SENDING, [now, now + UNDER_WAY, city, [each.id for each in due]])
    fresh = [each.id for each in due if not each.sent_before]
    if fresh:
        await connection.execute(_RELAYED, [city, fresh, peer, now, now])
    return due


async def note_failed(connection: Connection, city: str, letters: Sequence[Due], now: datetime, jitter: float) -> None:
    """They could not be brought, or not be taken: again, later."""
    for each in letters:
        tries = each.tries + 1
        await connection.execute(_TRIED, [tries, now, next_try(tries, each.first_at, now, jitter), city, each.id])


async def take_receipts(
    connection: Connection, city: str, peer: str, told: Sequence[tuple[Receipt, SignedReceipt]], now: datetime
) -> list[Taken]:
    """Write down what a peer tells of letters of ours; for each `taken`, `again`, `unknown` or `refused`.

    A receipt for another letter's bytes is refused; an event that comes late or twice changes nothing.
    """
    ours = await _sent(connection, city, peer, sorted({receipt.letter for receipt, _ in told}))
    said = [_fits(ours.get(receipt.letter), receipt, city, peer) for receipt, _ in told]
    good = [each for each, fits in zip(told, said, strict=True) if fits == "taken"]
    fresh = await _note_heard(connection, city, peer, good, now)
    moved: dict[str, Receipt] = {}
    for receipt, _ in good:
        if moves(moved[receipt.letter].event if receipt.letter in moved else ours[receipt.letter].state, receipt.event):
            moved[receipt.letter] = receipt
    states = [[each.letter, each.event.value, each.code] for each in moved.values()]
    if states:
        await connection.execute(_MOVED, [*map(list, zip(*states, strict=True)), city])
    over = [_over(peer, ours[each.letter], each) for each in moved.values() if each.event in ENDS]
    await write_tasks(connection, city, now, over)
    return [
        "again" if fits == "taken" and (receipt.letter, receipt.event) not in fresh else fits
        for (receipt, _), fits in zip(told, said, strict=True)
    ]


async def _sent(connection: Connection, city: str, peer: str, letters: Sequence[str]) -> dict[str, _Sent]:
    rows: list[Any] = await (await connection.execute(_SENT, [city, peer, letters])).fetchall()
    return {name: _Sent(digest, Event(state), *more) for name, digest, state, *more in rows}


def _fits(letter: _Sent | None, receipt: Receipt, city: str, peer: str) -> Taken:
    if letter is None:
        return "unknown"
    same = (letter.digest, city, peer) == (receipt.sha256, receipt.source, receipt.target)
    return "taken" if same else "refused"


def _over(peer: str, letter: _Sent, receipt: Receipt) -> Task:
    refused = receipt.code or "refused" if receipt.event is Event.refused else ""
    payload: dict[str, Any] = {"kind": letter.kind, "about": letter.about, "number": letter.number}
    return Task(
        kind="letter_over",
        noun="letter",
        subject=receipt.letter,
        payload=payload | {"peer": peer, "refused": refused},
    )


async def _note_heard(
    connection: Connection, city: str, peer: str, told: Sequence[tuple[Receipt, SignedReceipt]], now: datetime
) -> set[tuple[str, Event]]:
    """Keep receipts as evidence; those that were not known."""
    lines = [
        {"letter": receipt.letter, "event": receipt.event, "at": receipt.at, "receipt": proof}
        for receipt, proof in told
    ]
    cursor = await connection.execute(_HEARD, [city, peer, now, msgspec.json.encode(lines).decode()])
    return {(letter, Event(event)) for letter, event in await cursor.fetchall()}


async def waiting(connection: Connection, city: str, peer: str) -> Waiting:
    """What lies for a peer."""
    row = await (await connection.execute(_WAITING, [city, peer])).fetchone()
    return Waiting(*row) if row else Waiting(0, None, None)
