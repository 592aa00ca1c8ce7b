"""How a step between the cities changes the row."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.disputes import homing_events as he
from hejie.disputes.away import Away
from hejie.disputes.model import Dispute, OfferStatus, Road


def homed(dispute: Dispute, event: he.HomingEvent) -> Dispute:
    """The row after the event; what stands in the record is not touched while the dispute is away."""
    changed = _changed(dispute, event)
    return replace(changed, homing=dispute.homing + 1)


def _changed(dispute: Dispute, event: he.HomingEvent) -> Dispute:
    away = dispute.away
    match event:
        case he.Leaving():
            leaves = Away(handover=event.handover, to=event.to, since=event.at)
            return replace(dispute, away=leaves, turn=event.turn)
        case he.Stayed():
            return replace(dispute, away=None)
        case he.Left():
            return replace(dispute, home=event.to, away=replace(away, gone=True) if away else None)
        case he.Followed(number=number, summary=summary):
            now = replace(away, heard=number, summary=summary) if away else None
            return replace(dispute, home=summary.home, away=now)
        case he.Arrived():
            return _arrived(dispute, event)
        case _:
            assert_never(event)


def _arrived(dispute: Dispute, event: he.Arrived) -> Dispute:
    """Officers, and what the merchant had offered under another city's eyes, bind nobody here."""
    offers = tuple(
        replace(offer, road=event.claim_road)
        if offer.id == "claim"
        else replace(offer, status=OfferStatus.replaced)
        if offer.status is OfferStatus.open and offer.by is Role.merchant and offer.road is not Road.by_hand
        else offer
        for offer in dispute.offers
    )
    return replace(
        dispute,
        city=event.city,
        home=event.city,
        turn=event.turn,
        arrived=event.handover,
        sent_by=event.sender,
        away=None,
        consumer=event.consumer,
        merchant=event.merchant,
        shop=event.shop,
        district=event.district,
        due=event.due,
        offers=offers,
        officer="",
        authority="",
        offered_to="",
        offered_by="",
        under=None,
        denial=None,
        bidding=None,
        report="",
        unreached_at=None,
        reached_at=None,
    )
