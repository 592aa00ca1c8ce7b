"""Letters and receipts on their way to one other city: asked for where unclear, in order, never given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from hejie.alliance import receipt as receipts
from hejie.alliance.delivery import TELL_AFTER, rests_until, wait_after
from hejie.alliance.letter import MOST_BATCH, carried
from hejie.alliance.messages import LetterResult
from hejie.alliance.receipt import Receipt, SignedReceipt, read_receipt
from hejie.base.errors import HejieError, Missing, Refused, Unknown
from hejie.connectors.exchange_keys import Own
from hejie.duties.items import close_items, open_item
from hejie.duties.renew_directory import in_force_or_renewed
from hejie.duties.tools import Tools
from hejie.peers.client import Peer
from hejie.peers.directories import take_directory
from hejie.store import alliance_links, directories, letters, letters_in
from hejie.store.letters import Due
from hejie.store.pool import city_transaction
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


async def relay(work: Work, tools: Tools) -> None:
    """Bring a peer all that is due; come again while anything waits.

    A failure puts a letter off by `alliance.delivery`; after a day a person is told, and it goes on for good.
    """
    async with city_transaction(tools.pool, work.city) as connection:
        beside = [work.city, work.subject, work.id, work.id, work.leased_until, _BELIEVED_SECONDS]
        if await (await connection.execute(_UNDER_WAY, beside)).fetchone():
            raise LaterError(_TOGETHER_SECONDS)
        link = await alliance_links.link(connection, work.city, work.subject)
    rest = rests_until(link.failures, link.last_try) if link.last_try else None
    if rest is None or rest <= tools.clock.now():
        rest = await _go(work, tools)
    await _come_again(work, tools, rest)


async def _go(work: Work, tools: Tools) -> datetime | None:
    """One round; how long the peer is to be left alone, where it is."""
    city, name, now = work.city, work.subject, tools.clock.now()
    try:
        road = await _road(work, tools)
    except (Refused, Missing) as error:
        await open_item(tools, city, "exchange_stands_still", "peer", name, {"code": error.code, "peer": name})
        return now + _WITHOUT_DIRECTORY
    await close_items(tools, city, "exchange_stands_still", name)
    await _warn(road)
    code, spoke = "", False
    try:
        spoke = await _letters(road)
        spoke = await _receipts(road) or spoke
    except Unknown as error:
        code = error.code
    async with city_transaction(tools.pool, city) as connection:
        if code:
            await alliance_links.note_failed(connection, city, name, now, code)
        elif spoke:
            await alliance_links.note_went(connection, city, name, now)
    return now + _SOME if code else None


async def _road(work: Work, tools: Tools) -> _Road:
    own = tools.exchange.get(work.city)
    if own is None:
        raise Refused("exchange_not_connected")
    known = await in_force_or_renewed(tools, own, work.subject)
    return _Road(tools, work.city, own, Peer(own, known, work.subject, tools.clock, tools.cities, tools.desk.chance))


async def _warn(road: _Road) -> None:
    """Whether the exchange goes on for a month as things stand."""
    then, known = road.now + _AHEAD, road.peer.directory
    code = "directory_expired" if then >= known.expires_at else ""
    if not code and not known.member(road.city).signing_keys(then):
        code = "own_key_unlisted"
    if code:
        await open_item(road.tools, road.city, "exchange_ending", "city", road.city, {"code": code})
    else:
        await close_items(road.tools, road.city, "exchange_ending", road.city)


async def _letters(road: _Road) -> bool:
    """Bring what is due, if anything; what may have arrived before is asked for first."""
    async with city_transaction(road.tools.pool, road.city) as connection:
        due = await letters.take_due(connection, road.city, road.to, road.now)
    if not due:
        return False
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
    return True


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


async def _receipts(road: _Road) -> bool:
    """Tell the peer what became of its letters, if anything did."""
    async with city_transaction(road.tools.pool, road.city) as connection:
        ends = await letters_in.untold(connection, road.city, road.to, MOST_BATCH)
    if not ends:
        return False
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
    return True


async def fetch_directory(work: Work, tools: Tools) -> None:
    """A peer goes by a newer directory than ours: fetch it; `Unknown` where the peer does not answer."""
    await _newer_directory(await _road(work, tools))


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


async def _come_again(work: Work, tools: Tools, rest: datetime | None) -> None:
    """The task's next time, where anything waits; a person is told of what has waited for a day."""
    city, peer, now = work.city, work.subject, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        lies = await letters.waiting(connection, city, peer)
        untold = await letters_in.untold(connection, city, peer, 1)
        link = await alliance_links.link(connection, city, peer)
    lain = [each for each in (lies.oldest, untold[0].over_at if untold else None) if each]
    tell_at = min(lain) + TELL_AFTER if lain else None
    late = tell_at is not None and tell_at <= now
    if late:
        await open_item(tools, city, "letter_waiting", "peer", peer, {"peer": peer, "letters": lies.letters})
    else:
        await close_items(tools, city, "letter_waiting", peer)
    times = [lies.next_at] if lies.next_at else []
    times += [now + wait_after(link.failures)] if untold else []
    times += [tell_at] if tell_at and not late else []
    if not times:
        return
    at = max(min(times), rest or now)
    async with city_transaction(tools.pool, city) as connection:
        others = [city, peer, work.id]
        resting = await (await connection.execute(_RESTING, [at, *others])).fetchone()
        earlier = await (await connection.execute(_EARLIER, [*others, work.id])).fetchone()
    if resting is None:
        raise AgainError(at + _LATER if earlier else at)
