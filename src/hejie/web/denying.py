"""What the portals share about "not my sale": the reasons in words, and who is meant by what was typed."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.disputes.commands import Named
from hejie.disputes.denying import Denial, DenialReason
from hejie.disputes.model import Dispute
from hejie.edge.limits import Limit
from hejie.edge.words import mark
from hejie.queries.parties import find_party, party_names
from hejie.store.pool import Connection
from hejie.web.shell import Visit

LOOK_UPS = Limit("party-look-ups", 20, 3600)
"""Merchants that one visitor asks for by name."""
REASONS: Mapping[DenialReason, str] = {
    DenialReason.not_our_shop: mark("This was not bought at our shop"),
    DenialReason.we_only_collect: mark("We only collect the money; a stall or shop in our house sold it"),
    DenialReason.franchisee_sold: mark("An independent shop under our brand sold it"),
    DenialReason.sold_by_tenant: mark("Somebody who rents from us sold it"),
    DenialReason.other: mark("Another reason"),
}


def reason_of(word: str) -> DenialReason:
    """One of the reasons; `Refused("denial_reason_missing")` for anything else."""
    try:
        return DenialReason(word)
    except ValueError:
        raise Refused("denial_reason_missing") from None


async def typed_party(visit: Visit) -> Named | None:
    """The merchant that was typed: credit code (and shop), or name and shop; None where nothing was.

    Errors: `Refused("party_not_found")` unless exactly one bears these very names, `("rate_limited")`.
    """
    code, name, shop = (visit.form.word(field).strip() for field in ("party_code", "party_name", "party_shop"))
    if not (code or name or shop):
        return None
    await visit.limit(LOOK_UPS, visit.viewer.person)
    async with visit.connection() as connection:
        found = await find_party(connection, visit.city, code, name, shop)
    if found is None:
        raise Refused("party_not_found")
    return Named(merchant=found[0], shop=found[1])


class Denied(Struct, frozen=True, kw_only=True):
    """An open denial, for the officer who decides."""

    denial: Denial
    reason: str
    named: tuple[str, str, str, str] | None
    """The named party: name, credit code, shop, address."""
    moves: bool
    """Whether the dispute can go to another merchant here."""


async def denied(visit: Visit, connection: Connection, dispute: Dispute) -> Denied | None:
    """What there is to decide; None where nothing is denied."""
    denial = dispute.denial
    if denial is None:
        return None
    named = await party_names(connection, visit.city, denial.to.merchant, denial.to.shop) if denial.to else None
    return Denied(denial=denial, reason=visit.say(REASONS[denial.reason]), named=named, moves=dispute.may_move)
