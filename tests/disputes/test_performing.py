"""Performance by its three roads: seen, claimed, confirmed, denied, failed, or not seen in time."""

from __future__ import annotations

import pytest
from tests.disputes.dispute_cases import CLAIM, CONSUMER, DAY, HOUR, MERCHANT, Case, kinds, paid

from hejie.base.actor import SYSTEM
from hejie.cities.dues import Rule
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Outcome, Paid, Performance, Remedy, Road
from hejie.disputes.states import State


def agreed(fen: int, *payments: Paid, road: Road = Road.api) -> Case:
    return Case(*payments).file().offer(fen, road).accept("o1", CONSUMER)


def orders(case: Case) -> list[tuple[str, str, int, str]]:
    return [(r.key, r.trade_no, r.amount_fen, r.status) for r in case.row.refunds]


# By API. -------------------------------------------------------------------------------------


def test_by_api_the_refund_is_ordered_with_the_agreement_and_seen_money_settles():
    case = Case().file().accept(road=Road.api)
    row = case.row
    assert (row.state, row.performance, row.agreed_at) == (State.settling, Performance.awaited, case.now)
    assert row.due is not None
    assert (row.due.rule, row.due.at) == (Rule.performance, case.now + 72 * HOUR)
    assert orders(case) == [("D1-1", "T1", 10_000, "ordered")]
    assert kinds(case.wait(HOUR).see("D1-1", 10_000)) == ["RefundSeen", "Settled"]
    row = case.row
    assert (row.state, row.outcome, row.performance) == (State.settled, Outcome.performed, Performance.seen)
    assert (row.refunded_fen, row.left_fen, row.closed_at, row.due) == (10_000, 0, case.now, None)
    assert case.see("D1-1", 10_000) == []


def test_a_part_is_refunded_and_the_rest_stays_refundable():
    case = agreed(3_000)
    case.see("D1-1", 3_000)
    assert (case.row.outcome, case.row.left_fen) == (Outcome.performed, 7_000)


def test_an_amount_is_spread_over_several_payments_in_their_order():
    case = agreed(9_000, paid("T1", 4_000, before=1_000), paid("T2", 2_000, before=2_000), paid("T3", 7_000))
    assert orders(case) == [("D1-1", "T1", 3_000, "ordered"), ("D1-2", "T3", 6_000, "ordered")]
    assert kinds(case.see("D1-2", 6_000, "T3")) == ["RefundSeen"]
    assert case.row.state is State.settling
    assert kinds(case.see("D1-1", 3_000)) == ["RefundSeen", "Settled"]


def test_what_was_refunded_before_the_agreement_does_not_perform_it():
    case = Case().file()
    case.see("own-1", 4_000)
    case.offer(4_000, Road.api).accept("o1", CONSUMER)
    assert case.row.performance is Performance.awaited
    assert orders(case)[1:] == [("D1-2", "T1", 4_000, "ordered")]
    case.see("own-2", 1_000)
    assert case.row.state is State.settling
    case.see("D1-2", 4_000)
    assert case.row.outcome is Outcome.performed


def test_money_of_another_payment_is_not_counted():
    agreed(3_000).refuse("payment_unknown", SYSTEM, c.SeeRefund(key="x", trade_no="T9", amount_fen=3_000))


def test_a_failed_refund_is_tried_again_under_a_fresh_key():
    case = agreed(9_000, paid("T1", 4_000), paid("T2", 6_000))
    case.refuse("nothing_failed", MERCHANT, c.RetryRefund())
    case.see("D1-1", 4_000)
    case.do(SYSTEM, c.RefundFails(key="D1-2", code="SELLER_BALANCE_NOT_ENOUGH"))
    case.nothing(SYSTEM, c.RefundFails(key="D1-2", code="SELLER_BALANCE_NOT_ENOUGH"))
    assert (case.row.performance, case.row.state) == (Performance.failed, State.settling)
    case.authorised = False
    case.refuse("authority_missing", MERCHANT, c.RetryRefund())
    case.authorised = True
    case.do(MERCHANT, c.RetryRefund())
    assert orders(case)[2:] == [("D1-3", "T2", 5_000, "ordered")]
    assert case.row.performance is Performance.awaited
    case.refuse("nothing_failed", MERCHANT, c.RetryRefund())
    case.see("D1-3", 5_000, "T2")
    assert case.row.outcome is Outcome.performed


def test_a_failure_told_after_the_money_was_seen_changes_nothing():
    case = agreed(3_000)
    case.see("D1-1", 3_000)
    case.nothing(SYSTEM, c.RefundFails(key="D1-1", code="no"))


# Not seen in time. ---------------------------------------------------------------------------


def test_after_72_hours_the_door_to_the_officer_is_open_and_late_money_still_settles():
    case = agreed(3_000)
    case.refuse("escalation_too_early", CONSUMER, c.Escalate())
    assert kinds(case.run_out()) == ["Unperformed"]
    row = case.row
    assert (row.state, row.unperformed, row.outcome) == (State.awaiting_consumer, True, None)
    assert row.due is not None
    assert row.due.rule is Rule.consumer_confirm
    escalated = agreed(3_000)
    escalated.run_out()
    escalated.do(CONSUMER, c.Escalate())
    assert kinds(case.see("D1-1", 3_000)) == ["RefundSeen", "Settled"]
    assert case.row.outcome is Outcome.performed


def test_a_refund_on_its_way_is_not_agreed_upon_a_second_time():
    case = agreed(6_000)
    case.run_out()
    case.offer(4_000, Road.api, name="o2")
    case.refuse("refund_under_way", CONSUMER, c.AcceptOffer(offer="o2"))
    case.refuse("refund_under_way", CONSUMER, c.Withdraw())
    case.do(SYSTEM, c.RefundFails(key="D1-1", code="no"))
    case.accept("o2", CONSUMER)
    assert [order for order in orders(case) if order[3] == "ordered"] == [("D1-2", "T1", 4_000, "ordered")]
    assert not case.row.unperformed


def test_a_clock_that_was_replaced_changes_nothing():
    case = agreed(3_000)
    clock = case.row.due
    assert clock is not None
    case.do(CONSUMER, c.Deny())
    case.wait(4 * DAY).nothing(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))


# In the merchant's own tool. -----------------------------------------------------------------


def test_in_its_own_tool_the_merchant_gives_the_number_and_the_wallets_word_settles():
    case = agreed(3_000, road=Road.own_tool)
    case.refuse("payment_unknown", MERCHANT, c.ClaimPerformed(refund_no="R1", trade_no="T9"))
    case.do(MERCHANT, c.ClaimPerformed(refund_no="R1"))
    assert (case.row.performance, case.row.state) == (Performance.claimed, State.settling)
    assert kinds(case.see("R1", 3_000)) == ["RefundSeen", "Settled"]
    assert case.row.outcome is Outcome.performed


def test_a_merchant_who_simply_pays_all_back_has_answered_and_silence_leaves_it_unconfirmed():
    case = Case().file()
    assert kinds(case.see("own-1", 9_999)) == ["RefundSeen"]
    assert kinds(case.see("own-2", 1)) == ["RefundSeen", "Answered"]
    assert (case.row.state, case.row.performance) == (State.awaiting_consumer, Performance.seen)
    case.run_out()
    assert (case.row.state, case.row.outcome) == (State.settled, Outcome.unconfirmed)


def test_paying_late_is_late():
    case = Case().file(by_itself=False)
    case.run_out()
    case.see("own-1", 10_000)
    assert (case.row.state, case.row.late) == (State.awaiting_consumer, True)


def test_seen_money_is_not_forgotten_over_a_claim():
    case = agreed(3_000, road=Road.own_tool)
    case.do(CONSUMER, c.Deny())
    case.mediate()
    case.see("R1", 3_000)
    case.do(MERCHANT, c.ClaimPerformed(refund_no="R1"))
    assert case.row.performance is Performance.seen


# By hand. ------------------------------------------------------------------------------------


def test_by_hand_needs_proof_and_the_consumers_word():
    case = agreed(3_000, road=Road.by_hand)
    case.refuse("proof_missing", MERCHANT, c.ClaimPerformed())
    case.do(MERCHANT, c.ClaimPerformed(pictures=("C1",)))
    assert (case.row.performance, case.row.outcome) == (Performance.claimed, None)
    assert kinds(case.do(CONSUMER, c.Confirm())) == ["PerformanceConfirmed", "Settled"]
    assert (case.row.outcome, case.row.performance) == (Outcome.confirmed, Performance.confirmed)
    assert case.row.refunded_fen == 0


def test_a_claim_alone_never_settles():
    case = agreed(3_000, road=Road.by_hand)
    case.do(MERCHANT, c.ClaimPerformed(words="C1"))
    case.run_out()
    case.run_out()
    assert (case.row.state, case.row.outcome) == (State.lapsed, Outcome.silent)


def test_denied_goes_back_to_the_consumer_at_once():
    case = agreed(3_000, road=Road.by_hand)
    case.do(MERCHANT, c.ClaimPerformed(words="C1"))
    case.do(CONSUMER, c.Deny(words="C2"))
    row = case.row
    assert (row.state, row.performance) == (State.awaiting_consumer, Performance.denied)
    assert row.due is not None
    assert row.due.rule is Rule.consumer_confirm
    case.do(MERCHANT, c.ClaimPerformed(words="C3"))
    case.do(CONSUMER, c.Escalate())


@pytest.mark.parametrize("remedy", [Remedy.compensation])
def test_compensation_is_never_a_refund(remedy):
    case = Case().file(Claim(remedy=remedy, amount_fen=50_000)).accept()
    assert case.row.agreement is not None
    assert (case.row.agreement.road, case.row.refunds) == (Road.by_hand, ())
    assert kinds(case.see("own-1", 10_000)) == ["RefundSeen"]
    assert (case.row.state, case.row.performance) == (State.settling, Performance.awaited)
    case.refuse("nothing_agreed", MERCHANT, c.RetryRefund())
    case.do(MERCHANT, c.ClaimPerformed(words="C1"))
    case.do(CONSUMER, c.Confirm())
    assert case.row.outcome is Outcome.confirmed


def test_without_an_agreement_nothing_can_be_performed():
    case = Case().file().offer()
    case.refuse("nothing_agreed", MERCHANT, c.ClaimPerformed(words="C1"))
    case.refuse("step_out_of_order", CONSUMER, c.Deny())
    case.refuse("offer_unknown", CONSUMER, c.AcceptOffer(offer="o7"))
    case.do(CONSUMER, c.Confirm())
    assert case.row.outcome is Outcome.confirmed
    case.refuse("step_out_of_order", MERCHANT, c.AcceptOffer(offer=CLAIM))
