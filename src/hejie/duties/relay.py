"""Letters and receipts on their way to one other city: asked for where unclear, in order, never given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from hejie.alliance import receipt as receipts
from hejie.alliance.delivery import TELL_AFTER, rests_until, wait_after
from hejie.alliance.directory import Directory
from hejie.alliance.letter import MOST_BATCH, carried
from hejie.alliance.messages import LetterResult
from hejie.alliance.receipt import Receipt, SignedReceipt, read_receipt
from hejie.base.errors import HejieError, Missing, Refused, Unknown
from hejie.connectors.exchange_keys import Own
from hejie.duties.items import close_here, close_items, open_item
from hejie.duties.renew_directory import renewed
from hejie.duties.tools import Tools
from hejie.peers.client import Peer
from hejie.peers.directories import take_directory
from hejie.store import alliance_links, directories, letters, letters_in
from hejie.store.letters import Due
from hejie.store.letters_in import Standing
from hejie.store.pool import Connection, city_transaction
from hejie.worker import AgainError, LaterError, Work

_CALL_SECONDS = 10.0
"""For one call to a peer, its whole answer included: four of them fit into a task's lease."""
_AHEAD = timedelta(days=30)
"""How long before the directory or our key runs out a person is told."""
_WITHOUT_DIRECTORY = timedelta(minutes=30)
_SOME, _LATER = timedelta(seconds=15), timedelta(seconds=1)
_TOGETHER_SECONDS = 0.1
"""How long a round waits for the one under way: meanwhile letters gather, and go out as one message."""
_BELIEVED_SECONDS = 3
"""How long a round is believed to be under way: whoever ended in the middle of it is not waited for longer."""
T = TypeVar("T")
_OTHERS = "city = %s and noun = 'peer' and subject = %s and kind = 'relay' and not parked and id <> %s"
_RESTING = f"update task set due_at = least(due_at, %s) where leased_until is null and {_OTHERS} returning id"
"""One task for each peer is enough; one that is under way may end without seeing what we have seen."""
_EARLIER = f"select 1 from task where {_OTHERS} and id < %s limit 1"
_UNDER_WAY = f"""
select 1 from task where {_OTHERS} and id < %s and leased_until > %s::timestamptz - make_interval(secs => %s) limit 1
"""


@dataclass(frozen=True)
class _Road:
    """One round to one peer."""

    tools: Tools
    city: str
    own: Own
    peer: Peer

    @property
    def now(self) -> datetime:
        return self.tools.clock.now()

    @property
    def to(self) -> str:
        return self.peer.member.city


@dataclass(frozen=True)
class _Went:
    """How a round went."""

    began: datetime | None = None
    """When; none where there was nothing to say."""
    code: str = ""
    """Why it failed; empty where it did not."""
    rest: datetime | None = None
    """How long the peer is to be left alone, where it is."""


async def relay(work: Work, tools: Tools) -> None:
    """Bring a peer all that is due; come again while anything waits.

    A failure puts a letter off by `alliance.delivery`; after a day a person is told, and it goes on for good.
    """
    async with city_transaction(tools.pool, work.city) as connection:
        beside = [work.city, work.subject, work.id, work.id, work.leased_until, _BELIEVED_SECONDS]
        if await (await connection.execute(_UNDER_WAY, beside)).fetchone():
            raise LaterError(_TOGETHER_SECONDS)
        link = await alliance_links.link(connection, work.city, work.subject)
        known = await directories.present(connection, work.city)
    rest = rests_until(link.failures, link.last_try) if link.last_try else None
    went = _Went(rest=rest)
    if rest is None or rest <= tools.clock.now():
        went = await _go(work, tools, known)
    await _come_again(work, tools, went)


async def _go(work: Work, tools: Tools, known: Directory | None) -> _Went:
    """One round."""
    city, name, now = work.city, work.subject, tools.clock.now()
    try:
        road = await _road(work, tools, known)
    except (Refused, Missing) as error:
        await open_item(tools, city, "exchange_stands_still", "peer", name, {"code": error.code, "peer": name})
        return _Went(rest=now + _WITHOUT_DIRECTORY)
    ending = _ending(road)
    async with city_transaction(tools.pool, city) as connection:
        await close_here(connection, city, "exchange_stands_still", name, now)
        if not ending:
            await close_here(connection, city, "exchange_ending", city, now)
        due = await letters.take_due(connection, city, name, now)
        ends = await letters_in.untold(connection, city, name, MOST_BATCH)
    if ending:
        await open_item(tools, city, "exchange_ending", "city", city, {"code": ending})
    try:
        if due:
            await _letters(road, due)
        if ends:
            await _receipts(road, ends)
    except Unknown as error:
        return _Went(began=now, code=error.code, rest=now + _SOME)
    return _Went(began=now if due or ends else None)


async def _road(work: Work, tools: Tools, known: Directory | None) -> _Road:
    """By the directory that is known, or, where that has expired, by a newer one that the peer has."""
    own = tools.exchange.get(work.city)
    if own is None:
        raise Refused("exchange_not_connected")
    if known is None:
        raise Refused("directory_missing")
    if tools.clock.now() >= known.expires_at:
        known = await renewed(tools, own, known, work.subject)
    return _Road(tools, work.city, own, Peer(own, known, work.subject, tools.clock, tools.cities, tools.desk.chance))


def _ending(road: _Road) -> str:
    """Why the exchange does not go on for a month as things stand; empty where it does."""
    then, known = road.now + _AHEAD, road.peer.directory
    if then >= known.expires_at:
        return "directory_expired"
    return "" if known.member(road.city).signing_keys(then) else "own_key_unlisted"


async def _letters(road: _Road, due: list[Due]) -> None:
    """Bring what is due; what may have arrived before is asked for first."""
    try:
        unclear = [each for each in due if each.sent_before]
        if unclear:
            known = await _asked(road, unclear)
            due = [each for each in due if each.id not in known]
        if due:
            await _bring(road, due)
    except Unknown:
        async with city_transaction(road.tools.pool, road.city) as connection:
            await letters.note_failed(connection, road.city, due, road.now, road.tools.jitter())
        raise


async def _asked(road: _Road, due: list[Due]) -> set[str]:
    """The letters that the peer has already, with what it tells of them written down."""
    answer = await _bounded(road.peer.ask([each.id for each in due]))
    told = [each.receipt for each in answer.letters if each.known and each.receipt]
    return await _take(road, told)


async def _bring(road: _Road, due: list[Due]) -> None:
    items = [carried(each.raw, road.peer.key, road.peer.private) for each in due]
    answer = await _bounded(road.peer.bring(items))
    settled = await _take(road, [each.receipt for each in answer.results if each.receipt])
    for each in due:
        if each.tries and each.id in settled:
            await close_items(road.tools, road.city, "letter_not_taken", each.id)
    left = [each for each in due if each.id not in settled]
    await _unsettled(road, left, {each.id: each for each in answer.results})
    if answer.directory > road.peer.directory.version:
        await _newer_directory(road)


async def _take(road: _Road, told: list[SignedReceipt]) -> set[str]:
    """Write down receipts; the letters that they are about. `Unknown("receipt_wrong")` for one that is not its."""
    keys = road.peer.member.signing_keys(road.now)
    try:
        read = [(read_receipt(proof, keys), proof) for proof in told]
    except Refused as error:
        raise Unknown(error.code) from None
    async with city_transaction(road.tools.pool, road.city) as connection:
        done = await letters.take_receipts(connection, road.city, road.to, read, road.now)
    if not {"taken", "again"}.issuperset(done):
        raise Unknown("receipt_wrong")
    return {receipt.letter for receipt, _ in read}


async def _unsettled(road: _Road, left: list[Due], results: dict[str, LetterResult]) -> None:
    """What was answered without a receipt: put off, and where it was refused a person is told why."""
    if not left:
        return
    async with city_transaction(road.tools.pool, road.city) as connection:
        await letters.note_failed(connection, road.city, left, road.now, road.tools.jitter())
    for each in left:
        if results[each.id].result == "refused":
            body = {"code": results[each.id].code[:64], "peer": road.to, "about": each.about}
            await open_item(road.tools, road.city, "letter_not_taken", "letter", each.id, body)


async def _receipts(road: _Road, ends: list[Standing]) -> None:
    """Tell the peer what became of its letters."""
    told = [
        receipts.signed(
            Receipt(
                letter=each.id,
                source=road.to,
                target=road.city,
                event=each.event,
                code=each.code,
                sha256=each.digest,
                at=each.over_at or each.received_at,
            ),
            road.peer.key,
            road.peer.private,
        )
        for each in ends
    ]
    answer = await _bounded(road.peer.tell(told))
    async with city_transaction(road.tools.pool, road.city) as connection:
        await letters_in.note_told(connection, road.city, road.to, [each.id for each in ends])
    for each, result in zip(ends, answer.results, strict=True):
        if result.result not in {"taken", "again"}:
            body = {"code": result.result, "peer": road.to}
            await open_item(road.tools, road.city, "receipt_not_taken", "letter", each.id, body)


async def fetch_directory(work: Work, tools: Tools) -> None:
    """A peer goes by a newer directory than ours: fetch it; `Unknown` where the peer does not answer."""
    async with city_transaction(tools.pool, work.city) as connection:
        known = await directories.present(connection, work.city)
    await _newer_directory(await _road(work, tools, known))


async def _newer_directory(road: _Road) -> None:
    """The peer goes by a newer directory: taken over where a keeper of ours has signed it."""
    file = await _bounded(road.peer.newest())
    try:
        await take_directory(road.tools.pool, road.own, file, road.now)
    except HejieError as error:
        async with city_transaction(road.tools.pool, road.city) as connection:
            ours = await directories.present_file(connection, road.city)
        if ours is not None and ours.directory == file.directory:
            return
        body = {"code": error.code, "peer": road.to}
        await open_item(road.tools, road.city, "directory_not_believed", "peer", road.to, body)


async def _bounded(call: Awaitable[T]) -> T:
    """A call that takes no longer than it may: a byte a second is a silence too."""
    try:
        async with asyncio.timeout(_CALL_SECONDS):
            return await call
    except TimeoutError:
        raise Unknown("wallet_silent") from None


async def _come_again(work: Work, tools: Tools, went: _Went) -> None:
    """The task's next time, where anything waits; a person is told of what has waited for a day."""
    city, peer, now = work.city, work.subject, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        if went.code and went.began:
            await alliance_links.note_failed(connection, city, peer, went.began, went.code)
        elif went.began:
            await alliance_links.note_went(connection, city, peer, went.began)
        lies = await letters.waiting(connection, city, peer)
        untold = await letters_in.untold(connection, city, peer, 1)
        link = await alliance_links.link(connection, city, peer)
        lain = [each for each in (lies.oldest, untold[0].over_at if untold else None) if each]
        tell_at = min(lain) + TELL_AFTER if lain else None
        late = tell_at is not None and tell_at <= now
        if not late:
            await close_here(connection, city, "letter_waiting", peer, now)
        times = [lies.next_at] if lies.next_at else []
        times += [now + wait_after(link.failures)] if untold else []
        times += [tell_at] if tell_at and not late else []
        at = max(min(times), went.rest or now) if times else None
        again = await _alone(connection, work, at) if at else None
    if late:
        await open_item(tools, city, "letter_waiting", "peer", peer, {"peer": peer, "letters": lies.letters})
    if again is not None:
        raise AgainError(again)


async def _alone(connection: Connection, work: Work, at: datetime) -> datetime | None:
    """When this task is to come again; None where another one to the peer is there to come instead."""
    others = [work.city, work.subject, work.id]
    resting = await (await connection.execute(_RESTING, [at, *others])).fetchone()
    if resting is not None:
        return None
    earlier = await (await connection.execute(_EARLIER, [*others, work.id])).fetchone()
    return at + _LATER if earlier else at
