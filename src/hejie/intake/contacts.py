"""A person's phone number for messages, sealed under the person; nothing else of it is kept."""

from __future__ import annotations

from datetime import datetime

from hejie.base.seals import Vault
from hejie.store.contents import open_data_key
from hejie.store.pool import Connection
from hejie.store.writing import write_content

PHONE = "phone"
"""The content's identifier under the person."""


async def keep_phone(connection: Connection, vault: Vault, city: str, person: str, phone: str, now: datetime) -> None:
    """Keep a number (E.164) in place of any before."""
    subject = f"person:{person}"
    key = await open_data_key(connection, vault, city, subject)
    await connection.execute("delete from content where city = %s and subject = %s and id = %s", [city, subject, PHONE])
    sealed = vault.seal(key, f"content/{subject}/{PHONE}", phone.encode())
    await write_content(connection, city, subject, now, [(PHONE, "phone", sealed)])
