"""Filing: whose payments, how long after, and what may be claimed of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.disputes.dispute_cases import CONSUMER, DAY, FULL, HOUR, MERCHANT, T0, Case, bought, paid

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing
from hejie.cities.dues import Rule
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Remedy, Road
from hejie.disputes.states import State

PART = Remedy.refund_part


def wrong(fen: int | None, remedy: Remedy = Remedy.refund_full, amount: int = 0) -> Claim:
    return Claim(remedy=remedy, amount_fen=amount, should_have_been_fen=fen)


def command(*trades: str, claim: Claim = FULL, problem: str = "quality") -> c.File:
    return c.File(id="D1", trades=trades, problem=problem, claim=claim)


def test_the_merchants_clock_is_96_hours_from_filing_and_explains_itself():
    row = Case().file().row
    assert row.state is State.awaiting_merchant
    assert row.due is not None
    assert (row.due.rule, row.due.start, row.due.hours, row.due.set_by) == (Rule.merchant_answer, T0, 96, "330100")
    assert row.due.at == T0 + 96 * HOUR
    assert (row.due.settings_version, row.due.provisional) == (5, False)


@pytest.mark.parametrize(
    ("payment", "claim", "problem", "expected"),
    [
        (paid(), FULL, "quality", Claim(remedy=Remedy.refund_full, amount_fen=10_000)),
        (paid(before=2500), FULL, "quality", Claim(remedy=Remedy.refund_full, amount_fen=7_500)),
        (paid(before=2500), Claim(remedy=PART, amount_fen=7_500), "quality", Claim(remedy=PART, amount_fen=7_500)),
        (paid(before=10_000), Claim(remedy=Remedy.apology), "quality", Claim(remedy=Remedy.apology)),
        (
            paid(),
            Claim(remedy=Remedy.compensation, amount_fen=30_000),
            "quality",
            Claim(remedy=Remedy.compensation, amount_fen=30_000),
        ),
        # A wrong amount claims the difference, whatever else the form said.
        (paid(), wrong(1_000), "wrong_amount", wrong(1_000, PART, 9_000)),
        (paid(), wrong(1_000, PART, 1), "wrong_amount", wrong(1_000, PART, 9_000)),
        (paid(), wrong(0), "wrong_amount", wrong(0, Remedy.refund_full, 10_000)),
        (paid(before=500), wrong(500), "wrong_amount", wrong(500, Remedy.refund_full, 9_500)),
    ],
)
def test_what_is_claimed(payment, claim, problem, expected):
    row = Case(payment).file(claim, problem).row
    assert row.claim == expected
    first = row.offers[0]
    assert (first.id, first.remedy, first.amount_fen) == ("claim", expected.remedy, expected.amount_fen)


@pytest.mark.parametrize(
    ("payment", "claim", "problem", "code"),
    [
        (paid(), Claim(remedy=PART, amount_fen=10_001), "quality", "amount_above_paid"),
        (paid(before=1), Claim(remedy=PART, amount_fen=10_000), "quality", "amount_above_paid"),
        (paid(), Claim(remedy=PART), "quality", "amount_not_positive"),
        (paid(), Claim(remedy=PART, amount_fen=-1), "quality", "amount_not_positive"),
        (paid(), Claim(remedy=Remedy.compensation), "quality", "amount_not_positive"),
        (paid(), Claim(remedy=Remedy.goods_return, amount_fen=10_001), "quality", "amount_above_paid"),
        (paid(), Claim(remedy=Remedy.apology, amount_fen=1), "quality", "amount_not_for_remedy"),
        (paid(before=10_000), FULL, "quality", "nothing_left"),
        (paid(), wrong(1_000), "quality", "right_amount_not_asked"),
        (paid(), FULL, "wrong_amount", "right_amount_missing"),
        (paid(), wrong(-1), "wrong_amount", "right_amount_missing"),
        (paid(), wrong(10_000), "wrong_amount", "right_amount_not_below"),
        (paid(), wrong(10_001), "wrong_amount", "right_amount_not_below"),
        (paid(before=5_000), wrong(1_000), "wrong_amount", "amount_above_paid"),
        (paid(), FULL, "no_such_problem", "problem_unknown"),
    ],
)
def test_what_may_not_be_claimed(payment, claim, problem, code):
    case = Case(payment)
    case.refuse(code, CONSUMER, command("T1", claim=claim, problem=problem))
    assert not case.exists


@pytest.mark.parametrize(
    ("problem", "undue"), [("wrong_amount", True), ("charged_twice", True), ("quality", False), ("other", False)]
)
def test_money_taken_without_ground_is_marked(problem, undue):
    claim = wrong(1_000) if problem == "wrong_amount" else FULL
    assert Case().file(claim, problem).row.undue is undue


def test_a_wrong_amount_over_several_payments_claims_the_difference_of_their_sum():
    row = Case(paid("T1", 4_000), paid("T2", 4_000)).file(wrong(4_000), "wrong_amount").row
    assert (row.claim.remedy, row.claim.amount_fen) == (PART, 4_000)


@pytest.mark.parametrize(
    ("trades", "code"),
    [
        ((), "payment_none"),
        (("T9",), "payment_unknown"),
        (("T1", "T9"), "payment_unknown"),
        (("T1", "T1"), "payment_unknown"),
        (tuple(f"T{n}" for n in range(21)), "payments_too_many"),
    ],
)
def test_which_payments(trades, code):
    Case().refuse(code, CONSUMER, command(*trades))


@pytest.mark.parametrize("other", [{"merchant": "M2"}, {"payer": b"p2"}, {"wallet": "wechat"}])
def test_payments_of_one_payer_to_one_merchant_only(other):
    case = Case()
    case.payments = (bought(paid("T1")), bought(paid("T2"), **other))
    case.refuse("payments_mixed", CONSUMER, command("T1", "T2"))


def test_the_filing_window_ends_at_its_instant():
    last = T0 - 30 * DAY
    assert Case(paid(at=last + timedelta(microseconds=1))).file().exists
    late = Case(paid("T1"), paid("T2", at=last))
    until = late.refuse("filing_window_over", CONSUMER, command("T1", "T2")).facts["until"]
    assert until == T0.isoformat()


@pytest.mark.parametrize(
    ("remedy", "proven", "authorised", "road"),
    [
        (Remedy.refund_full, True, True, Road.api),
        (Remedy.refund_full, True, False, Road.own_tool),
        (Remedy.refund_full, False, True, Road.own_tool),
        (Remedy.goods_return, True, True, Road.own_tool),
        (Remedy.compensation, True, True, Road.by_hand),
        (Remedy.apology, True, True, Road.by_hand),
    ],
)
def test_the_road_of_the_claim_is_shown_from_the_start(remedy, proven, authorised, road):
    amount = 0 if remedy in {Remedy.refund_full, Remedy.apology} else 500
    row = Case(paid(proven=proven), authorised=authorised).file(Claim(remedy=remedy, amount_fen=amount)).row
    assert row.offers[0].road is road


def test_only_a_consumer_files_and_only_once():
    for actor in (MERCHANT, SYSTEM):
        Case().refuse("not_allowed", actor, command("T1"))
    Case().file().refuse("filed_before", CONSUMER, command("T1"))


def test_nothing_can_be_done_to_what_is_not_there():
    assert isinstance(Case().refuse("dispute_unknown", CONSUMER, c.Withdraw()), Missing)


def test_a_payment_proven_later_opens_the_road_by_api():
    case = Case(paid("T1", proven=False), paid("T2", proven=False)).file()
    accept = c.AcceptOffer(offer="claim", road=Road.api)
    case.refuse("payment_unproven", MERCHANT, accept)
    case.do(SYSTEM, c.Prove(trade_no="T1"))
    case.refuse("payment_unproven", MERCHANT, accept)
    case.nothing(SYSTEM, c.Prove(trade_no="T1"))
    case.nothing(SYSTEM, c.Prove(trade_no="elsewhere"))
    case.do(SYSTEM, c.Prove(trade_no="T2"))
    case.do(MERCHANT, accept)
    assert [refund.trade_no for refund in case.row.refunds] == ["T1", "T2"]
