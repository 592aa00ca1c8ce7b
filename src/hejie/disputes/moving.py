"""How a denial, and a move to another merchant, change the row."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.disputes import denial_events as n
from hejie.disputes.denying import Denial, Former
from hejie.disputes.model import Dispute, OfferStatus


def denied(dispute: Dispute, event: n.DenialEvent) -> Dispute:
    """The row after an event around a denial."""
    now = dispute.denial
    match event:
        case n.SaleDenied():
            denial = Denial(
                by=event.by,
                reason=event.reason,
                at=event.at,
                to=event.to,
                until=event.until,
                with_officer=event.until is None,
            )
            named = (*dispute.named, event.to.merchant) if event.to else dispute.named
            return replace(dispute, denial=denial, named=named, denied_by=(*dispute.denied_by, event.by))
        case n.PartyRefused():
            return _refused(dispute, now)
        case n.PartySilent():
            return replace(dispute, denial=replace(now, with_officer=True) if now else None)
        case n.DenialJudged(upheld=upheld):
            if event.moves:
                return dispute
            falsely = dispute.denied_falsely if upheld or now is None else now.by
            return replace(dispute, denial=None, denied_falsely=falsely)
        case n.Moved():
            return _moved(dispute, event)
        case _:
            assert_never(event)


def _refused(dispute: Dispute, now: Denial | None) -> Dispute:
    """The named party has had its one word on whose sale it was."""
    if now is None or now.to is None:
        return dispute
    refused = replace(now, with_officer=True, refused=True)
    return replace(dispute, denial=refused, denied_by=(*dispute.denied_by, now.to.merchant))


def _moved(dispute: Dispute, event: n.Moved) -> Dispute:
    """State and due time stay; what the former merchant has offered binds nobody any more.

    Where an officer finds that it was the sale of who refused it, that was a false denial too.
    """
    to, now = event.to, dispute.denial
    untrue = now is not None and now.refused and now.to is not None and now.to.merchant == to.merchant
    gone = Former(merchant=dispute.merchant, shop=dispute.shop, version=dispute.version)
    offers = tuple(
        replace(offer, road=event.claim_road)
        if offer.id == "claim"
        else replace(offer, status=OfferStatus.replaced)
        if offer.status is OfferStatus.open and offer.by is Role.merchant
        else offer
        for offer in dispute.offers
    )
    return replace(
        dispute,
        merchant=to.merchant,
        shop=to.shop,
        district=to.district or dispute.district,
        offers=offers,
        bidding=None,
        denial=None,
        under=None,
        denied_falsely=to.merchant if untrue else dispute.denied_falsely,
        former=(*dispute.former, gone),
        named=(*dispute.named, to.merchant) if to.merchant not in dispute.named else dispute.named,
        unreached_at=None,
        reached_at=None,
    )


def settled_otherwise(dispute: Dispute) -> Dispute:
    """A denial is over where the merchant has agreed to something, or the dispute has ended."""
    if dispute.denial is None or (dispute.is_open and not dispute.agreed):
        return dispute
    return replace(dispute, denial=None)
