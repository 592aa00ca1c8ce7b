"""What an answer of the merchant's side gives away, in fen."""

from __future__ import annotations

from hejie.disputes import commands as c
from hejie.disputes.model import NEEDS_AMOUNT, Dispute, Remedy


def cost_of(dispute: Dispute, remedy: Remedy, amount_fen: int) -> int:
    """What a remedy gives away: refunds and compensation; deeds and goods have no price here."""
    if remedy not in NEEDS_AMOUNT:
        return 0
    return dispute.left_fen if remedy is Remedy.refund_full and not amount_fen else amount_fen


def cost_of_answer(dispute: Dispute, command: object) -> int:
    """What a command gives away; 0 for words, and for an offer that is unknown and so will be refused."""
    match command:
        case c.MakeOffer(remedy=Remedy.refund_full):
            return dispute.left_fen
        case c.MakeOffer(remedy=remedy, amount_fen=amount):
            return cost_of(dispute, remedy, amount)
        case c.AcceptOffer(offer=identifier):
            offer = dispute.offer(identifier)
            return cost_of(dispute, offer.remedy, offer.amount_fen) if offer else 0
        case _:
            return 0
