"""Blind bids: both name a secret limit; limits that meet settle at the middle, others are never shown."""

from __future__ import annotations

from hejie.base import blind
from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.bidding import Bidding, place
from hejie.disputes.ground import Ground, best_road, must_be, must_be_in
from hejie.disputes.model import Dispute, Offer, Remedy
from hejie.disputes.performing import must_be_ours
from hejie.disputes.states import MERCHANT_MAY_ANSWER
from hejie.disputes.talk import agree

MOST_ROUNDS = 3
"""Rounds of one dispute."""
BLIND = "blind-"
"""How the identifier of an offer begins that two limits came to."""


def middle(consumer_fen: int, merchant_fen: int) -> int | None:
    """What two limits settle at, in fen, halves up: the middle where the merchant's most reaches the consumer's least.

    With uniform values and the linear equilibrium this rule gains 9/64 and trades in 9/32 of all cases
    (Chatterjee and Samuelson, 1983).
    """
    return (consumer_fen + merchant_fen + 1) // 2 if merchant_fen >= consumer_fen else None


def name_limit(dispute: Dispute, command: c.NameLimit, ground: Ground) -> list[e.AnyEvent]:
    """Commit to a limit, or in its stead to another one.

    Whoever names one after the other side leaves it closed for them; a limit the other side had closed for one's
    former secret can then be opened by nobody any more.
    Errors: `Refused` with `bids_over` after the last round, `nothing_left`, `bid_unclosed` where the second to name
    one leaves nothing for the other, `refund_under_way`, `step_out_of_order`, `wallet_leads`.
    """
    must_be(ground, Role.consumer, Role.merchant)
    must_be_ours(dispute)
    must_be_in(dispute, *MERCHANT_MAY_ANSWER)
    side = ground.actor.role
    now = standing(dispute)
    if now is None:
        raise Refused("bids_over", most=MOST_ROUNDS)
    if dispute.refund_under_way:
        raise Refused("refund_under_way")
    if dispute.left_fen <= 0:
        raise Refused("nothing_left", left_fen=0)
    if now.other(side) is not None and not command.closed:
        raise Refused("bid_unclosed")
    return [
        e.LimitNamed(
            at=ground.now,
            by=side,
            round=now.round,
            commitment=command.commitment,
            public=command.public,
            closed=command.closed,
        )
    ]


def standing(dispute: Dispute) -> Bidding | None:
    """The round that is open; None after the last."""
    now = dispute.bidding or Bidding(round=dispute.rounds_missed + 1)
    return now if now.round <= MOST_ROUNDS else None


def compare(dispute: Dispute, command: c.CompareLimits, ground: Ground) -> list[e.AnyEvent]:
    """Both limits are at hand: they meet, and that is the agreement, or the round is over and nothing is known.

    Errors: `Refused("bid_wrong")` for a limit that was not committed to, `("bid_missing")` before both are named.
    """
    must_be(ground, Role.consumer, Role.merchant)
    must_be_ours(dispute)
    must_be_in(dispute, *MERCHANT_MAY_ANSWER)
    now = dispute.bidding
    if now is None or now.consumer is None or now.merchant is None:
        raise Refused("bid_missing")
    for side, limit, named in (
        (Role.consumer, command.consumer, now.consumer),
        (Role.merchant, command.merchant, now.merchant),
    ):
        if limit.fen <= 0 or not blind.keeps(place(dispute.id, now.round, side), limit, named.commitment):
            raise Refused("bid_wrong")
    amount = middle(command.consumer.fen, command.merchant.fen)
    if amount is None:
        return [e.BidsMissed(at=ground.now, round=now.round, by=ground.actor.role)]
    offer = Offer(
        id=f"{BLIND}{now.round}",
        by=Role.system,
        remedy=Remedy.refund_full if amount == dispute.left_fen else Remedy.refund_part,
        amount_fen=amount,
        road=best_road(dispute, ground),
        made_at=ground.now,
    )
    return [e.BidsMet(at=ground.now, round=now.round, offer=offer), agree(dispute, offer, None, ground)]
