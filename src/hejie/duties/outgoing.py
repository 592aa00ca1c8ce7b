"""Messages on their way out: sealed before the first attempt, so that every attempt says the same, then forgotten."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hejie.base.seals import Vault
from hejie.connectors.sms.protocol import Message
from hejie.store.contents import open_data_key, read_content
from hejie.store.pool import Connection
from hejie.store.writing import write_content

_MESSAGE = "message"
_FORGET = (
    "delete from content where city = %s and subject = %s",
    "delete from data_key where city = %s and subject = %s",
)


async def keep(connection: Connection, vault: Vault, city: str, subject: str, now: datetime, message: Message) -> None:
    """Seal a message under a data key of its own."""
    key = await open_data_key(connection, vault, city, subject)
    sealed = vault.seal(key, f"content/{subject}/{_MESSAGE}", msgspec.json.encode(message))
    await write_content(connection, city, subject, now, [(_MESSAGE, "message", sealed)])


async def kept(connection: Connection, vault: Vault, city: str, subject: str) -> Message:
    """The message sealed before; `Missing("content_unknown")` if it was forgotten."""
    _, plain = await read_content(connection, vault, city, subject, _MESSAGE)
    return msgspec.json.decode(plain, type=Message)


async def forget(connection: Connection, city: str, subject: str) -> None:
    """Destroy everything sealed under a subject, its key included."""
    for statement in _FORGET:
        await connection.execute(statement, [city, subject])
