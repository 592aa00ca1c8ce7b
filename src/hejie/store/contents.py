"""Sealed content and the data keys under which it lies."""

from __future__ import annotations

from collections.abc import Sequence

from hejie.base.errors import Missing
from hejie.base.seals import Vault
from hejie.store.pool import Connection
from hejie.store.writing import Writes


async def open_data_key(connection: Connection, vault: Vault, city: str, subject: str) -> bytes:
    """A subject's data key, made at its first use; two writers at once end with one key."""
    cursor = await connection.execute("select wrapped from data_key where city = %s and subject = %s", [city, subject])
    row = await cursor.fetchone()
    if row is not None:
        return vault.unwrap(row[0])
    plain, wrapped = vault.new_data_key()
    cursor = await connection.execute(
        "insert into data_key values (%s, %s, %s) on conflict (city, subject) do nothing returning wrapped",
        [city, subject, wrapped],
    )
    if await cursor.fetchone() is not None:
        return plain
    return await open_data_key(connection, vault, city, subject)


async def first_data_key(writes: Writes, vault: Vault, city: str, subject: str) -> bytes:
    """The data key of a subject that has none yet, without asking; a uniqueness error where it has one."""
    plain, wrapped = vault.new_data_key()
    await writes.execute("insert into data_key values (%s, %s, %s)", [city, subject, wrapped])
    return plain


async def read_data_key(connection: Connection, vault: Vault, city: str, subject: str) -> bytes:
    """A subject's data key; `Missing("content_unknown")` where it was destroyed or never was."""
    cursor = await connection.execute("select wrapped from data_key where city = %s and subject = %s", [city, subject])
    row = await cursor.fetchone()
    if row is None:
        raise Missing("content_unknown")
    return vault.unwrap(row[0])


async def read_contents(
    connection: Connection, vault: Vault, city: str, subject: str, identifiers: Sequence[str]
) -> dict[str, tuple[str, bytes]]:
    """Content in plain, identifier → (kind, bytes); erased content is left out."""
    if not identifiers:
        return {}
    cursor = await connection.execute("select wrapped from data_key where city = %s and subject = %s", [city, subject])
    row = await cursor.fetchone()
    if row is None:
        return {}
    key = vault.unwrap(row[0])
    cursor = await connection.execute(
        "select id, kind, sealed from content where city = %s and subject = %s and id = any(%s)",
        [city, subject, list(identifiers)],
    )
    return {
        identifier: (kind, vault.open(key, f"content/{subject}/{identifier}", sealed))
        for identifier, kind, sealed in await cursor.fetchall()
    }


async def read_content(
    connection: Connection, vault: Vault, city: str, subject: str, identifier: str
) -> tuple[str, bytes]:
    """One piece of content as (kind, bytes); `Missing` if it is unknown or erased."""
    found = await read_contents(connection, vault, city, subject, [identifier])
    if identifier not in found:
        raise Missing("content_unknown")
    return found[identifier]


async def erase(connection: Connection, city: str, subject: str) -> None:
    """Destroy everything sealed under a subject, its key included."""
    await connection.execute("delete from content where city = %s and subject = %s", [city, subject])
    await connection.execute("delete from data_key where city = %s and subject = %s", [city, subject])
