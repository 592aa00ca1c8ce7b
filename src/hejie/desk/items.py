"""Work items are no nouns: a person marks one done, lets parked tasks run once more, or asks to be called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from hejie.agenda import Task
from hejie.base.actor import Actor, Role
from hejie.base.errors import Missing, Refused, Stale
from hejie.cities.posts import Act, must_do, must_hold, must_reach, place_of
from hejie.desk.act import Desk
from hejie.store.contents import open_data_key
from hejie.store.pool import Connection, city_transaction
from hejie.store.posts import read_post
from hejie.store.writing import announce, write_content, write_tasks

PARKED = "task_parked"
"""The kind of item that a worker opens when its last try has failed."""
CALL_ASKED, CALL = "call_asked", "call"
"""The kind of item of somebody who asks to be called, and its noun."""

_LOAD = """
select kind, noun, subject, done_at is not null, officer, authority, place from work_item
where city = %s and id = %s for update
"""
_DONE = "update work_item set done_at = %s, done_by = %s, note = %s where city = %s and id = %s"
_RENAMED = "update work_item set done_at = %s, done_by = %s, note = %s, id = %s where city = %s and id = %s"
_UNPARK = """
update task set parked = false, attempts = 1, leased_until = null, last_error = '', ready_at = clock_timestamp()
where city = %s and noun = %s and subject = %s and parked
"""
"""It was tried before: a duty whose outside takes no key must look before it repeats itself."""
_ASK = """
insert into work_item (city, id, kind, noun, subject, body, opened_at) values (%s, %s, %s, %s, %s, %s::jsonb, %s)
on conflict (city, kind, subject) where done_at is null do update set body = excluded.body returning id
"""
_FORGET = (
    "delete from content where city = %s and subject = %s",
    "delete from data_key where city = %s and subject = %s",
)


async def finish(desk: Desk, city: str, item: str, note: str, actor: Actor) -> None:
    """Mark an open item done, with what the person found out.

    Errors: `Refused("not_allowed")` for anyone but an officer, `Refused("text_empty")` without a note, `Refused` with
    `function_missing`, `outside_authority`, `not_your_case`; `Missing`, `Stale` where somebody else was quicker.
    """
    async with city_transaction(desk.pool, city) as connection:
        kind, _, _ = await _open(desk, connection, city, item, note, actor)
        if kind == CALL_ASKED:
            await _forget(connection, city, f"{CALL}:{item}")
        await connection.execute(_DONE, [desk.clock.now(), actor.id, note, city, item])
        await announce(connection, city, item, 1)


async def retry(desk: Desk, city: str, item: str, note: str, actor: Actor) -> None:
    """Let every parked task of the item's subject run again now, and mark the item done.

    The done item gets a new identifier: a task that is parked once more opens an item under the old one.
    Errors as in `finish`, and `Refused("step_out_of_order")` for an item of another kind.
    """
    async with city_transaction(desk.pool, city) as connection:
        kind, noun, subject = await _open(desk, connection, city, item, note, actor)
        if kind != PARKED:
            raise Refused("step_out_of_order", kind=kind)
        await connection.execute(_UNPARK, [city, noun, subject])
        await connection.execute(_RENAMED, [desk.clock.now(), actor.id, note, desk.mint(city), city, item])
        await announce(connection, city, item, 1)


TELL = "tell_merchant"
"""The kind of item that asks a person to go and tell a merchant."""
_GONE_THERE = """
select id from delivery where city = %s and dispute = %s and channel = 'market_office' and state in ('sent', 'unknown')
"""


async def finish_telling(desk: Desk, city: str, item: str, note: str, actor: Actor, *, heard: bool) -> None:
    """Mark an item `tell_merchant` done: whether the merchant has heard of it now; tasks take it as receipts.

    Errors as in `finish`, and `Refused("step_out_of_order")` for an item of another kind.
    """
    async with city_transaction(desk.pool, city) as connection:
        kind, _, dispute = await _open(desk, connection, city, item, note, actor)
        if kind != TELL:
            raise Refused("step_out_of_order", kind=kind)
        now = desk.clock.now()
        await connection.execute(_DONE, [now, actor.id, note, city, item])
        tried = await (await connection.execute(_GONE_THERE, [city, dispute])).fetchall()
        payload: dict[str, object] = {"arrival": "delivered" if heard else "failed", "code": ""}
        tasks = [Task(kind="take_receipt", noun="delivery", subject=each, payload=payload) for (each,) in tried]
        await write_tasks(connection, city, now, tasks)
        await announce(connection, city, item, 1)


async def ask_call(desk: Desk, city: str, who: str, body: Mapping[str, str], call: bytes) -> None:
    """Open a work item for a call to somebody; while it is open, a second wish of the same takes its place.

    `who` tells callers apart and says nothing of them; `call` holds the number and is kept sealed until the call is
    done, outside the item.
    """
    vault, now = desk.vaults(city), desk.clock.now()
    values = [city, desk.mint(city), CALL_ASKED, CALL, who, msgspec.json.encode(body).decode(), now]
    async with city_transaction(desk.pool, city) as connection:
        row: Any = await (await connection.execute(_ASK, values)).fetchone()
        subject = f"{CALL}:{row[0]}"
        await _forget(connection, city, subject)
        key = await open_data_key(connection, vault, city, subject)
        sealed = vault.seal(key, f"content/{subject}/{CALL}", call)
        await write_content(connection, city, subject, now, [(CALL, CALL, sealed)])
        await announce(connection, city, row[0], 1)


async def _forget(connection: Connection, city: str, subject: str) -> None:
    for statement in _FORGET:
        await connection.execute(statement, [city, subject])


_OPEN_OF = "select id from work_item where city = %s and kind = %s and subject = %s and done_at is null"


async def finish_of(desk: Desk, city: str, kind: str, subject: str, note: str, actor: Actor) -> None:
    """Mark the open item of a kind on a subject done, where there is one; somebody else may have been quicker."""
    async with city_transaction(desk.pool, city) as connection:
        row = await (await connection.execute(_OPEN_OF, [city, kind, subject])).fetchone()
    if row is not None:
        with suppress(Stale, Refused):  # a colleague who has the item ends it
            await finish(desk, city, str(row[0]), note, actor)


async def _open(
    desk: Desk, connection: Connection, city: str, item: str, note: str, actor: Actor
) -> tuple[str, str, str]:
    """The open item's kind, noun and subject, locked; one that a colleague has is theirs to end."""
    if actor.role is not Role.officer:
        raise Refused("not_allowed", role=actor.role.value)
    if not note:
        raise Refused("text_empty")
    row: Any = await (await connection.execute(_LOAD, [city, item])).fetchone()
    if row is None:
        raise Missing
    kind, noun, subject, done, officer, authority, place = row
    post = await read_post(connection, city, actor.id, desk.clock.now())
    must_do(post, Act.items)
    must_reach(post, place_of(city, authority, place), actor.id, officer)
    if done:
        raise Stale
    if officer:
        must_hold(post, actor.id, officer)
    return kind, noun, subject
