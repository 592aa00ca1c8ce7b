"""Asks a merchant that has not joined to do so, by one text message; a number that is refused becomes a work item."""

from __future__ import annotations

from datetime import datetime

from hejie.connectors.sms.protocol import Message
from hejie.desk.act import subject_of
from hejie.duties.items import open_item
from hejie.duties.outgoing import hand_over
from hejie.duties.tools import Tools
from hejie.duties.wording import compose_invitation
from hejie.merchants.model import State
from hejie.queries.merchant import read_merchant
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import Work


async def invite(work: Work, tools: Tools) -> None:
    """Send one invitation under this task's own key; none to who has joined meanwhile or whose number is erased.

    The settings of the invitation's own instant decide on the words, so that every attempt says the same.
    Errors: `Unknown` and `Refused` of the provider; the same message goes again.
    """
    message = await _message(work, tools)
    if message is None:
        return
    if await hand_over(tools, work.city, message) is None:
        await open_item(tools, work.city, "invitation_refused", work.noun, work.subject, {})


async def _message(work: Work, tools: Tools) -> Message | None:
    city, told = work.city, work.payload
    async with city_transaction(tools.pool, city) as connection:
        merchant = await read_merchant(connection, city, work.subject)
        subject = subject_of("merchant", merchant.id)
        found = await read_contents(connection, tools.vaults(city), city, subject, [told["contact"]])
        settings = await settings_at(connection, city, datetime.fromisoformat(told["at"]))
    if merchant.state is not State.invited or not found:
        return None
    return compose_invitation(
        merchant.name,
        settings,
        campaign=bool(told["campaign"]),
        key=f"{city}-{work.id}",
        to=found[told["contact"]][1].decode(),
        link=f"{tools.settings.public_url.rstrip('/')}/{city}/join",
    )
