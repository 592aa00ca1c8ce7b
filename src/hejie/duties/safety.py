"""Tells the duty phone of a district that a safety report waits; nobody on duty becomes a work item."""

from __future__ import annotations

from hejie.connectors.sms.protocol import Message
from hejie.duties.items import open_item
from hejie.duties.outgoing import hand_over
from hejie.duties.tools import Tools
from hejie.duties.wording import compose_safety
from hejie.queries.safety import read_report
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import Work


async def tell_duty(work: Work, tools: Tools) -> None:
    """Send one message under this task's own key; it names the kind of danger and the district, nothing personal.

    The settings in force when the report came decide on number and words, so that every attempt says the same.
    Errors: `Unknown` and `Refused` of the provider; the same message goes again.
    """
    message = await _message(work, tools)
    if message is None or await hand_over(tools, work.city, message) is None:
        await open_item(tools, work.city, "nobody_on_duty", work.noun, work.subject, {})


async def _message(work: Work, tools: Tools) -> Message | None:
    async with city_transaction(tools.pool, work.city) as connection:
        report = await read_report(connection, work.city, work.subject)
        settings = await settings_at(connection, work.city, report.reported_at)
    phone = settings.safety.duty_phone(work.city, report.district)
    if not phone:
        return None
    link = f"{tools.settings.public_url.rstrip('/')}/{work.city}/officer/safety/{report.id}"
    return compose_safety(report, settings, key=f"{work.city}-{work.id}", to=phone, link=link)
