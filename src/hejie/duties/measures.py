"""Measures against merchants: the message before, and the work item of an inspection once it takes effect."""

from __future__ import annotations

from hejie.desk.act import subject_of
from hejie.duties.items import open_item
from hejie.duties.outgoing import hand_over
from hejie.duties.tools import Tools
from hejie.duties.wording import compose_appeal, compose_measure
from hejie.merchants.measures import Phase
from hejie.queries.measures import read_measure
from hejie.queries.merchant import read_merchant
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import Work


async def tell_measure(work: Work, tools: Tools) -> None:
    """Send one such message, the same at every try; without a number that takes it, a person has to tell the merchant.

    Errors: `Unknown` and `Refused` of the provider; `LaterError` where its limits say so.
    """
    await _tell(work, tools, "measure_untold")


async def tell_appeal(work: Work, tools: Tools) -> None:
    """Tell the merchant that its appeal is answered; errors, and what follows without a number, as `tell_measure`."""
    await _tell(work, tools, "appeal_untold")


async def _tell(work: Work, tools: Tools, untold: str) -> None:
    """`untold` is the kind of the work item where no message can go out."""
    city, answered = work.city, untold == "appeal_untold"
    async with city_transaction(tools.pool, city) as connection:
        row = await read_measure(connection, city, work.subject)
        merchant = await read_merchant(connection, city, row.merchant)
        number = merchant.number_for("")
        found = await read_contents(
            connection, tools.vaults(city), city, subject_of("merchant", merchant.id), [number] if number else []
        )
        settings = await settings_at(connection, city, row.announced_at)
    if row.ended_at is not None and not answered:
        return
    if number in found:
        to, link = found[number][1].decode(), f"{tools.settings.public_url.rstrip('/')}/{city}/merchant/measures"
        told = compose_appeal if answered else compose_measure
        message = told(merchant.name, row.appeal_until, settings, key=f"{city}-{work.id}", to=to, link=link)
        if await hand_over(tools, city, message) is not None:
            return
    await open_item(tools, city, untold, "merchant", merchant.id, {})


async def inspect(work: Work, tools: Tools) -> None:
    """Open the work item of an inspection that is in effect; one that was taken back opens none."""
    async with city_transaction(tools.pool, work.city) as connection:
        row = await read_measure(connection, work.city, work.subject)
    if row.phase(tools.clock.now()) is Phase.in_effect:
        await open_item(tools, work.city, "measure_inspection", "merchant", row.merchant, {"measure": row.id})
