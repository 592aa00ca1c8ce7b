"""What settled disputes leave behind, and the band that many of them give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.disputes.dispute_cases import CONSUMER, MERCHANT, OFFICER, Case, paid, standing_in

from hejie.disputes import commands as c
from hejie.disputes.model import Outcome, Remedy, Road
from hejie.disputes.similar import STEP, settlement, similar
from hejie.disputes.states import State

LEAST = 20
PART, DEED, OTHER_DEED = Remedy.refund_part, Remedy.exchange, Remedy.repair


def money(*percents: int, paid_fen: int = 10_000):
    return [(paid_fen, paid_fen * percent // 100, PART) for percent in percents]


def test_the_middle_half_in_percent_and_in_yuan():
    found = similar(money(*[20] * 5, *[40] * 10, *[60] * 5, *[100] * 14), 5000, LEAST)
    assert found is not None
    band = found.band
    assert (band.n, band.low, band.middle, band.high) == (34, 40, 60, 100)
    assert (band.low_fen, band.high_fen) == (2000, 5000)
    assert found.deeds == ()


def test_too_few_say_nothing():
    assert similar(money(*[50] * (LEAST - 1)), 5000, LEAST) is None
    assert similar([], 5000, LEAST) is None
    assert similar([(100, 0, DEED)] * (LEAST - 1), 5000, LEAST) is None


def test_deeds_have_no_price_and_a_rare_one_is_not_named():
    deeds = [(5000, 0, DEED)] * 18 + [(5000, 0, OTHER_DEED)] * 4
    found = similar(deeds, 5000, LEAST)
    assert (found.band, found.deeds, found.deeds_n) == (None, ((DEED, 18),), 22)
    both = similar(deeds + money(*[30] * 20), 5000, LEAST)
    assert (both.band.n, both.band.low, both.deeds_n) == (20, 30, 22)


def test_whole_yuan_where_the_sum_is_large_enough():
    assert similar(money(*[35] * 20), 4999, LEAST).band.low_fen == 1700
    assert similar(money(*[35] * 20), 999, LEAST).band.low_fen == 349
    assert similar(money(*[100] * 20), 4999, LEAST).band.low_fen == 4999


@given(st.lists(st.integers(1, 100), min_size=LEAST, max_size=60), st.integers(1, 1_000_000))
def test_a_band_lies_within_what_was_agreed_and_is_told_in_steps(percents, paid_fen):
    band = similar(money(*percents), paid_fen, LEAST).band
    assert band.low <= band.middle <= band.high
    assert min(percents) - STEP < band.low
    assert band.high < max(percents) + STEP
    assert all(share % STEP == 0 for share in (band.low, band.middle, band.high))
    assert band.low_fen <= band.high_fen


def test_what_a_settled_dispute_leaves():
    case = standing_in(State.settled)
    found = settlement(case.row)
    assert (found.paid_fen, found.agreed_fen, found.remedy) == (10_000, 10_000, Remedy.refund_full)
    assert found.settled_at == case.row.closed_at


def test_a_deed_leaves_no_amount():
    case = Case(paid(before=4000)).file().offer(0, Road.by_hand, remedy=DEED).accept("o1", CONSUMER)
    case.do(MERCHANT, c.ClaimPerformed(words="C1"))
    assert settlement(case.row) is None
    case.do(CONSUMER, c.Confirm())
    found = settlement(case.row)
    assert (found.paid_fen, found.agreed_fen, found.remedy) == (6000, 0, DEED)


def test_money_that_came_back_without_a_word_is_what_it_settled_at():
    case = Case().file()
    case.see("own-1", 10_000)
    case.do(CONSUMER, c.Confirm())
    assert settlement(case.row).agreed_fen == 10_000


def test_solved_without_anything_that_can_be_counted():
    case = Case().file().offer()
    case.do(CONSUMER, c.Confirm())
    assert case.row.outcome is Outcome.confirmed
    assert settlement(case.row) is None


@pytest.mark.parametrize("state", [state for state in State if state is not State.settled])
def test_what_did_not_settle_leaves_nothing(state):
    assert settlement(standing_in(state).row) is None


def test_an_officers_agreement_counts_and_a_broken_one_does_not():
    case = standing_in(State.mediating)
    case.do(CONSUMER, c.AcceptOffer(offer="o1"))
    case.do(OFFICER, c.Close(memo="C9", agency="A", outcome=Outcome.mediated))
    assert settlement(case.row).agreed_fen == 3000
    case = standing_in(State.mediating)
    case.do(CONSUMER, c.AcceptOffer(offer="o1"))
    case.do(CONSUMER, c.Deny(words="C1"))
    case.do(OFFICER, c.Close(memo="C9", agency="A", outcome=Outcome.unsettled))
    assert settlement(case.row) is None
