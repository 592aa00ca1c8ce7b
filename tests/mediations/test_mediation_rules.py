"""The clocks of a mediation, what stops them and what does not, and what must be there before each step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace
from tests.mediations.mediation_cases import (
    AGREE,
    BEGIN,
    BOTH,
    COLLEAGUE,
    CONSUMER,
    COUNTER,
    DONE,
    GIVE,
    MERCHANT,
    OFFICER,
    OPEN,
    REFUSE,
    TERM,
    TERMINATE,
    WAYS,
    Case,
    standing_in,
)

from hejie.base.actor import SYSTEM, Role
from hejie.base.errors import Refused
from hejie.mediations import commands as c
from hejie.mediations import events as e
from hejie.mediations.limits import last_day
from hejie.mediations.model import Checked, Face, Judged, State, Telling, Termination


def refuse(case: Case, code: str, actor, command, others=()) -> None:
    before = case.row
    with pytest.raises(Refused) as refused:
        case.do(actor, command, others=others)
    assert refused.value.code == code
    assert case.row == before


def ends(case: Case) -> date:
    assert case.row.due is not None
    return last_day(case.row.due.at)


def run_out(case: Case) -> list[e.AnyEvent]:
    assert case.row.due is not None
    return case.do(SYSTEM, c.RunOut(rule=case.row.due.rule, at=case.row.due.at))


def test_seven_working_days_begin_with_receipt_not_with_escalation():
    case = Case(datetime(2026, 4, 20, 8, tzinfo=UTC))
    case.do(SYSTEM, OPEN)
    assert (case.row.due, case.row.received_at) == (None, None)
    case.now = datetime(2026, 4, 30, 8, 20, tzinfo=UTC)
    case.do(OFFICER, c.Receive())
    assert (ends(case), case.row.due_rule, case.row.check_due_at) == (date(2026, 5, 13), "A1", case.row.due_at)


def test_sixty_days_are_counted_from_acceptance_and_an_appraisal_stops_them():
    case = standing_in(State.accepted)
    assert (ends(case), case.row.due_rule) == (date(2026, 7, 31), "M1")
    case.now = datetime(2026, 6, 20, 3, tzinfo=UTC)
    case.do(OFFICER, BEGIN)
    assert (case.row.due, case.row.due_rule) == (None, "")
    case.now = datetime(2026, 7, 9, 3, tzinfo=UTC)
    case.do(OFFICER, c.EndAppraisal())
    assert ends(case) == date(2026, 8, 20)
    refuse(case, "appraisal_none", OFFICER, c.EndAppraisal())


def test_the_clock_ends_a_mediation_and_an_older_one_does_not():
    case = standing_in(State.accepted)
    old = case.row.due
    assert old is not None
    case.do(OFFICER, BEGIN)
    case.days(10).do(OFFICER, c.EndAppraisal())
    case.now = old.at
    assert case.do(SYSTEM, c.RunOut(rule=old.rule, at=old.at)) == []
    assert case.row.due is not None
    case.now = case.row.due.at - timedelta(microseconds=1)
    assert run_out(case) == []
    refuse(case, "mediation_time_left", OFFICER, replace(TERMINATE, code=Termination.T5))
    case.now = case.row.due.at
    refuse(case, "mediation_time_over", OFFICER, AGREE)
    refuse(case, "mediation_time_over", OFFICER, BEGIN)
    (ended,) = run_out(case)
    assert isinstance(ended, e.MediationTerminated)
    assert (case.row.ended, case.row.due_rule, bool(case.row.ways)) == ("T5", "M4", True)
    case.do(SYSTEM, c.NoteTold(side=Role.merchant, how=Telling.delivered))
    assert (case.row.told_at, case.row.due_rule) == (None, "M4")
    assert case.do(SYSTEM, c.NoteTold(side=Role.merchant, how=Telling.delivered)) == []
    refuse(case, "reasons_missing", OFFICER, c.NoteTold(side=Role.consumer, how=Telling.person))
    case.do(CONSUMER, c.NoteTold(side=Role.consumer, how=Telling.opened))
    assert case.row.told_at == case.now
    assert case.row.due_at is None


def test_a_wish_for_another_mediator_stops_the_acts_but_not_the_clock():
    case = standing_in(State.accepted)
    due = case.row.due
    case.do(MERCHANT, c.AskRecusal(by=Role.merchant, words="C7"))
    for act in (AGREE, BEGIN, c.CommissionTo(body="x", both_agree=True, confirmable=False)):
        refuse(case, "recusal_pending", OFFICER, act)
    assert case.row.due == due
    refuse(case, "recusal_own", OFFICER, c.DecideRecusal(granted=False))
    case.do(COLLEAGUE, c.DecideRecusal(granted=True))
    assert case.row.officer == ""
    refuse(case, "recused_before", OFFICER, c.TakeOver())
    case.do(COLLEAGUE, c.TakeOver(), AGREE)
    assert case.row.state is State.agreed


def test_nothing_is_accepted_before_it_is_known_who_complains_and_nobody_is_asked_twice():
    case = standing_in(State.escalated)
    case.do(OFFICER, c.Receive())
    refuse(case, "identity_missing", OFFICER, c.Accept())
    refuse(case, "identity_missing", CONSUMER, replace(GIVE, identity=""))
    case.do(CONSUMER, GIVE)
    assert case.row.materials == ("address", "claim", "document", "facts", "name")
    refuse(case, "identity_given", CONSUMER, replace(GIVE, identity="C9"))
    case.do(OFFICER, COUNTER)
    assert case.row.checked is Checked.counter
    refuse(case, "identity_given", OFFICER, COUNTER)


@pytest.mark.parametrize(
    ("state", "command", "code"),
    [
        (State.received, replace(REFUSE, words=""), "reasons_missing"),
        (State.received, replace(REFUSE, ways=()), "ways_missing"),
        (State.accepted, replace(TERMINATE, words=""), "reasons_missing"),
        (State.accepted, replace(TERMINATE, ways=()), "ways_missing"),
        (State.accepted, replace(AGREE, terms=()), "terms_missing"),
        (State.accepted, replace(AGREE, terms=(TERM,) * 21), "terms_missing"),
        (State.accepted, replace(AGREE, terms=(replace(TERM, who=Role.officer),)), "term_unreadable"),
        (State.accepted, replace(AGREE, terms=(replace(TERM, by=date(2026, 5, 31)),)), "term_unreadable"),
        (State.accepted, replace(AGREE, facts=""), "facts_missing"),
        (State.accepted, replace(BEGIN, body=" "), "body_missing"),
        (State.accepted, c.CommissionTo(body="x", both_agree=False, confirmable=True), "consent_of_both_missing"),
        (State.accepted, c.SplitOff(words=""), "reasons_missing"),
        (State.accepted, c.LinkElsewhere(system="12399", number="123456"), "link_unreadable"),
        (State.accepted, c.LinkElsewhere(system="12315", number="一二三"), "link_unreadable"),
        (State.agreed, replace(DONE, words=""), "reasons_missing"),
        (State.agreed, c.NotePerformance(performed=False, words="C"), "ways_missing"),
    ],
)
def test_what_is_incomplete_is_refused(state, command, code):
    refuse(standing_in(state), code, OFFICER, command)


def test_both_must_have_agreed_to_mediation():
    case = standing_in(State.received)
    case.do(OFFICER, c.Accept(), BOTH[0])
    refuse(case, "consent_of_both_missing", OFFICER, AGREE)
    (noted,) = case.do(OFFICER, BOTH[1])
    assert isinstance(noted, e.Consented)
    assert (noted.noted_by, case.row.consents) == ("O1", (Role.consumer, Role.merchant))


def test_a_registered_body_mediates_once_and_a_court_may_confirm_for_thirty_days():
    case = standing_in(State.accepted)
    body = c.CommissionTo(body="上城区消费纠纷人民调解委员会", both_agree=True, confirmable=True)
    case.do(OFFICER, body)
    refuse(case, "commission_once", OFFICER, body)
    case.do(OFFICER, replace(AGREE, face=Face.record))
    assert case.row.confirm_due is not None
    assert (case.row.confirm_due.rule, last_day(case.row.confirm_due.at)) == ("O4", date(2026, 7, 1))
    plain = standing_in(State.agreed)
    assert plain.row.confirm_due is None
    assert ends(plain) == date(2026, 12, 31)


def test_a_violation_goes_its_own_way_after_any_end():
    case = standing_in(State.performed)
    case.do(OFFICER, c.SplitOff(words="C8"))
    assert case.row.verify_due is not None
    assert (case.row.verify_due.rule, case.row.violations, case.row.state) == ("V1", 1, State.performed)


def test_cases_of_one_merchant_are_joined_and_two_speak_for_all():
    case = standing_in(State.accepted)
    other = replace(standing_in(State.accepted).row, id="m:D2", dispute="D2")
    foreign = replace(other, merchant="M9")
    join = c.Join(others=("m:D2",), representatives=("m:D1", "m:D2"))
    refuse(case, "join_unknown", OFFICER, join)
    refuse(case, "join_unknown", OFFICER, join, others=(foreign,))
    refuse(case, "join_representatives", OFFICER, replace(join, representatives=("m:D3",)), others=(other,))
    case.do(OFFICER, join, others=(other,))
    assert (case.row.joined, case.row.representatives) == (("m:D2",), ("m:D1", "m:D2"))


def test_a_dispute_that_moves_takes_its_mediation_along_and_asks_the_new_merchant():
    case = standing_in(State.accepted)
    moved = replace(OPEN, merchant="M9", competent=("330106",), bases=("place",))
    case.do(SYSTEM, moved)
    row = case.row
    assert (row.merchant, row.competent, row.consents) == ("M9", ("330106",), (Role.consumer,))
    assert (row.authority, row.state) == ("330102", State.accepted)
    assert case.do(SYSTEM, moved) == []


def test_an_officer_decides_whether_a_case_is_the_same_complaint_and_may_think_again():
    case = standing_in(State.received)
    refuse(case, "duplicate_itself", OFFICER, c.JudgeDuplicate(dispute="D1", same=True))
    for same in (True, False):
        assert case.do(OFFICER, c.JudgeDuplicate(dispute="D9", same=same))
        assert case.do(OFFICER, c.JudgeDuplicate(dispute="D9", same=same)) == []
        assert case.row.duplicates == (Judged(dispute="D9", same=same),)
    assert case.row.elsewhere == ()


def test_refusal_keeps_its_seven_days_until_both_are_told():
    case = standing_in(State.refused)
    assert (case.row.refused, case.row.ended, case.row.due_rule, case.row.ways) == ("N3", "", "A1", WAYS)
    assert case.row.checked_at == case.now
    for side in (Role.consumer, Role.merchant):
        assert case.row.due_rule == "A1"
        case.do(SYSTEM, c.NoteTold(side=side, how=Telling.delivered))
    assert case.row.due is None
