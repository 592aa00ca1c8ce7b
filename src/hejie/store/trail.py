"""The trail: one line for every view of a case by an officer and every act; it is only added to."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.store.pool import Connection

_WRITE = "insert into trail (city, id, at, person, act, noun, subject, result) values (%s, %s, %s, %s, %s, %s, %s, %s)"


class TrailLine(Struct, frozen=True, kw_only=True):
    """Who, what, when: no word of a case."""

    id: str
    at: datetime
    person: str
    """An officer's identifier, or `hejie` for the operator's command line."""
    act: str
    """The page's or act's own name."""
    noun: str
    subject: str
    result: str
    """`seen`, `done`, or the code with which it was refused."""


async def write_trail(connection: Connection, city: str, line: TrailLine) -> None:
    """Add one line."""
    values = [line.id, line.at, line.person, line.act, line.noun, line.subject, line.result]
    await connection.execute(_WRITE, [city, *values])
