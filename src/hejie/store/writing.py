"""What the desk writes beside a row, each in one statement: log, tasks, sealed content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import Struct

from hejie.agenda import Task
from hejie.store.pool import Connection


class LogLine(Struct, frozen=True):
    """One event as the log keeps it."""

    version: int
    event: str
    body: str
    salt: bytes
    digest: bytes


_LOG = """
insert into log (city, noun, id, version, at, actor_role, actor, event, body, salt, digest)
select %s, %s, %s, v, %s, %s, %s, e, b::jsonb, s, d
from unnest(%s::int[], %s::text[], %s::text[], %s::bytea[], %s::bytea[]) as l (v, e, b, s, d)
"""
_TASKS = """
insert into task (city, kind, noun, subject, destination, due_at, payload)
select %s, k, n, i, d, a, p::jsonb
from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[]) as t (k, n, i, d, a, p)
"""
_CONTENT = """
insert into content (city, subject, id, kind, sealed, made_at)
select %s, %s, i, k, s, %s from unnest(%s::text[], %s::text[], %s::bytea[]) as c (i, k, s)
"""


class Writes(Protocol):
    """Where statements without an answer go: a connection, or `Joined`."""

    async def execute(self, query: str, params: Sequence[object], /) -> object:
        """Take one statement."""
        ...


class Joined:
    """Writes to different rows that go out together: one statement, one round trip, one plan kept by the server."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._values: list[object] = []

    async def execute(self, query: str, params: Sequence[object], /) -> None:
        """Keep one insert or update for later."""
        self._parts.append(f"w{len(self._parts)} as ({query})")
        self._values += params

    async def send(self, connection: Connection, news: str = "") -> None:
        """Do all of them at once, each seeing what was there before, and tell listeners the news."""
        if self._parts:
            last = "select pg_notify('hejie', %s)" if news else "select"
            values = [*self._values, news] if news else self._values
            await connection.execute(f"with {', '.join(self._parts)} {last}", values)


async def write_log(
    connection: Writes,
    city: str,
    noun: str,
    identifier: str,
    at: datetime,
    role: str,
    actor: str,
    lines: Sequence[LogLine],
) -> None:
    """Append events to the log."""
    columns = [[getattr(line, name) for line in lines] for name in ("version", "event", "body", "salt", "digest")]
    await connection.execute(_LOG, [city, noun, identifier, at, role, actor, *columns])


async def write_tasks(connection: Writes, city: str, now: datetime, tasks: Sequence[Task]) -> None:
    """Add tasks; those without an instant are due now."""
    if not tasks:
        return
    await connection.execute(
        _TASKS,
        [
            city,
            [task.kind for task in tasks],
            [task.noun for task in tasks],
            [task.subject for task in tasks],
            [task.destination for task in tasks],
            [task.at or now for task in tasks],
            [msgspec.json.encode(task.payload).decode() for task in tasks],
        ],
    )


async def write_content(
    connection: Writes, city: str, subject: str, now: datetime, sealed: Sequence[tuple[str, str, bytes]]
) -> None:
    """Add sealed content as (identifier, kind, ciphertext)."""
    if not sealed:
        return
    identifiers, kinds, bodies = (list(column) for column in zip(*sealed, strict=True))
    await connection.execute(_CONTENT, [city, subject, now, identifiers, kinds, bodies])


async def announce(connection: Connection, city: str, identifier: str, version: int) -> None:
    """Tell listeners that something has a new version; they re-read as their own viewer."""
    await connection.execute("select pg_notify('hejie', %s)", [news_of(city, identifier, version)])


def news_of(city: str, identifier: str, version: int) -> str:
    """What listeners are told of a new version."""
    return f"{city} {identifier} {version}"
