"""What a case link may give away: beyond the merchant's limit it needs a one-time code."""

from __future__ import annotations

from hejie.access import must_afford
from hejie.base.errors import Refused
from hejie.desk.act import Once, subject_of
from hejie.edge import one_time
from hejie.merchants.contacts import code_contact
from hejie.queries import merchant as mine
from hejie.queries.officer import phone_of
from hejie.web.merchant.case import View
from hejie.web.shell import Visit

ASKED = frozenset({"code_needed", "code_wrong", "rate_limited"})
"""Refusals after which the page shows the field for the code."""


async def must_be_within(visit: Visit, found: View, cost_fen: int, once: Once) -> None:
    """Let an answer pass that costs so much, in fen; a request answered before passes, its answer stands.

    Errors: `Refused` with `code_needed` when a code was just sent, `code_wrong`, `rate_limited`,
    `contact_unregistered`.
    """
    merchant = found.seat.merchant
    if not merchant.needs_code(cost_fen):
        must_afford(visit.actor, merchant, cost_fen)
        return
    async with visit.connection() as connection:
        if await mine.answered_before(connection, visit.city, visit.actor, once.key):
            return
    phone = await registered_phone(visit, found)
    if not phone:
        raise Refused("contact_unregistered")
    vault, typed = visit.house.vaults(visit.city), visit.form.word("code")
    purpose, subject = f"answer:{found.dispute.id}", vault.handle("phone", phone)
    if not typed or visit.form.has("resend"):
        await one_time.ask(
            visit.house,
            visit.city,
            purpose=purpose,
            subject=subject,
            phone=phone,
            language=visit.language,
            address=visit.address,
        )
        raise Refused("code_needed")
    await one_time.check(visit.house.pool, vault, visit.city, purpose=purpose, subject=subject, code=typed)
    must_afford(visit.actor, merchant, cost_fen, confirmed=True)


async def registered_phone(visit: Visit, found: View) -> str:
    """The number to which this dispute's codes go (E.164), empty where none is registered."""
    merchant = found.seat.merchant
    vault, now = visit.house.vaults(visit.city), visit.house.clock.now()
    contact = code_contact(merchant.contacts, found.dispute.shop, now)
    content = contact.content if contact else ""
    async with visit.connection() as connection:
        return await phone_of(connection, vault, visit.city, subject_of("merchant", merchant.id), content)
