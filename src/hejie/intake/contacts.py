"""A person's number or e-mail address for messages, sealed under the person; nothing else of it is kept."""

from __future__ import annotations

from datetime import datetime

from hejie.base.seals import Vault
from hejie.store.contents import open_data_key
from hejie.store.pool import Connection
from hejie.store.writing import write_content

CONTACT = "phone"
"""The content's identifier under the person; its kind says whether it is a number or an address."""


_SPEAKS = "update person set language = %s where city = %s and id = %s and language <> %s"


async def keep_language(connection: Connection, city: str, person: str, language: str) -> None:
    """Keep the language in which a person reads the pages now: messages come in it."""
    await connection.execute(_SPEAKS, [language, city, person, language])


async def keep_contact(
    connection: Connection, vault: Vault, city: str, person: str, contact: str, now: datetime
) -> None:
    """Keep a number (E.164) or an e-mail address in place of any before."""
    subject = f"person:{person}"
    key = await open_data_key(connection, vault, city, subject)
    forget = "delete from content where city = %s and subject = %s and id = %s"
    await connection.execute(forget, [city, subject, CONTACT])
    sealed = vault.seal(key, f"content/{subject}/{CONTACT}", contact.encode())
    kind = "email" if "@" in contact else "phone"
    await write_content(connection, city, subject, now, [(CONTACT, kind, sealed)])
