"""Tells the numbers in use that another one was added or taken away: whoever lost an account hears of it there."""

from __future__ import annotations

from hejie.desk.act import subject_of
from hejie.duties import outgoing
from hejie.duties.tools import Tools
from hejie.duties.wording import compose_change
from hejie.queries.merchant import read_merchant
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import Work


async def tell_contact(work: Work, tools: Tools) -> None:
    """Send one such message, the same at every try.

    Errors: `Unknown` and `Refused` of the provider; `LaterError` where its limits say so.
    """
    city, told, key = work.city, work.payload, f"{work.city}-{work.id}"
    subject = subject_of("merchant", work.subject)
    async with city_transaction(tools.pool, city) as connection:
        merchant = await read_merchant(connection, city, work.subject)
        contact = merchant.contact(told["contact"])
        wanted = [told["to"], contact.content if contact else told["contact"]]
        found = await read_contents(connection, tools.vaults(city), city, subject, wanted)
        settings = await settings_at(connection, city, work.due_at)
    if told["to"] not in found:
        return
    tail = found[wanted[1]][1].decode()[-2:] if wanted[1] in found else ""
    to = found[told["to"]][1].decode()
    message = compose_change(told["what"], merchant.name, tail, settings, key=key, to=to)
    await outgoing.hand_over(tools, city, message)
