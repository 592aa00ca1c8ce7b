"""A merchant that has just registered gets the payment numbers that acquirers have announced for it."""

from __future__ import annotations

from hejie.desk.announcing import take_waiting
from hejie.duties.items import open_item
from hejie.duties.tools import Tools
from hejie.worker import Work


async def take_announced(work: Work, tools: Tools) -> None:
    """Bind what waited for the merchant; what cannot be bound goes to a person, one item each."""
    for acquirer, line, why in await take_waiting(tools.desk, work.city, work.subject):
        body = {"account": acquirer, "number": line.identity.number, "merchant": work.subject, "why": why}
        subject = f"{acquirer}:{line.identity.key}"
        await open_item(tools, work.city, "announced_rejected", "merchant", subject, body)
