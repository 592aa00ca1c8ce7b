"""Blind bids: who may name a limit when, what two limits come to, and that nothing of them stays."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json
from tests.disputes.dispute_cases import CONSUMER, MERCHANT, OFFICER, WALLET, Case, kinds, paid
from tests.disputes.test_wallet import born

from hejie.base import blind
from hejie.base.actor import Actor, Role
from hejie.base.blind import Limit
from hejie.disputes import commands as c
from hejie.disputes.bidding import place
from hejie.disputes.bids import MOST_ROUNDS, middle
from hejie.disputes.model import OfferStatus, Remedy, Road
from hejie.disputes.states import State

SECRET = {Role.consumer: bytes([1]) * 32, Role.merchant: bytes([2]) * 32}
UNIT = 10**9
"""Fen of the unit interval in the simulation: fine enough that rounding does not show."""


def limit(side: Actor, fen: int) -> Limit:
    return Limit(fen, SECRET[side.role])


def name(case: Case, side: Actor, fen: int, closed: str = "") -> None:
    where = place("D1", case.row.rounds_missed + 1, side.role)
    mine = limit(side, fen)
    command = c.NameLimit(
        commitment=blind.commitment(where, mine), public=blind.public(where, mine.secret), closed=closed
    )
    case.do(side, command)


def both(case: Case, least: int, most: int) -> list:
    name(case, CONSUMER, least)
    name(case, MERCHANT, most, closed="L1")
    return case.do(CONSUMER, c.CompareLimits(consumer=limit(CONSUMER, least), merchant=limit(MERCHANT, most)))


def test_limits_that_meet_are_agreed_at_the_middle_and_the_refund_is_ordered():
    case = Case().file()
    assert kinds(both(case, 4000, 6001)) == ["BidsMet", "Agreed"]
    agreed = case.row.agreement
    assert agreed is not None
    assert (agreed.by, agreed.remedy, agreed.amount_fen, agreed.road) == (
        Role.system,
        Remedy.refund_part,
        5001,
        Road.api,
    )
    assert (case.row.state, case.row.bidding) == (State.settling, None)
    assert [refund.amount_fen for refund in case.row.refunds] == [5001]
    assert case.row.offers[0].status is OfferStatus.replaced


def test_the_whole_payment_is_a_full_refund_and_without_authority_the_merchant_refunds_itself():
    case = Case(authorised=False).file()
    both(case, 10_000, 10_000)
    agreed = case.row.agreement
    assert agreed is not None
    assert (agreed.remedy, agreed.road) == (Remedy.refund_full, Road.own_tool)


def test_limits_that_do_not_meet_leave_no_trace_and_three_rounds_are_all():
    case = Case().file()
    for round_ in range(1, MOST_ROUNDS + 1):
        clock = case.row.due
        assert kinds(both(case, 7654, 3210)) == ["BidsMissed"]
        assert (case.row.bidding, case.row.rounds_missed, case.row.due) == (None, round_, clock)
    kept = json.encode(case.events) + json.encode(case.row)
    assert b"7654" not in kept
    assert b"3210" not in kept
    case.refuse("bids_over", CONSUMER, c.NameLimit(commitment="x", public="x"))


def test_a_limit_that_was_not_committed_to_is_not_compared():
    case = Case().file()
    name(case, CONSUMER, 4000)
    name(case, MERCHANT, 5000, closed="L1")
    for least, most in ((4001, 5000), (4000, 4999), (-4000, 5000)):
        wrong = c.CompareLimits(consumer=limit(CONSUMER, least), merchant=limit(MERCHANT, most))
        case.refuse("bid_wrong", CONSUMER, wrong)
    swapped = c.CompareLimits(consumer=Limit(4000, SECRET[Role.merchant]), merchant=limit(MERCHANT, 5000))
    case.refuse("bid_wrong", MERCHANT, swapped)


def test_nothing_is_compared_before_both_are_named():
    case = Case().file()
    command = c.CompareLimits(consumer=limit(CONSUMER, 1), merchant=limit(MERCHANT, 1))
    case.refuse("bid_missing", CONSUMER, command)
    name(case, MERCHANT, 5000)
    case.refuse("bid_missing", CONSUMER, command)


def test_the_second_leaves_its_limit_closed_for_the_first_and_a_new_first_makes_it_useless():
    case = Case().file()
    name(case, CONSUMER, 4000)
    case.refuse("bid_unclosed", MERCHANT, c.NameLimit(commitment="x", public="x"))
    name(case, MERCHANT, 5000, closed="L1")
    assert case.row.bidding is not None
    assert case.row.bidding.closed == "L1"
    name(case, CONSUMER, 4500, closed="L2")
    assert case.row.bidding.closed == "L2"
    assert case.row.bidding.merchant is not None
    assert not case.row.bidding.merchant.closed


@pytest.mark.parametrize("end", [c.Withdraw(), c.Escalate()], ids=["withdrawn", "escalated"])
def test_what_ends_the_talk_ends_the_round(end):
    case = Case().file()
    case.do(MERCHANT, c.Answer(words="W"))
    name(case, CONSUMER, 4000)
    name(case, MERCHANT, 5000, closed="L1")
    case.do(CONSUMER, end)
    assert case.row.bidding is None
    case.refuse("step_out_of_order", MERCHANT, c.NameLimit(commitment="x", public="x"))


def test_officers_wallets_and_cases_of_a_wallet_have_no_part_in_it():
    case = Case().file()
    for actor in (OFFICER, WALLET):
        case.refuse("not_allowed", actor, c.NameLimit(commitment="x", public="x"))
    born().refuse("wallet_leads", MERCHANT, c.NameLimit(commitment="x", public="x"))


def test_a_refund_that_came_meanwhile_is_not_paid_twice():
    case = Case(paid(fen=10_000)).file()
    name(case, CONSUMER, 8000)
    name(case, MERCHANT, 9000, closed="L1")
    case.see("own-1", 5000)
    command = c.CompareLimits(consumer=limit(CONSUMER, 8000), merchant=limit(MERCHANT, 9000))
    case.refuse("amount_above_paid", CONSUMER, command)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_middle_lies_between_the_two_and_is_there_exactly_when_they_meet(least, most):
    found = middle(least, most)
    assert (found is not None) == (most >= least)
    assert found is None or least <= found <= most


def test_it_reproduces_chatterjee_and_samuelson():
    """Uniform values, linear equilibrium: gain 9/64, trades in 9/32, 84.4 % of the first best 1/6."""
    chance, trials = random.Random(1983), 200_000
    gain, trades, best = 0.0, 0, 0.0
    for _ in range(trials):
        seller, buyer = chance.random(), chance.random()
        least, most = 2 / 3 * seller + 1 / 4, 2 / 3 * buyer + 1 / 12
        best += max(0.0, buyer - seller)
        if middle(round(least * UNIT), round(most * UNIT)) is not None:
            trades += 1
            gain += buyer - seller
    assert gain / trials == pytest.approx(9 / 64, abs=0.0015)
    assert trades / trials == pytest.approx(9 / 32, abs=0.003)
    assert gain / best == pytest.approx(0.844, abs=0.006)


def test_no_other_bid_does_better_against_the_equilibrium():
    """The price is the middle: for a seller at 0.3, asking more or less than 2/3 · 0.3 + 1/4 gains less."""
    chance = random.Random(64)
    offers = [round((2 / 3 * chance.random() + 1 / 12) * UNIT) for _ in range(60_000)]

    def gain(ask: float) -> float:
        met = (middle(round(ask * UNIT), offer) for offer in offers)
        return sum(price / UNIT - 0.3 for price in met if price is not None) / len(offers)

    here = gain(2 / 3 * 0.3 + 1 / 4)
    assert here > gain(0.35)
    assert here > gain(0.55)
    assert here == pytest.approx(max(gain(each / 100) for each in range(30, 66, 3)), rel=0.02)
