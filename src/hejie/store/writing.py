"""What the desk writes beside a row: log, tasks, sealed content; and how all of it goes out as one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import Struct, structs

from hejie.agenda import Task
from hejie.store.pool import Connection


class LogLine(Struct, frozen=True):
    """One event as the log keeps it."""

    version: int
    event: str
    body: str
    salt: bytes
    digest: bytes
    at: datetime | None = None
    """When it happened in another city that tells it, and on which side; none for what happens here and now."""
    role: str | None = None


_LOG = """
insert into log (city, noun, id, version, at, actor_role, actor, event, body, salt, digest)
select %s, %s, %s, version, coalesce(at, %s), coalesce(role, %s), %s, event, body, decode(salt, 'base64'),
  decode(digest, 'base64')
from jsonb_to_recordset(%s::jsonb)
  as l (version integer, event text, body jsonb, salt text, digest text, at timestamptz, role text)
"""
_TASKS = """
insert into task (city, kind, noun, subject, destination, due_at, payload)
select %s, kind, noun, subject, destination, coalesce(at, %s), payload
from jsonb_to_recordset(%s::jsonb)
  as t (kind text, noun text, subject text, destination text, at timestamptz, payload jsonb)
"""
_CONTENT = "insert into content (city, subject, id, kind, sealed, made_at) values (%s, %s, %s, %s, %s, %s)"


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
    told = [{**structs.asdict(line), "body": msgspec.Raw(line.body)} for line in lines]
    await connection.execute(_LOG, [city, noun, identifier, at, role, actor, msgspec.json.encode(told).decode()])


async def write_tasks(connection: Writes, city: str, now: datetime, tasks: Sequence[Task]) -> None:
    """Add tasks; those without an instant are due now."""
    if tasks:
        await connection.execute(_TASKS, [city, now, msgspec.json.encode(tasks).decode()])


async def write_content(
    connection: Writes, city: str, subject: str, now: datetime, sealed: Sequence[tuple[str, str, bytes]]
) -> None:
    """Add sealed content as (identifier, kind, ciphertext)."""
    for identifier, kind, body in sealed:
        await connection.execute(_CONTENT, [city, subject, identifier, kind, body, now])


async def announce(connection: Connection, city: str, identifier: str, version: int) -> None:
    """Tell listeners that something has a new version; they re-read as their own viewer."""
    await connection.execute("select pg_notify('hejie', %s)", [news_of(city, identifier, version)])


def news_of(city: str, identifier: str, version: int) -> str:
    """What listeners are told of a new version."""
    return f"{city} {identifier} {version}"
