"""Messages on their way out: sealed before the first attempt, so that every attempt says the same, then forgotten."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hejie.base.errors import Refused, Unknown
from hejie.base.seals import Vault
from hejie.connectors.email.protocol import Letter
from hejie.connectors.sms.protocol import Message
from hejie.duties.tools import Tools
from hejie.store.contents import erase, open_data_key, read_content
from hejie.store.pool import Connection
from hejie.store.writing import write_content
from hejie.worker import LaterError

_MESSAGE, _LETTER = "message", "letter"
NEVER = "sms_message_refused"
"""The provider's no to this very message; every other refusal is ours to mend, and tried again."""
_NEVER = frozenset({NEVER, "email_refused"})
_FORGET = (
    "delete from content where city = %s and subject = %s",
    "delete from data_key where city = %s and subject = %s",
)


async def keep(
    connection: Connection, vault: Vault, city: str, subject: str, now: datetime, message: Message | Letter
) -> None:
    """Seal a message under a data key of its own."""
    key = await open_data_key(connection, vault, city, subject)
    sealed = vault.seal(key, f"content/{subject}/{_MESSAGE}", msgspec.json.encode(message))
    kind = _LETTER if isinstance(message, Letter) else _MESSAGE
    await write_content(connection, city, subject, now, [(_MESSAGE, kind, sealed)])


async def kept(connection: Connection, vault: Vault, city: str, subject: str) -> Message | Letter:
    """The message sealed before; `Missing("content_unknown")` if it was forgotten."""
    kind, plain = await read_content(connection, vault, city, subject, _MESSAGE)
    if kind == _LETTER:
        return msgspec.json.decode(plain, type=Letter)
    return msgspec.json.decode(plain, type=Message)


async def hand_over(tools: Tools, city: str, message: Message | Letter) -> str | None:
    """Give a message to the city's provider of its kind: its identifier there, or None for its no to this very message.

    Errors: `Unknown` and every other `Refused` of the provider, which are ours or its to mend: the same message goes
    again; `LaterError` where its limits say so.
    """
    try:
        if isinstance(message, Letter):
            return await tools.mail(city).send(message)
        return await tools.sms(city).send(message)
    except Unknown as error:
        if error.code != "sms_limit":
            raise
        raise LaterError(float(str(error.facts["seconds"]))) from error
    except Refused as error:
        if error.code not in _NEVER:
            raise
        return None


async def forget(connection: Connection, city: str, subject: str) -> None:
    """Destroy everything sealed under a subject, its key included."""
    await erase(connection, city, subject)
