"""Facts are what the record knows; multiples are named once the officer who has the case has opened the question."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, DAY, MERCHANT, OFFICER, T0, Case, kinds, paid, standing_in

from hejie.base.actor import Actor, Role
from hejie.cities.promises import Said
from hejie.disputes import commands as c
from hejie.disputes.entitling import facts_of
from hejie.disputes.model import Claim, Remedy
from hejie.disputes.promised import Promised
from hejie.disputes.states import State
from hejie.law.entitlement_facts import Multiple
from hejie.law.entitlement_rules import Kind
from hejie.law.entitlements import entitlements

OPEN = c.OpenMultiples(ground=Multiple.fraud, words="C5")
FULL, BACK, SORRY = (Claim(remedy=each) for each in (Remedy.refund_full, Remedy.goods_return, Remedy.apology))


@pytest.mark.parametrize("ground", Multiple)
def test_the_officer_who_has_the_case_opens_the_question_once_and_nothing_moves(ground):
    case = standing_in(State.mediating)
    before = case.row
    assert kinds(case.do(OFFICER, replace(OPEN, ground=ground))) == ["MultiplesOpened"]
    own = ("version", "changed_at", "multiples")
    assert replace(case.row, **{name: getattr(before, name) for name in own}) == before
    case.refuse("multiples_opened", OFFICER, OPEN)


def test_nobody_else_opens_it_and_not_without_a_reason():
    case = standing_in(State.mediating)
    case.refuse("not_your_case", Actor(Role.officer, "O2", "330102"), OPEN)
    case.refuse("not_allowed", MERCHANT, OPEN)
    case.refuse("not_allowed", CONSUMER, OPEN)
    case.refuse("words_missing", OFFICER, replace(OPEN, words=""))


def test_an_escalated_case_that_nobody_has_taken_is_nobodys_to_open():
    case = Case().file(by_itself=False).offer()
    case.do(CONSUMER, c.Escalate())
    case.refuse("not_your_case", OFFICER, OPEN)


def test_not_a_word_of_multiples_before_and_both_sides_read_of_it_after():
    case = standing_in(State.mediating)
    before = entitlements(facts_of(case.row))
    assert not any(each.kind is Kind.multiple for each in before.answers)
    assert "倍" not in repr(before)
    assert "times" not in repr(before)
    case.do(OFFICER, OPEN)
    [found] = [each for each in entitlements(facts_of(case.row)).answers if each.kind is Kind.multiple]
    assert (found.rule, found.most_fen, found.total_fen) == ("D1", 50_000, 60_000)


@pytest.mark.parametrize(
    ("problem", "claim", "rules"),
    [
        ("quality", FULL, {"R3", "R3-repair", "R6", "R4", "ZJ-answer"}),
        ("quality", SORRY, {"R3", "R3-repair", "R4", "ZJ-answer"}),
        ("not_served", FULL, {"R6", "R4", "ZJ-answer"}),
        ("not_served", BACK, {"R1", "R1i", "R2", "R6", "R4", "ZJ-answer"}),
        ("prepaid_card", FULL, {"P1", "P2", "ZJ-prepaid", "R4", "ZJ-answer"}),
        ("charged_twice", FULL, {"R4", "ZJ-answer"}),
        ("other", SORRY, {"R4", "ZJ-answer"}),
    ],
)
def test_what_is_worked_out_follows_from_the_problem_and_the_claim(problem, claim, rules):
    if claim.remedy is Remedy.goods_return:
        claim = replace(claim, amount_fen=10_000)
    case = Case().file(claim, problem)
    assert {each.rule for each in entitlements(facts_of(case.row)).answers} == rules


def test_amounts_are_what_was_paid_less_what_went_back():
    case = Case(paid("T1", 10_000, before=1_000), paid("T2", 5_000)).file()
    facts = facts_of(case.row)
    assert (facts.price_fen, facts.refunded_fen, facts.left_fen) == (15_000, 1_000, 14_000)
    case.see("K1", 4_000)
    assert facts_of(case.row).left_fen == 10_000


def test_days_are_those_of_shanghai_and_unknown_ones_stay_unknown():
    late = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    facts = facts_of(Case(paid(at=late)).file().row)
    assert (facts.event_on, facts.asked_on, facts.received_on) == (date(2026, 11, 21), date(2026, 11, 22), None)
    two = Case(paid("T1", at=T0 - 3 * DAY), paid("T2", at=T0 - DAY)).file(problem="prepaid_card")
    prepaid = facts_of(two.row).prepaid
    assert prepaid is not None
    assert prepaid.paid_on is None


def test_a_filing_before_the_payments_day_has_no_day_of_asking():
    row = Case().file().row
    assert facts_of(replace(row, filed_at=row.filed_at - timedelta(days=9))).asked_on is None


def test_the_promise_is_told_in_the_words_of_then():
    said = Said(title="退货放心", sentence="七日内可退。")
    english = Said(title="Returns", sentence="Seven days.")
    row = replace(Case().file().row, promise=Promised(id="returns", paycode="C1", zh=said, en=english))
    [found] = [each for each in entitlements(facts_of(row)).answers if each.rule == "R8"]
    assert "七日内可退。" in found.steps[1].zh
    assert "Seven days." in found.steps[1].en
