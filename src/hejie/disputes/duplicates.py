"""Which other cases are likely the same complaint that came in by another road, and by what evidence."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.disputes.model import Dispute, Origin

WINDOW = timedelta(days=30)
"""Cases that were filed further apart are not compared."""


class Evidence(StrEnum):
    """Why two cases may be the same complaint, the strongest first."""

    payment = "payment"
    """They name the same payment."""
    contact = "contact"
    """They were filed with the same phone number."""
    purchase = "purchase"
    """The same merchant, the same amount, paid on the same day in Shanghai."""


class Likely(Struct, frozen=True, kw_only=True):
    """One case that may be the same complaint."""

    dispute: Dispute
    evidence: tuple[Evidence, ...]
    number: str = ""
    """What 12315 calls it, where it was handed there."""


def came_in(other: Dispute, *, linked: bool) -> bool:
    """Whether a case came by another road: a helper's office, a wallet, 12315; `linked` where an officer noted so."""
    handed = other.handoff is not None and bool(other.handoff.number)
    return linked or handed or other.assist is not None or other.origin is Origin.wallet


def evidence(one: Dispute, other: Dispute, *, same_contact: bool) -> tuple[Evidence, ...]:
    """Why two cases may be the same; nothing for a case and itself, or for two filed too far apart.

    `same_contact` tells that the keyed digests of their phone numbers are the same.
    """
    if one.id == other.id or abs(one.filed_at - other.filed_at) > WINDOW:
        return ()
    trades = {paid.trade_no for paid in one.payments} & {paid.trade_no for paid in other.payments}
    bought = one.merchant == other.merchant and bool(_purchases(one) & _purchases(other))
    found = {Evidence.payment: bool(trades - {""}), Evidence.contact: same_contact, Evidence.purchase: bought}
    return tuple(each for each, there in found.items() if there)


def _purchases(dispute: Dispute) -> set[tuple[int, str]]:
    return {(paid.paid_fen, f"{paid.paid_at.astimezone(SHANGHAI):%Y%m%d}") for paid in dispute.payments}
