"""Checkpoints as they are kept: what this city's log signed, what it saw of others, and evidence of split views."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hejie.store.pool import Connection
from hejie.transparency.checkpoints import Checkpoint, nothing, read_checkpoint
from hejie.transparency.notes import Note, read_note
from hejie.transparency.witnessing import Known

_LATEST = "select note from log_checkpoint where city = %s order by size desc limit 1"
_AGREED = "select note from log_checkpoint where city = %s and cosigners > 0 order by size desc limit 1"
_SIGN = """
insert into log_checkpoint (city, size, root, note, signed_at) values (%s, %s, %s, %s, %s)
on conflict (city, size) do nothing
"""
_COSIGNED = "update log_checkpoint set note = %s, cosigners = %s where city = %s and size = %s"
_ALONE = "select pg_advisory_xact_lock(hashtextextended('log_witnessed/' || %s || '/' || %s, 0))"
_SEEN = "select note from log_witnessed where city = %s and origin = %s order by size desc limit 1"
_SAME = "select note from log_witnessed where city = %s and origin = %s and size = %s"
_WITNESS = """
insert into log_witnessed (city, origin, size, root, note, at) values (%s, %s, %s, %s, %s, %s)
on conflict (city, origin, size) do nothing
"""
_SPLIT = """
insert into log_split (city, origin, size, root, other_root, note, other_note, found_at)
values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""
_ITEM = """
insert into work_item (city, id, kind, noun, subject, body, opened_at)
values (%s, %s, %s, 'log', %s, %s::jsonb, %s) on conflict do nothing
"""


async def latest_signed(connection: Connection, city: str) -> Note | None:
    """The largest checkpoint this city's log has signed."""
    return await _note(connection, _LATEST, [city])


async def latest_cosigned(connection: Connection, city: str) -> Note | None:
    """The largest of them that another city has seen too: the one that is shown to everybody."""
    return await _note(connection, _AGREED, [city])


async def keep_signed(connection: Connection, city: str, note: Note, at: datetime) -> None:
    """Keep what the log is about to show; a size is signed once."""
    told = read_checkpoint(note)
    await connection.execute(_SIGN, [city, told.size, told.root, str(note), at])


async def keep_cosigned(connection: Connection, city: str, note: Note, cosigners: int) -> None:
    """Keep a signed checkpoint with what so many others put below it meanwhile."""
    await connection.execute(_COSIGNED, [str(note), cosigners, city, read_checkpoint(note).size])


async def alone_with(connection: Connection, city: str, origin: str) -> None:
    """Hold one log's witnessing until the transaction ends."""
    await connection.execute(_ALONE, [city, origin])


async def largest_seen_note(connection: Connection, city: str, origin: str) -> Note | None:
    """The largest checkpoint of another log that was cosigned here; None before the first."""
    return await _note(connection, _SEEN, [city, origin])


async def known_of(connection: Connection, city: str, shown: Checkpoint) -> tuple[Known, Note | None]:
    """What is known of a log as it shows a checkpoint; and the note of the same size, where there is one."""
    same = await _note(connection, _SAME, [city, shown.origin, shown.size])
    latest = await largest_seen_note(connection, city, shown.origin)
    known = Known(
        latest=read_checkpoint(latest) if latest else nothing(shown.origin),
        same_size=read_checkpoint(same) if same else None,
    )
    return known, same


async def keep_witnessed(connection: Connection, city: str, note: Note, at: datetime) -> None:
    """Keep a checkpoint before it is cosigned."""
    told = read_checkpoint(note)
    await connection.execute(_WITNESS, [city, told.origin, told.size, told.root, str(note), at])


async def keep_split(connection: Connection, city: str, note: Note, other: Note, at: datetime) -> None:
    """Keep two checkpoints of one size with different roots, the one known before first."""
    one, two = read_checkpoint(note), read_checkpoint(other)
    values = [city, one.origin, one.size, one.root, two.root, str(note), str(other), at]
    await connection.execute(_SPLIT, values)


async def open_log_item(
    connection: Connection, city: str, identifier: str, kind: str, origin: str, body: dict[str, object], at: datetime
) -> None:
    """Ask a person about a log, unless one is asked already."""
    await connection.execute(_ITEM, [city, identifier, kind, origin, msgspec.json.encode(body).decode(), at])


async def _note(connection: Connection, query: str, values: list[object]) -> Note | None:
    row: Any = await (await connection.execute(query, values)).fetchone()
    return read_note(row[0].encode()) if row else None
