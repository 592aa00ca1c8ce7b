"""Tells a merchant what was decided on the payment code that it asked for; where nothing arrives, a person is asked."""

from __future__ import annotations

from hejie.connectors.sms.protocol import Message
from hejie.desk.act import subject_of
from hejie.duties.items import open_item
from hejie.duties.outgoing import hand_over
from hejie.duties.tools import Tools
from hejie.duties.wording import compose_paycode
from hejie.merchants.contacts import Channel
from hejie.queries.merchant import read_merchant
from hejie.queries.paycodes import read_paycode
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import Work

UNTOLD = "paycode_untold"
"""The kind of item where no number of the merchant's takes the message."""


async def tell_paycode(work: Work, tools: Tools) -> None:
    """Send it to the shop's numbers in their order until one takes it, to each under a key of its own.

    Errors: `Unknown` and `Refused` of the provider, and `LaterError`: the same message goes again.
    """
    for message in await _messages(work, tools):
        if await hand_over(tools, work.city, message) is not None:
            return
    await open_item(tools, work.city, UNTOLD, work.noun, work.subject, work.payload)


async def _messages(work: Work, tools: Tools) -> list[Message]:
    city, told = work.city, work.payload
    async with city_transaction(tools.pool, city) as connection:
        named = await read_paycode(connection, city, work.subject)
        merchant = await read_merchant(connection, city, named.paycode.merchant)
        rungs = [each for each in merchant.ladder(named.paycode.shop) if each.channel.is_number]
        subject, wanted = subject_of("merchant", merchant.id), [each.content for each in rungs]
        found = await read_contents(connection, tools.vaults(city), city, subject, wanted)
        settings = await settings_at(connection, city, work.due_at)
    page = f"{tools.settings.public_url.rstrip('/')}/{city}/merchant/paycode"
    return [
        compose_paycode(
            told["what"],
            named.shop_name,
            settings,
            key=f"{city}-{work.id}-{each.id}",
            to=found[each.content][1].decode(),
            link="" if each.channel is Channel.voice else page,
        )
        for each in rungs
        if each.content in found
    ]
