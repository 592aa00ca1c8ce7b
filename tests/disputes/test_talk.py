"""Talk: offers, counter-offers, proposals, and how they end."""

from __future__ import annotations

import pytest
from tests.disputes.dispute_cases import CLAIM, CONSUMER, DAY, FULL, MERCHANT, OFFICER, Case, kinds, paid, standing_in

from hejie.base.actor import SYSTEM
from hejie.cities.dues import Rule
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, OfferStatus, Performance, Remedy, Road
from hejie.disputes.states import State

STATUS = OfferStatus


def statuses(case: Case) -> dict[str, OfferStatus]:
    return {offer.id: offer.status for offer in case.row.offers}


def test_an_answer_without_an_offer_passes_the_ball():
    case = Case().file()
    case.refuse("words_missing", MERCHANT, c.Answer(words=""))
    case.do(MERCHANT, c.Answer(words="C1"))
    row = case.row
    assert (row.state, row.answered, row.late) == (State.awaiting_consumer, True, False)
    assert row.due is not None
    assert (row.due.rule, row.due.at) == (Rule.consumer_confirm, case.now + 7 * DAY)
    assert row.due.provisional


def test_refusal_then_escalation():
    case = Case().file()
    case.refuse("words_missing", MERCHANT, c.DeclineOffer(offer=CLAIM))
    case.do(MERCHANT, c.DeclineOffer(offer=CLAIM, words="C1"))
    assert statuses(case) == {CLAIM: STATUS.declined}
    assert case.row.state is State.awaiting_consumer
    case.refuse("offer_over", MERCHANT, c.AcceptOffer(offer=CLAIM))
    case.do(CONSUMER, c.Escalate())
    assert (case.row.state, case.row.escalated_because) == (State.mediating, "asked")


def test_an_empty_message_is_none():
    Case().file().refuse("words_missing", CONSUMER, c.Say())


def test_counter_offer_restarts_the_merchants_clock_and_is_accepted():
    case = Case().file().offer(3_000).wait(DAY).offer(6_000, actor=CONSUMER, name="o2")
    row = case.row
    assert row.state is State.awaiting_merchant
    assert row.due is not None
    assert (row.due.rule, row.due.start) == (Rule.merchant_answer, case.now)
    assert statuses(case) == {CLAIM: STATUS.replaced, "o1": STATUS.open, "o2": STATUS.open}
    case.accept("o2")
    assert statuses(case) == {CLAIM: STATUS.replaced, "o1": STATUS.replaced, "o2": STATUS.accepted}
    assert case.row.agreement == case.row.offer("o2")
    assert [refund.amount_fen for refund in case.row.refunds] == [6_000]


def test_a_second_counter_offer_does_not_prolong_the_merchants_time():
    case = Case().file().wait(DAY)
    clock = case.row.due
    case.offer(6_000, actor=CONSUMER, name="o2").offer(5_000, actor=CONSUMER, name="o3")
    assert (case.row.due, case.row.state) == (clock, State.awaiting_merchant)
    assert statuses(case) == {CLAIM: STATUS.replaced, "o2": STATUS.replaced, "o3": STATUS.open}


def test_one_identifier_is_one_offer():
    case = Case().file().offer(3_000)
    case.nothing(MERCHANT, c.MakeOffer(id="o1", remedy=Remedy.refund_part, amount_fen=9_000, road=Road.own_tool))
    case.nothing(MERCHANT, c.MakeOffer(id=CLAIM, remedy=Remedy.apology))
    offer = case.row.offer("o1")
    assert offer is not None
    assert offer.amount_fen == 3_000


def test_a_new_offer_replaces_ones_own():
    case = Case().file().offer(3_000).offer(4_000, name="o2")
    assert statuses(case) == {CLAIM: STATUS.open, "o1": STATUS.replaced, "o2": STATUS.open}
    case.refuse("offer_over", CONSUMER, c.AcceptOffer(offer="o1"))
    case.refuse("offer_own", MERCHANT, c.AcceptOffer(offer="o2"))
    case.refuse("offer_unknown", CONSUMER, c.AcceptOffer(offer="o9"))


def test_declining_asks_the_merchant_again():
    case = Case().file().offer().wait(DAY)
    case.do(CONSUMER, c.DeclineOffer(offer="o1"))
    assert case.row.state is State.awaiting_merchant
    assert case.row.due is not None
    assert (case.row.due.rule, case.row.due.start) == (Rule.merchant_answer, case.now)
    case.do(CONSUMER, c.Escalate())


def test_an_offer_expires_by_its_own_clock():
    case = Case().file().offer().offer(5_000, actor=CONSUMER, name="o2")
    offer = case.row.offer("o1")
    assert offer is not None
    assert offer.due is not None
    told = c.RunOut(rule=Rule.offer_expires.value, at=offer.due.at, offer="o1")
    case.nothing(SYSTEM, told)
    case.wait(7 * DAY)
    case.refuse("offer_over", CONSUMER, c.AcceptOffer(offer="o1"))
    state, clock = case.row.state, case.row.due
    assert kinds(case.do(SYSTEM, told)) == ["OfferExpired"]
    assert statuses(case)["o1"] is STATUS.expired
    assert (case.row.state, case.row.due) == (state, clock)
    case.nothing(SYSTEM, told)


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        (c.MakeOffer(id="x", remedy=Remedy.refund_part, amount_fen=10_001, road=Road.own_tool), "amount_above_paid"),
        (c.MakeOffer(id="x", remedy=Remedy.refund_part, amount_fen=0, road=Road.own_tool), "amount_not_positive"),
        (c.MakeOffer(id="x", remedy=Remedy.refund_part, amount_fen=-5, road=Road.own_tool), "amount_not_positive"),
        (c.MakeOffer(id="x", remedy=Remedy.compensation), "amount_not_positive"),
        (c.MakeOffer(id="x", remedy=Remedy.apology, amount_fen=1), "amount_not_for_remedy"),
        (c.MakeOffer(id="x", remedy=Remedy.voucher, road=Road.api), "road_not_for_remedy"),
        (c.MakeOffer(id="x", remedy=Remedy.compensation, amount_fen=5, road=Road.api), "road_not_for_remedy"),
        (c.MakeOffer(id="x", remedy=Remedy.compensation, amount_fen=5, road=Road.own_tool), "road_not_for_remedy"),
        (c.MakeOffer(id="x", remedy=Remedy.goods_return, amount_fen=5, road=Road.api), "road_not_for_remedy"),
    ],
)
def test_what_may_not_be_offered(offer, code):
    Case().file().refuse(code, MERCHANT, offer)


@pytest.mark.parametrize(
    ("proven", "authorised", "code"), [(False, True, "payment_unproven"), (True, False, "authority_missing")]
)
def test_a_refund_by_api_needs_proof_and_authority_when_offered_and_when_accepted(proven, authorised, code):
    by_api = c.MakeOffer(id="x", remedy=Remedy.refund_full, road=Road.api)
    case = Case(paid(proven=proven), authorised=authorised).file()
    case.refuse(code, MERCHANT, by_api)
    case.refuse(code, MERCHANT, c.AcceptOffer(offer=CLAIM, road=Road.api))
    fine = Case().file()
    fine.do(MERCHANT, by_api)
    fine.authorised = False
    fine.refuse("authority_missing", CONSUMER, c.AcceptOffer(offer="x"))


@pytest.mark.parametrize(
    ("remedy", "amount", "authorised", "road"),
    [
        (Remedy.refund_part, 10, True, Road.api),
        (Remedy.refund_part, 10, False, Road.own_tool),
        (Remedy.goods_return, 10, True, Road.own_tool),
        (Remedy.compensation, 10, True, Road.by_hand),
        (Remedy.repair, 0, True, Road.by_hand),
    ],
)
def test_a_counter_offer_takes_the_best_open_road(remedy, amount, authorised, road):
    case = Case(authorised=authorised).file().offer(amount, name="x", actor=CONSUMER, remedy=remedy, road=Road.by_hand)
    offer = case.row.offer("x")
    assert offer is not None
    assert offer.road is road


@pytest.mark.parametrize(
    ("claim", "wished", "code"),
    [
        (FULL, Road.by_hand, "road_needs_offer"),
        (Claim(remedy=Remedy.apology), Road.own_tool, "road_needs_offer"),
        (Claim(remedy=Remedy.compensation, amount_fen=5), Road.api, "road_needs_offer"),
        (Claim(remedy=Remedy.goods_return, amount_fen=5), Road.api, "road_needs_offer"),
    ],
)
def test_cash_is_offered_never_imposed(claim, wished, code):
    Case().file(claim).refuse(code, MERCHANT, c.AcceptOffer(offer=CLAIM, road=wished))


def test_a_consumer_takes_an_offer_as_it_stands():
    Case().file().offer().refuse("road_needs_offer", CONSUMER, c.AcceptOffer(offer="o1", road=Road.api))


def test_the_merchant_chooses_its_own_tool_for_a_claim():
    case = Case().file().accept(road=Road.own_tool)
    assert case.row.agreement is not None
    assert (case.row.agreement.road, case.row.refunds) == (Road.own_tool, ())


def test_a_refund_that_came_in_meanwhile_makes_an_offer_too_much():
    case = Case().file().offer(8_000)
    case.see("own-1", 3_000)
    case.refuse("amount_above_paid", CONSUMER, c.AcceptOffer(offer="o1"))
    case.offer(7_000, name="o2").accept("o2", CONSUMER)
    assert case.row.state is State.settling


def test_offers_have_an_end():
    case = Case().file()
    for number in range(20):
        case.offer(number + 1, name=f"n{number}")
    case.refuse("offers_too_many", MERCHANT, c.MakeOffer(id="one more", remedy=Remedy.apology))


def test_a_full_refund_offers_what_is_left():
    case = Case(paid(before=1_000)).file()
    case.see("own-1", 500)
    case.offer(1, name="x", remedy=Remedy.refund_full)
    offer = case.row.offer("x")
    assert offer is not None
    assert offer.amount_fen == 8_500


def test_an_overdue_merchant_may_still_answer_and_is_marked_late():
    answers = (
        c.Answer(words="C1"),
        c.MakeOffer(id="x", remedy=Remedy.apology),
        c.DeclineOffer(offer=CLAIM, words="C1"),
        c.AcceptOffer(offer=CLAIM),
    )
    for command in answers:
        case = standing_in(State.overdue).wait(DAY)
        case.do(MERCHANT, command)
        assert case.row.late, command
        assert case.row.answered
        assert case.row.due is not None


def test_a_standing_offer_of_an_overdue_merchant_can_be_accepted():
    case = Case().file(by_itself=False).offer().offer(6_000, actor=CONSUMER, name="o2")
    case.run_out()
    assert case.row.state is State.overdue
    case.accept("o1", CONSUMER)
    assert (case.row.state, case.row.performance) == (State.settling, Performance.awaited)


def test_officers_neither_speak_nor_offer_outside_mediation():
    case = Case().file()
    case.refuse("step_out_of_order", OFFICER, c.Say(words="C1"))
    case.refuse("step_out_of_order", OFFICER, c.MakeOffer(id="x", remedy=Remedy.apology))
