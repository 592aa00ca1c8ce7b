"""Sends a one-time code; number and code lie sealed until then, and nowhere afterwards."""

from __future__ import annotations

from datetime import timedelta

from hejie.connectors.email.protocol import Letter
from hejie.connectors.sms.protocol import Message
from hejie.desk.act import subject_of
from hejie.duties import outgoing
from hejie.duties.letters import code_letter
from hejie.duties.tools import Tools
from hejie.duties.wording import compose_code
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import Work


async def notify_code(work: Work, tools: Tools) -> None:
    """Send the code of a task with noun `code`, subject ID and payload {language, minutes}.

    Under the subject `code:ID` lie the contents `phone` (E.164, or an e-mail address) and `code`; where there are none
    nothing is sent, so that an unknown number costs the asker's request the same. A code is not sent once its minutes
    are over.
    Errors: `Unknown` and `Refused` of the provider; the same message goes again.
    """
    message = await _ready(work, tools)
    if message is None:
        return
    if tools.clock.now() < work.due_at + timedelta(minutes=work.payload["minutes"]):
        await outgoing.hand_over(tools, work.city, message)
    async with city_transaction(tools.pool, work.city) as connection:
        await outgoing.forget(connection, work.city, subject_of("code", work.subject))


async def _ready(work: Work, tools: Tools) -> Message | Letter | None:
    subject = subject_of("code", work.subject)
    async with city_transaction(tools.pool, work.city) as connection:
        vault = tools.vaults(work.city)
        found = await read_contents(connection, vault, work.city, subject, ["phone", "code"])
        if not found:
            return None
        settings = await settings_at(connection, work.city, work.due_at)
    phone, code = (found[name][1].decode() for name in ("phone", "code"))
    message = compose_code(
        code,
        work.payload["minutes"],
        work.payload["language"],
        settings.sms_signature,
        key=f"{work.city}-{work.id}",
        to=phone,
    )
    return code_letter(message, work.payload["language"]) if "@" in phone else message
