"""An acquirer's announcement taken line by line: each is bound, kept until its merchant registers, or rejected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.actor import Actor, Role
from hejie.base.errors import Refused, Stale
from hejie.base.told_file import ToldLine
from hejie.desk import heard
from hejie.desk.act import Desk
from hejie.desk.bindings import BINDINGS
from hejie.desk.heard import Event, Heard
from hejie.merchants.announced import Line, answer_to, read_line, source_of
from hejie.merchants.bindings import Binding, End
from hejie.store.pool import Connection, city_transaction

BOUND, WAITING, REJECTED = "bound", "waiting", "rejected"
WAITS = "announced_waiting"
"""The kind of item that tells a person of merchants who are not here; its noun is the acquirer."""
_TRIES = 3
_MERCHANT = "select id from merchant where city = %s and credit_code = %s"
_HELD = "select body::text from binding where city = %s and identity = %s"
_WAIT = """
insert into announced_waiting (city, acquirer, identity, begins, credit_code, told_at, body)
values (%s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, acquirer, identity, begins) do update set credit_code = excluded.credit_code, body = excluded.body
"""
_NO_MORE = "delete from announced_waiting where city = %s and acquirer = %s and identity = %s and begins = %s"
_HOW_MANY = "select count(*) from announced_waiting where city = %s and acquirer = %s"
_ITEM = """
insert into work_item (city, id, kind, noun, subject, body, opened_at)
values (%s, %s, %s, 'acquirer', %s, %s::jsonb, %s)
on conflict (city, kind, subject) where done_at is null do update set body = excluded.body
"""
_WAITING_FOR = """
select acquirer, body::text from announced_waiting where city = %s and credit_code = (
  select credit_code from merchant where city = %s and id = %s) order by begins, identity
"""


class Announcement(Struct, frozen=True, kw_only=True):
    """Lines that came together."""

    acquirer: str
    numbers: frozenset[str]
    """The acquirer numbers for which the sender may speak."""
    key: str
    """The sender's own key for it."""
    digest: bytes
    """SHA-256 of the bytes that came."""
    lines: Iterable[ToldLine]
    """Gone through twice."""


class Result(Struct, frozen=True, kw_only=True):
    """What became of one line."""

    line: int
    result: str
    """`bound`, `waiting` or `rejected`."""
    binding: str = ""
    code: str = ""


class Taken(Struct, frozen=True, kw_only=True):
    """What became of an announcement."""

    bound: int
    waiting: int
    rejected: int
    taken_at: datetime
    lines: tuple[Result, ...] = ()
    """Empty where each was told to `each`."""


async def take_announcement(
    desk: Desk, city: str, told: Announcement, each: Callable[[ToldLine, Result], None] | None = None
) -> Taken:
    """Take every line by itself: first those that end what stands, then all in order; the same key changes nothing.

    The ends come first, and no line of an announcement changes what another of it has begun. So one that broke off
    and is taken again ends as if it had not. `each` is told of each line instead of the answer's holding it.
    Errors: `Refused("key_reused")` where the key came before with other bytes; `Stale` where others write the same
    numbers without end.
    """
    before = await answered_before(desk, city, told)
    if before is not None:
        return before
    await _take_ends(desk, city, told)
    counts, results, seen = {BOUND: 0, WAITING: 0, REJECTED: 0}, [], set[tuple[str, str, datetime]]()
    for line in told.lines:
        result = await _take(desk, city, told, line, seen)
        counts[result.result] += 1
        if each is not None:
            each(line, result)
        else:
            results.append(result)
    taken = Taken(lines=tuple(results), taken_at=desk.clock.now(), **counts)
    async with city_transaction(desk.pool, city) as connection:
        return await _close(desk, connection, city, told, taken)


async def answered_before(desk: Desk, city: str, told: Announcement) -> Taken | None:
    """The answer that the key has had; `Refused("key_reused")`."""
    async with city_transaction(desk.pool, city) as connection:
        return await heard.answered(connection, _heard(city, told), Taken)


async def _close(desk: Desk, connection: Connection, city: str, told: Announcement, taken: Taken) -> Taken:
    """The answer is kept, once; a line in the log; the merchants that are not here go to a person."""
    now = taken.taken_at
    body = {"bound": taken.bound, "waiting": taken.waiting, "rejected": taken.rejected}
    event = Event(name="AnnouncementTaken", about="announcement", at=now, actor=_actor(told.acquirer), body=body)
    if not await heard.keep(desk, connection, _heard(city, told), taken, event):
        return await heard.answered(connection, _heard(city, told), Taken) or taken
    if taken.waiting:
        row: Any = await (await connection.execute(_HOW_MANY, [city, told.acquirer])).fetchone()
        many = msgspec.json.encode({"account": told.acquirer, "count": row[0]}).decode()
        await connection.execute(_ITEM, [city, desk.mint(city), WAITS, told.acquirer, many, now])
    return taken


def _heard(city: str, told: Announcement) -> Heard:
    return Heard(city=city, acquirer=told.acquirer, key=told.key, digest=told.digest)


async def _take(
    desk: Desk, city: str, told: Announcement, line: ToldLine, seen: set[tuple[str, str, datetime]]
) -> Result:
    """One line; one that begins as another of the same announcement did is told off."""
    if line.parts is None:
        return Result(line=line.number, result=REJECTED, code=line.code)
    try:
        read = read_line(line.parts, told.numbers)
        key = (read.identity.key, read.credit_code, read.begins)
        if key in seen:
            return Result(line=line.number, result=REJECTED, code="announcement_twice")
        seen.add(key)
        binding = await take_line(desk, city, told.acquirer, read)
    except Refused as error:
        return Result(line=line.number, result=REJECTED, code=error.code)
    return Result(line=line.number, result=BOUND if binding else WAITING, binding=binding)


async def _take_ends(desk: Desk, city: str, told: Announcement) -> None:
    """End what is to end, once; the second time through tells of it. Of lines alike only the first counts."""
    seen = set[tuple[str, str, datetime]]()
    for line in told.lines:
        if line.parts is None:
            continue
        with suppress(Refused, Stale):
            read = read_line(line.parts, told.numbers)
            key = (read.identity.key, read.credit_code, read.begins)
            known = key in seen
            seen.add(key)
            if read.ends is not None and not known:
                await take_line(desk, city, told.acquirer, read, only_ends=True)


async def take_line(desk: Desk, city: str, acquirer: str, line: Line, *, only_ends: bool = False) -> str:
    """Bind one line; the binding's identifier, or empty where it waits for its merchant (or nothing was to end).

    Errors: `Refused("binding_overlaps")` and those of `answer_to`; `Stale`.
    """
    before: list[Binding] | None = None
    for last in (False,) * (_TRIES - 1) + (True,):
        async with city_transaction(desk.pool, city) as connection:
            merchant = await _merchant(connection, city, line.credit_code)
            if not merchant and only_ends:
                return ""
            if not merchant:
                at = [city, acquirer, line.identity.key, line.begins, line.credit_code, desk.clock.now()]
                await connection.execute(_WAIT, [*at, msgspec.json.encode(line).decode()])
                return ""
            rows = await (await connection.execute(_HELD, [city, line.identity.key])).fetchall()
        held = [msgspec.json.decode(body, type=Binding) for (body,) in rows]
        if held == before:
            raise Refused("binding_overlaps")
        try:
            return await _bind(desk, city, acquirer, line, merchant, held, only_ends=only_ends)
        except Stale:
            if last:
                raise
        except Refused as error:  # the same line may have come in beside us: then it stands now
            if last or error.code != "binding_overlaps":
                raise
            before = held
    raise AssertionError("the last try returns or raises")


async def _bind(
    desk: Desk, city: str, acquirer: str, line: Line, merchant: str, held: Sequence[Binding], *, only_ends: bool
) -> str:
    identifier, command = answer_to(line, merchant, acquirer, held, desk.mint(city))
    if only_ends and not isinstance(command, End):
        return ""
    if command is not None:
        await desk.act(BINDINGS, city, identifier, command, _actor(acquirer))
    async with city_transaction(desk.pool, city) as connection:
        await connection.execute(_NO_MORE, [city, acquirer, line.identity.key, line.begins])
    return identifier


async def take_waiting(desk: Desk, city: str, merchant: str) -> list[tuple[str, Line, str]]:
    """Bind the lines that waited for a merchant; those that cannot be bound, with the acquirer and the code.

    Errors: `Stale`.
    """
    async with city_transaction(desk.pool, city) as connection:
        rows = await (await connection.execute(_WAITING_FOR, [city, city, merchant])).fetchall()
    failed = []
    for acquirer, body in rows:
        line = msgspec.json.decode(body, type=Line)
        try:
            await take_line(desk, city, acquirer, line)
        except Refused as error:
            failed.append((acquirer, line, error.code))
    return failed


async def _merchant(connection: Connection, city: str, code: str) -> str:
    row: Any = await (await connection.execute(_MERCHANT, [city, code])).fetchone()
    return str(row[0]) if row else ""


def _actor(acquirer: str) -> Actor:
    return Actor(Role.system, source_of(acquirer))
