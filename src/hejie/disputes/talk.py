"""Talk, offers and counter-offers, up to the agreement."""

from __future__ import annotations

from datetime import datetime

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.cities.dues import Due, Rule, due
from hejie.cities.posts import must_hold
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.filing import checked_amount
from hejie.disputes.ground import Ground, answers_late, best_road, must_be, must_be_in, must_have_road
from hejie.disputes.model import REFUNDS, Dispute, Offer, OfferStatus, OrderedRefund, Remedy, Road
from hejie.disputes.states import MERCHANT_MAY_ANSWER, OPEN, State

MOST_OFFERS = 20
"""Offers one side may make in a dispute."""
PARTIES = frozenset({Role.consumer, Role.merchant})


def say(dispute: Dispute, command: c.Say, ground: Ground) -> list[e.AnyEvent]:
    """A message or evidence, while the dispute is open; an officer speaks in the case they took.

    Errors: `Refused("words_missing")` if it is empty, `("not_your_case")`.
    """
    must_be(ground, Role.consumer, Role.merchant, Role.officer, Role.wallet)
    must_be_in(dispute, *OPEN)
    if ground.actor.role is Role.officer:
        must_be_in(dispute, State.mediating)
        must_have_taken(dispute, ground)
    if not command.words and not command.pictures:
        raise Refused("words_missing")
    return [
        e.Said(
            at=ground.now,
            by=ground.actor.role,
            words=command.words,
            pictures=command.pictures,
            phrase=command.phrase if command.words else "",
        )
    ]


def answer(dispute: Dispute, command: c.Answer, ground: Ground) -> list[e.AnyEvent]:
    """The merchant's explanation or refusal: the ball is in the consumer's court."""
    must_be(ground, Role.merchant)
    must_be_in(dispute, State.awaiting_merchant, State.overdue, State.awaiting_consumer)
    if not command.words:
        raise Refused("words_missing")
    return [
        e.Answered(
            at=ground.now,
            words=command.words,
            pictures=command.pictures,
            late=answers_late(dispute, ground),
            due=confirm_clock(dispute, ground),
            reminders=confirm_reminders(dispute, ground),
        )
    ]


def make_offer(dispute: Dispute, command: c.MakeOffer, ground: Ground) -> list[e.AnyEvent]:
    """An offer by the merchant, a counter-offer by the consumer, or a proposal by the officer who took the case.

    The same identifier twice is one offer.
    Errors: `Refused` with `amount_*`, `road_not_for_remedy`, `authority_missing`,
    `payment_unproven`, `offers_too_many`, `not_your_case`, `step_out_of_order`.
    """
    role = ground.actor.role
    _may_offer(dispute, ground)
    if dispute.offer(command.id) is not None:
        return []
    if sum(offer.by is role for offer in dispute.offers) >= MOST_OFFERS:
        raise Refused("offers_too_many", most=MOST_OFFERS)
    amount = dispute.left_fen if command.remedy is Remedy.refund_full else command.amount_fen
    checked_amount(command.remedy, amount, dispute.left_fen)
    road = _road(dispute, command, ground)
    offer = Offer(
        id=command.id,
        by=role,
        remedy=command.remedy,
        amount_fen=amount,
        road=road,
        note=command.words,
        made_at=ground.now,
        due=due(Rule.offer_expires, ground.now, ground.settings),
    )
    late = role is Role.merchant and answers_late(dispute, ground)
    state, clock = _ball_to_other_side(dispute, ground)
    reminders = confirm_reminders(dispute, ground) if clock and clock.rule is Rule.consumer_confirm else ()
    return [e.Offered(at=ground.now, offer=offer, state=state, late=late, due=clock, reminders=reminders)]


def _may_offer(dispute: Dispute, ground: Ground) -> None:
    match ground.actor.role:
        case Role.merchant:
            must_be_in(dispute, *MERCHANT_MAY_ANSWER, State.mediating)
        case Role.consumer:
            must_be_in(dispute, State.awaiting_merchant, State.awaiting_consumer, State.mediating)
        case Role.officer:
            must_be_in(dispute, State.mediating)
            must_have_taken(dispute, ground)
        case _:
            raise Refused("not_allowed", role=ground.actor.role.value)


def must_have_taken(dispute: Dispute, ground: Ground) -> None:
    """`Refused("not_your_case")` unless this officer has the case, or stands in for who has it."""
    must_hold(ground.post, ground.actor.id, dispute.officer)


def _road(dispute: Dispute, command: c.MakeOffer, ground: Ground) -> Road:
    """The road an offer names; a counter-offer, a proposal and one that names none take the best that is open."""
    money_back = command.remedy in {Remedy.refund_full, Remedy.refund_part}
    if ground.actor.role is not Role.merchant or command.road is None:
        if command.remedy not in REFUNDS or dispute.unverified:
            return Road.by_hand
        return best_road(dispute, ground, by_api=money_back)
    if command.road is Road.api and not money_back:
        raise Refused("road_not_for_remedy")
    if command.road is Road.own_tool and command.remedy not in REFUNDS:
        raise Refused("road_not_for_remedy")
    must_have_road(dispute, ground, command.road)
    return command.road


def _ball_to_other_side(dispute: Dispute, ground: Ground) -> tuple[State, Due | None]:
    """Who must answer now, and by when; in mediation the officer keeps the time, in the wallet's case the wallet."""
    if dispute.state is State.mediating:
        return dispute.state, None
    if ground.actor.role is Role.merchant:
        return State.awaiting_consumer, confirm_clock(dispute, ground)
    if dispute.state is State.awaiting_merchant or dispute.wallet_leads:
        return dispute.state, None
    return State.awaiting_merchant, ground.merchant_clock()


def accept(dispute: Dispute, command: c.AcceptOffer, ground: Ground) -> list[e.AnyEvent]:
    """Agree to the other side's standing offer.

    Errors: `Missing("offer_unknown")`, `Refused` with `offer_over` (expired, replaced, declined),
    `offer_own`, `road_needs_offer` (cash for a claim must be offered, not imposed),
    `amount_above_paid` (a refund came in meanwhile), `refund_under_way` (one agreed before may
    still arrive, and must not be paid twice), and those of the road.
    """
    must_be(ground, *PARTIES)
    offer = _standing(dispute, command.offer, ground)
    if offer.by is Role.consumer:
        must_be_in(dispute, *MERCHANT_MAY_ANSWER, State.mediating)
    elif offer.by is Role.merchant:
        must_be_in(dispute, State.awaiting_consumer, State.awaiting_merchant, State.overdue, State.mediating)
    else:
        must_be_in(dispute, State.mediating)
        if ground.actor.role in offer.accepted_by:
            raise Refused("offer_own")
        if not offer.accepted_by:
            return [e.OfferAccepted(at=ground.now, offer=offer.id, by=ground.actor.role)]
    return [agree(dispute, offer, command.road, ground)]


def _standing(dispute: Dispute, identifier: str, ground: Ground) -> Offer:
    offer = dispute.offer(identifier)
    if offer is None:
        raise Missing("offer_unknown")
    if offer.by is ground.actor.role:
        raise Refused("offer_own")
    if offer.status is not OfferStatus.open or (offer.due and offer.due.passed(ground.now)):
        raise Refused("offer_over", status=offer.status.value)
    return offer


def agree(dispute: Dispute, offer: Offer, wished: Road | None, ground: Ground) -> e.Agreed:
    """The agreement on an offer, on its own road or, for the claim, the merchant's wish."""
    road = offer.road if wished is None else wished
    if road is not offer.road:
        if offer.by is not Role.consumer or ground.actor.role is not Role.merchant or offer.remedy not in REFUNDS:
            raise Refused("road_needs_offer")
        if road is Road.by_hand or (road is Road.api and offer.remedy is Remedy.goods_return):
            raise Refused("road_needs_offer")
    if dispute.refund_under_way:
        raise Refused("refund_under_way")
    must_have_road(dispute, ground, road)
    checked_amount(offer.remedy, offer.amount_fen, dispute.left_fen)
    refunds = allot(dispute, offer.amount_fen) if road is Road.api else ()
    mediating = dispute.state is State.mediating
    return e.Agreed(
        at=ground.now,
        offer=offer.id,
        road=road,
        state=State.mediating if mediating else State.settling,
        late=answers_late(dispute, ground),
        due=None if mediating else due(Rule.performance, ground.now, ground.settings),
        refunds=refunds,
    )


def allot(dispute: Dispute, amount_fen: int) -> tuple[OrderedRefund, ...]:
    """Spread an amount over the payments in their order, each up to what is left of it, each under its own key."""
    taken = {
        paid.trade_no: sum(
            r.amount_fen for r in dispute.refunds if r.trade_no == paid.trade_no and r.status != "failed"
        )
        for paid in dispute.payments
    }
    orders: list[OrderedRefund] = []
    number = len(dispute.refunds)
    for paid in dispute.payments:
        part = min(amount_fen, paid.left_fen - taken[paid.trade_no])
        if part > 0:
            number += 1
            orders.append(OrderedRefund(key=f"{dispute.id}-{number}", trade_no=paid.trade_no, amount_fen=part))
            amount_fen -= part
    if amount_fen:
        raise Refused("amount_above_paid", left_fen=dispute.left_fen)
    return tuple(orders)


def decline(dispute: Dispute, command: c.DeclineOffer, ground: Ground) -> list[e.AnyEvent]:
    """Say no; the other side is asked again, under its own clock."""
    must_be(ground, *PARTIES)
    offer = _standing(dispute, command.offer, ground)
    if ground.actor.role is Role.merchant:
        must_be_in(dispute, *MERCHANT_MAY_ANSWER, State.mediating)
        if not command.words:
            raise Refused("words_missing")
    else:
        must_be_in(dispute, State.awaiting_consumer, State.mediating)
    state, clock = _ball_to_other_side(dispute, ground)
    return [
        e.OfferDeclined(
            at=ground.now,
            offer=offer.id,
            by=ground.actor.role,
            words=command.words,
            late=ground.actor.role is Role.merchant and answers_late(dispute, ground),
            state=state,
            due=clock,
            reminders=confirm_reminders(dispute, ground) if clock and clock.rule is Rule.consumer_confirm else (),
        )
    ]


def expire(dispute: Dispute, offer_id: str, ground: Ground) -> list[e.AnyEvent]:
    """An offer's own clock has run out; nothing if it no longer stands."""
    offer = dispute.offer(offer_id)
    if offer is None or offer.status is not OfferStatus.open or not dispute.is_open or offer.due is None:
        return []
    return [e.OfferExpired(at=ground.now, offer=offer_id)] if offer.due.passed(ground.now) else []


def confirm_clock(dispute: Dispute, ground: Ground) -> Due | None:
    """The consumer's time to confirm, from now; in a case the wallet leads, its own word brings it."""
    return None if dispute.wallet_leads else ground.consumer_clock()


def confirm_reminders(dispute: Dispute, ground: Ground) -> tuple[datetime, ...]:
    """When the consumer is reminded while that time runs."""
    return () if dispute.wallet_leads else ground.reminders()
