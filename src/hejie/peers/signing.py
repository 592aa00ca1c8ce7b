"""A city's log goes on: lines are numbered, cosigners asked what they saw, then a checkpoint signed and cosigned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import httpx
import structlog

from hejie.base.clock import Clock
from hejie.peers.cosigners import ask_cosigning, ask_largest
from hejie.peers.log_members import among_members
from hejie.queries.log_tree import consistency, root_at, tree_size
from hejie.store.log_checkpoints import keep_cosigned, keep_signed, keep_split, latest_signed, open_log_item
from hejie.store.log_numbers import number_all
from hejie.store.pool import Connection, Pool, city_transaction
from hejie.transparency.checkpoints import Checkpoint, cosigners, nothing, read_checkpoint, sign
from hejie.transparency.notes import Note, Signature
from hejie.transparency.parties import OwnLog, Peer
from hejie.transparency.witnessing import Signing, may_sign

_log = structlog.get_logger("hejie.log")
_Heard = Sequence[tuple[Peer, Note]]


async def go_on(
    pool: Pool, city: str, own: OwnLog, client: httpx.AsyncClient, clock: Clock, mint: Callable[[str], str]
) -> Signing:
    """Once round: number what waits, ask every cosigner, sign if that may be, have it cosigned; what was decided.

    A log that is older than what its cosigners have seen, or other, signs nothing, and a person is asked.
    """
    await number_all(pool, city)
    now = clock.now()
    async with city_transaction(pool, city) as connection:
        own = await among_members(connection, city, own, now)
    told = await asyncio.gather(*(ask_largest(client, own, peer, now) for peer in own.cosigners))
    heard = [(peer, note) for peer, note in zip(own.cosigners, told, strict=True) if note is not None]
    async with city_transaction(pool, city) as connection:
        decided = await _decide(connection, city, own, heard, now, mint)
        note = await latest_signed(connection, city)
    if decided is Signing.may and note is not None:
        await _have_cosigned(pool, city, client, note, [*heard, *_plain(own)])
    elif decided is not Signing.may:
        _log.warning("log_silent", city=city, why=decided.value)
    return decided


async def _decide(
    connection: Connection, city: str, own: OwnLog, heard: _Heard, now: datetime, mint: Callable[[str], str]
) -> Signing:
    size, before = await tree_size(connection, city), await latest_signed(connection, city)
    seen = [read_checkpoint(note) for _, note in heard]
    known = [*seen, read_checkpoint(before)] if seen and before else seen
    roots = {each: await root_at(connection, city, each) for each in {told.size for told in known} if each <= size}
    decided = may_sign(size, known, roots.__getitem__)
    if decided is Signing.may and size > (read_checkpoint(before).size if before else 0):
        note = sign(Checkpoint(origin=own.origin, size=size, root=await root_at(connection, city, size)), *own.signers)
        await keep_signed(connection, city, note, now)
    if decided in {Signing.behind, Signing.two_views}:
        await _tell_a_person(connection, city, own, decided, heard, before, now, mint)
    return decided


async def _tell_a_person(
    connection: Connection,
    city: str,
    own: OwnLog,
    decided: Signing,
    heard: _Heard,
    before: Note | None,
    now: datetime,
    mint: Callable[[str], str],
) -> None:
    """Keep what speaks against us: another tree of a size that we signed here too."""
    largest = max((read_checkpoint(note).size for _, note in heard), default=0)
    kind = "log_behind" if decided is Signing.behind else "log_split"
    body: dict[str, object] = {"name": own.origin, "count": largest}
    await open_log_item(connection, city, mint(city), kind, own.origin, body, now)
    for _, note in heard:
        if before and _differ(before, note):
            await keep_split(connection, city, before, note, now)


def _differ(one: Note, other: Note) -> bool:
    first, second = read_checkpoint(one), read_checkpoint(other)
    return first.size == second.size and first.root != second.root


def _plain(own: OwnLog) -> list[tuple[Peer, Note]]:
    """Cosigners that cannot say what they have seen: asked from nothing, they name the size that they know."""
    return [(each, Note(nothing(own.origin).text, ())) for each in own.cosigners if each.plain]


async def _have_cosigned(pool: Pool, city: str, client: httpx.AsyncClient, note: Note, heard: _Heard) -> None:
    """Ask each cosigner that has not signed this checkpoint yet."""
    size = read_checkpoint(note).size
    asked = [
        _cosigned(pool, city, client, note, peer, read_checkpoint(seen).size)
        for peer, seen in heard
        if not ((peer.plain or read_checkpoint(seen).size == size) and cosigners(note, peer.witness))
    ]
    given = [each for found in await asyncio.gather(*asked) for each in found]
    if not given:
        return
    whole = note.with_more(given)
    count = len({each.name for each in whole.signatures} - {read_checkpoint(note).origin})
    async with city_transaction(pool, city) as connection:
        await keep_cosigned(connection, city, whole, count)


async def _cosigned(
    pool: Pool, city: str, client: httpx.AsyncClient, note: Note, peer: Peer, old: int
) -> tuple[Signature, ...]:
    """One cosigner's signatures, if it gives any; where it knows another size, it is asked once more from there."""
    new = read_checkpoint(note).size
    for _ in range(2):
        async with city_transaction(pool, city) as connection:
            proof = await consistency(connection, city, old, new)
        answer = await ask_cosigning(client, peer, note, old, proof)
        if not isinstance(answer, int):
            return answer or ()
        if answer > new:
            return ()
        old = answer
    return ()
