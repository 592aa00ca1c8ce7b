"""Pressure's door: the merchant's standing is held until a person has decided; nothing of the consumer's changes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, DAY, HOUR, MERCHANT, OFFICER, Case, kinds, standing_in

from hejie.base.actor import Actor, Role
from hejie.disputes import commands as c
from hejie.disputes.ending import may_escalate
from hejie.disputes.pressure import Reason
from hejie.disputes.states import State

CALL = c.CallPressure(reason=Reason.pressure, words="C5")
YES, NO = c.JudgePressure(upheld=True, words="C6"), c.JudgePressure(upheld=False, words="C6")
ANSWER = c.Answer(words="C7")
CALLABLE = (State.awaiting_merchant, State.awaiting_consumer, State.overdue, State.mediating)


@pytest.mark.parametrize("state", CALLABLE)
@pytest.mark.parametrize("judge", [None, YES, NO])
def test_neither_call_nor_decision_moves_the_dispute_or_a_clock(state, judge):
    case = standing_in(state)
    before = case.row
    assert kinds(case.do(MERCHANT, CALL)) == ["PressureCalled"]
    if judge:
        assert kinds(case.do(OFFICER, judge)) == ["PressureJudged"]
    own = {"version", "changed_at", "pressure", "standing_held"}
    kept = {name: getattr(before, name) for name in own}
    assert replace(case.row, **kept) == before
    assert may_escalate(case.row) == may_escalate(before)
    assert case.row.standing_held is (judge is not NO)


def test_it_is_noted_once_and_needs_words():
    case = standing_in(State.awaiting_merchant)
    case.refuse("words_missing", MERCHANT, c.CallPressure(reason=Reason.pressure, words=""))
    case.do(MERCHANT, CALL)
    case.refuse("pressure_called_before", MERCHANT, CALL)
    case.refuse("words_missing", OFFICER, c.JudgePressure(upheld=True, words=""))
    case.do(OFFICER, NO)
    case.refuse("pressure_judged", OFFICER, YES)
    case.refuse("pressure_called_before", MERCHANT, CALL)


def test_the_case_of_a_colleague_is_theirs_to_decide():
    case = standing_in(State.mediating)
    case.do(MERCHANT, CALL)
    case.refuse("not_your_case", Actor(Role.officer, "O2", "330102"), YES)
    case.do(OFFICER, YES)


def test_it_is_decided_after_the_end_too():
    case = standing_in(State.awaiting_merchant)
    case.do(MERCHANT, CALL)
    case.do(CONSUMER, c.Withdraw())
    assert case.row.standing_held
    case.do(OFFICER, NO)
    assert not case.row.standing_held


def test_the_consumer_may_reply_and_the_case_escalates_by_itself_as_ever():
    case = Case().file()
    case.do(MERCHANT, CALL)
    case.do(CONSUMER, c.Say(words="C8"))
    assert kinds(case.run_out()) == ["WentOverdue", "Escalated"]
    assert case.row.standing_held


@pytest.mark.parametrize(
    "how", [ANSWER, c.MakeOffer(id="o1", remedy="apology"), c.DeclineOffer(offer="claim", words="C")]
)
def test_while_nobody_has_decided_no_answer_is_late(how):
    case = standing_in(State.awaiting_merchant)
    case.do(MERCHANT, CALL)
    case.run_out()
    case.wait(DAY).do(MERCHANT, how)
    assert not case.row.late


def test_time_that_had_run_out_before_stays_so():
    case = standing_in(State.overdue)
    case.do(MERCHANT, CALL)
    case.do(OFFICER, YES)
    case.do(MERCHANT, ANSWER)
    assert case.row.late


def test_a_call_that_was_right_keeps_the_answer_from_being_late():
    case = standing_in(State.awaiting_merchant)
    case.do(MERCHANT, CALL)
    case.run_out()
    case.do(OFFICER, YES)
    case.wait(10 * DAY).do(MERCHANT, ANSWER)
    assert not case.row.late


@pytest.mark.parametrize(("hours", "late"), [(90, False), (91, True)])
def test_a_call_that_was_not_right_gives_back_the_time_that_was_left(hours, late):
    case = standing_in(State.awaiting_merchant)
    case.wait(6 * HOUR).do(MERCHANT, CALL)
    case.run_out()
    case.wait(5 * DAY).do(OFFICER, NO)
    case.wait(hours * HOUR).do(MERCHANT, ANSWER)
    assert case.row.late is late


def test_older_logs_fold_without_it():
    assert not standing_in(State.settled).row.standing_held
