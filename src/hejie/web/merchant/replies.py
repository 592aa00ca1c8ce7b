"""Prepared replies, filled from a dispute in the language of its consumer."""

from __future__ import annotations

from hejie.base.errors import Refused
from hejie.disputes.model import Dispute
from hejie.edge import words
from hejie.merchants.office import Reply, filled
from hejie.store.pool import Connection
from hejie.web import story_labels

_LANGUAGES = "select id, language from person where city = %s and id = any(%s)"


async def languages(connection: Connection, city: str, persons: list[str]) -> dict[str, str]:
    """The language in which each of these consumers reads: `en`, or `zh` for every other."""
    rows = await (await connection.execute(_LANGUAGES, [city, persons])).fetchall()
    return {str(person): "en" if str(language).startswith("en") else "zh" for person, language in rows}


def values(language: str, dispute: Dispute, shop: str) -> dict[str, str]:
    """What a reply's fields stand for; empty where the dispute has nothing."""
    return {
        "shop": shop,
        "item": next((paid.item for paid in dispute.payments if paid.item), ""),
        "paid": words.money(sum(paid.paid_fen for paid in dispute.payments)),
        "claim": story_labels.terms(language, dispute.claim),
        "number": dispute.payments[0].trade_no if dispute.payments else "",
        "due": words.instant(language, dispute.due.at) if dispute.due else "",
    }


def reply_to(reply: Reply, language: str, dispute: Dispute, shop: str) -> str:
    """The whole text; `Refused("reply_unfilled", field)` where something is lacking or would look like a field."""
    text = filled(reply.within(language), values(language, dispute, shop))
    if "{" in text or "}" in text:
        raise Refused("reply_unfilled", field="{}")
    return text
