"""What a partner's message or file was answered: kept once under its key, and a line in the log that it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from hejie.base.actor import Actor
from hejie.base.errors import Refused
from hejie.base.seals import commitment
from hejie.desk.act import Desk
from hejie.store.pool import Connection
from hejie.store.writing import LogLine, write_log

Answer = TypeVar("Answer", bound=Struct)
_ANSWERED = "select digest, answer::text from announcement where city = %s and acquirer = %s and key = %s"
_KEEP = """
insert into announcement (city, acquirer, key, digest, answer, taken_at) values (%s, %s, %s, %s, %s::jsonb, %s)
on conflict do nothing returning key
"""


class Heard(Struct, frozen=True, kw_only=True):
    """A message or file of an acquirer, by the key under which its answer is kept."""

    city: str
    acquirer: str
    key: str
    digest: bytes
    """SHA-256 of the bytes that came."""


async def answered(connection: Connection, heard: Heard, kind: type[Answer]) -> Answer | None:
    """The answer that the key has had; `Refused("key_reused")` where it came with other bytes."""
    row: Any = await (await connection.execute(_ANSWERED, [heard.city, heard.acquirer, heard.key])).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != heard.digest:
        raise Refused("key_reused")
    return msgspec.json.decode(row[1], type=kind)


async def keep(desk: Desk, connection: Connection, heard: Heard, answer: Struct, event: Event) -> bool:
    """Keep the answer, and write down that this was taken; False, and nothing, where somebody else did meanwhile."""
    values = [heard.city, heard.acquirer, heard.key, heard.digest, msgspec.json.encode(answer).decode(), event.at]
    if await (await connection.execute(_KEEP, values)).fetchone() is None:
        return False
    salt = desk.chance(16)
    body = msgspec.json.encode(event.body).decode()
    line = LogLine(1, event.name, body, salt, commitment(salt, msgspec.json.decode(body)))
    name, role = f"{event.about}:{heard.acquirer}:{heard.key}", event.actor.role.value
    await write_log(connection, heard.city, "intake", name, event.at, role, event.actor.id, [line])
    return True


class Event(Struct, frozen=True, kw_only=True):
    """What the log says of it."""

    name: str
    about: str
    """The first part of its identifier in the log."""
    at: datetime
    actor: Actor
    body: Mapping[str, int]
