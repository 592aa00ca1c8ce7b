"""Clocks: overdue, escalated by itself, lapsed, reopened; silence is never success."""

from __future__ import annotations

import pytest
from tests.disputes.dispute_cases import CONSUMER, DAY, HOUR, MERCHANT, T0, Case, kinds, standing_in

from hejie.base.actor import SYSTEM
from hejie.cities.dues import Rule
from hejie.disputes import commands as c
from hejie.disputes.model import Outcome, Remedy, Survey
from hejie.disputes.states import State


def test_a_merchants_silence_escalates_by_itself():
    case = Case().file()
    assert kinds(case.run_out()) == ["WentOverdue", "Escalated"]
    row = case.row
    assert case.now == T0 + 96 * HOUR
    assert (row.state, row.escalated_at, row.escalated_because) == (State.mediating, case.now, "silence")
    assert row.due is None


def test_unless_the_consumer_chose_otherwise():
    case = Case().file(by_itself=False)
    assert kinds(case.run_out()) == ["WentOverdue"]
    assert (case.row.state, case.row.due, case.row.outcome) == (State.overdue, None, None)
    case.do(CONSUMER, c.Escalate())
    assert (case.row.state, case.row.escalated_because) == (State.mediating, "asked")


def test_the_clock_runs_out_at_its_instant_and_not_before():
    case = Case().file()
    clock = case.row.due
    assert clock is not None
    told = c.RunOut(rule=clock.rule.value, at=clock.at)
    case.now = clock.at - HOUR / 3600
    case.nothing(SYSTEM, told)
    case.now = clock.at
    assert case.do(SYSTEM, told)
    case.nothing(SYSTEM, told)


@pytest.mark.parametrize(
    ("rule", "shift"),
    [(Rule.consumer_confirm, 0 * HOUR), (Rule.merchant_answer, HOUR), (Rule.performance, 0 * HOUR)],
)
def test_another_clocks_end_changes_nothing(rule, shift):
    case = Case().file()
    clock = case.row.due
    assert clock is not None
    case.wait(30 * DAY).nothing(SYSTEM, c.RunOut(rule=rule.value, at=clock.at + shift))


def test_an_answer_in_time_stops_the_merchants_clock():
    case = Case().file()
    clock = case.row.due
    assert clock is not None
    case.offer().wait(5 * DAY)
    case.nothing(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))
    assert case.row.state is State.awaiting_consumer


def test_the_consumer_is_reminded_on_days_one_three_and_six():
    case = Case().file()
    event = case.do(MERCHANT, c.MakeOffer(id="x", remedy=Remedy.apology))[0]
    assert getattr(event, "reminders", None) == tuple(case.now + days * DAY for days in (1, 3, 6))


def test_unanswered_it_lapses_counted_silent():
    case = standing_in(State.awaiting_consumer)
    assert kinds(case.run_out()) == ["Lapsed"]
    row = case.row
    assert (row.state, row.outcome, row.closed_at) == (State.lapsed, Outcome.silent, case.now)
    assert not row.is_open
    assert row.reopen_due is not None
    assert row.reopen_due.at == case.now + 30 * DAY


def test_one_tap_reopens_it_for_thirty_days():
    case = standing_in(State.lapsed)
    case.wait(30 * DAY - HOUR).do(CONSUMER, c.Reopen())
    row = case.row
    assert (row.state, row.outcome, row.closed_at, row.reopen_due) == (State.awaiting_consumer, None, None, None)
    assert row.due is not None
    assert (row.due.rule, row.due.at) == (Rule.consumer_confirm, case.now + 7 * DAY)
    case.do(CONSUMER, c.Escalate())
    assert case.row.state is State.mediating


def test_after_thirty_days_it_stays_lapsed():
    case = standing_in(State.lapsed)
    case.wait(30 * DAY).refuse("reopening_over", CONSUMER, c.Reopen())


def test_it_can_lapse_and_come_back_again():
    case = standing_in(State.lapsed)
    case.do(CONSUMER, c.Reopen())
    case.run_out()
    case.do(CONSUMER, c.Reopen())
    assert case.row.state is State.awaiting_consumer


def test_money_that_comes_after_a_lapse_is_counted_and_the_end_stays_silent():
    case = standing_in(State.lapsed)
    case.see("own-1", 10_000)
    assert (case.row.refunded_fen, case.row.outcome, case.row.state) == (10_000, Outcome.silent, State.lapsed)
    case.do(CONSUMER, c.Reopen())
    case.run_out()
    assert case.row.outcome is Outcome.unconfirmed


@pytest.mark.parametrize("state", [State.settled, State.lapsed, State.mediated])
def test_asked_once_how_it_went(state):
    case = standing_in(state)
    for mood in (0, 6, -1):
        case.refuse("mood_unknown", CONSUMER, c.Rate(solved=True, mood=mood))
    outcome = case.row.outcome
    case.do(CONSUMER, c.Rate(solved=False, mood=1))
    assert case.row.survey == Survey(solved=False, mood=1)
    assert (case.row.outcome, case.row.state) == (outcome, state)
    case.refuse("rated_before", CONSUMER, c.Rate(solved=True, mood=5))


def test_withdrawn_at_any_open_step_but_not_while_money_is_on_its_way():
    for state in (State.awaiting_merchant, State.awaiting_consumer, State.overdue, State.mediating):
        case = standing_in(state)
        case.do(CONSUMER, c.Withdraw())
        assert (case.row.state, case.row.outcome) == (State.withdrawn, Outcome.withdrawn)
    standing_in(State.settling).refuse("step_out_of_order", CONSUMER, c.Withdraw())


@pytest.mark.parametrize(
    "command",
    [
        c.Answer(words="C1"),
        c.MakeOffer(id="o1", remedy=Remedy.apology),
        c.AcceptOffer(offer="claim"),
        c.DeclineOffer(offer="claim", words="C1"),
    ],
)
def test_an_answer_after_the_time_is_late_even_before_anybody_has_said_so(command):
    for wait, late in ((96 * HOUR - HOUR / 3600, False), (96 * HOUR, True)):
        case = Case().file().wait(wait)
        case.do(MERCHANT, command)
        assert case.row.late is late
