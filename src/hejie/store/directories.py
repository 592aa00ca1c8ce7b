"""The versions of the alliance's directory that a city has taken."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import lru_cache

import msgspec

from hejie.alliance.directory import Directory, SignedDirectory, read_directory
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.seals import canonical
from hejie.store.pool import Connection

_PRESENT = "select body::text from alliance_directory where city = %s order by version desc limit 1"
_FIRST = "select min(applied_at) from alliance_directory where city = %s"
_KEEP = """
insert into alliance_directory (city, version, digest, body, expires_at, applied_at)
values (%s, %s, %s, %s::jsonb, %s, %s) on conflict do nothing
"""


async def present_file(connection: Connection, city: str) -> SignedDirectory | None:
    """The newest version, as it goes round; None before the first."""
    row = await (await connection.execute(_PRESENT, [city])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=SignedDirectory)


async def present(connection: Connection, city: str) -> Directory | None:
    """The newest version; None before the first."""
    row = await (await connection.execute(_PRESENT, [city])).fetchone()
    return None if row is None else _read(row[0])


@lru_cache(maxsize=32)
def _read(body: str) -> Directory:
    """Read once, for every letter asks for it."""
    return read_directory(msgspec.json.decode(body, type=SignedDirectory).directory)


async def in_force(connection: Connection, city: str, now: datetime) -> Directory:
    """The directory to go by; `Refused("directory_missing" | "directory_expired")`."""
    found = await present(connection, city)
    if found is None:
        raise Refused("directory_missing")
    found.must_hold(now)
    return found


async def joined_on(connection: Connection, city: str) -> date | None:
    """The day in Shanghai on which a city took its first version; none before."""
    row = await (await connection.execute(_FIRST, [city])).fetchone()
    return row[0].astimezone(SHANGHAI).date() if row and row[0] else None


async def keep(connection: Connection, city: str, file: SignedDirectory, now: datetime) -> None:
    """Store a version that `alliance.directory.successor` has let in."""
    found = read_directory(file.directory)
    digest = hashlib.sha256(canonical(file.directory)).digest()
    body = msgspec.json.encode(file).decode()
    await connection.execute(_KEEP, [city, found.version, digest, body, found.expires_at, now])
