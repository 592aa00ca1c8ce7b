"""The way to 12315: nothing without consent or after it was taken back, every fact by itself, times by the law."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, DAY, MERCHANT, OFFICER, SETTINGS, T0, Case, kinds, paid

from hejie.agenda import for_dispute
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.disputes import commands as c
from hejie.disputes.handoff import HandoffState
from hejie.disputes.handoff_commands import (
    ConsentHandoff,
    EndOdr,
    HandOff,
    NoteHandoff,
    Step,
    WithdrawHandoffConsent,
)
from hejie.disputes.handoff_events import OdrBegun
from hejie.disputes.model import Outcome
from hejie.disputes.states import State

CONSENT = ConsentHandoff(package="K1", digest="d1")
STEPS = {step: NoteHandoff(key="K1", step=step, number="123", code="N3", words="C8") for step in Step}


def case_for(handoff: str = "officer", *, odr: bool = False, now: datetime = T0) -> Case:
    case = Case(paid(at=now - DAY), now=now).file(by_itself=False).offer().mediate()
    case.settings, case.odr = replace(SETTINGS, handoff=handoff), odr
    return case


def sent(case: Case | None = None) -> Case:
    case = case or case_for()
    for actor, command in ((CONSUMER, CONSENT), (OFFICER, HandOff()), (SYSTEM, STEPS[Step.sending])):
        assert case.do(actor, command)
    return case


def state_of(case: Case) -> HandoffState:
    assert case.row.handoff is not None
    return case.row.handoff.state


def test_consent_then_the_officer_and_only_then_a_task():
    case = case_for()
    case.refuse("handoff_none", OFFICER, HandOff())
    [agreed] = case.do(CONSUMER, CONSENT)
    assert [task for task in for_dispute(case.row, agreed) if task.kind == "hand_off"] == []
    case.refuse("handoff_under_way", CONSUMER, replace(CONSENT, package="K2"))
    case.refuse("not_your_case", Actor(Role.officer, "O2", "330102"), HandOff())
    [handed] = case.do(OFFICER, HandOff())
    [task] = [task for task in for_dispute(case.row, handed) if task.kind == "hand_off"]
    assert task.payload == {"key": "K1"}
    assert task.destination == "national:330100"
    assert case.row.state is State.mediating
    case.refuse("handoff_under_way", OFFICER, HandOff())


def test_where_the_city_says_so_the_consent_is_enough():
    case = case_for("consent")
    assert kinds(case.do(CONSUMER, CONSENT)) == ["HandoffConsented", "HandedOff"]


@pytest.mark.parametrize("handed", [False, True])
def test_a_consent_that_is_taken_back_sends_nothing(handed):
    case = case_for()
    case.do(CONSUMER, CONSENT)
    if handed:
        case.do(OFFICER, HandOff())
    case.do(CONSUMER, WithdrawHandoffConsent())
    for step in Step:
        case.nothing(SYSTEM, STEPS[step])
    assert state_of(case) is HandoffState.withdrawn
    case.refuse("handoff_none", OFFICER, HandOff())
    assert case.do(CONSUMER, replace(CONSENT, package="K2"))


@pytest.mark.parametrize("end", [c.Withdraw(), c.Close(memo="C9", agency="A", outcome=Outcome.unsettled)])
def test_a_withdrawn_dispute_goes_nowhere_an_unsettled_one_does(end):
    case = case_for()
    case.do(CONSUMER, CONSENT)
    case.do(OFFICER, HandOff())
    unsettled = isinstance(end, c.Close)
    case.do(OFFICER if unsettled else CONSUMER, end)
    assert bool(case.do(SYSTEM, STEPS[Step.sending])) is unsettled


def test_once_it_is_on_its_way_the_consent_cannot_be_taken_back():
    case = sent()
    case.refuse("handoff_gone", CONSUMER, WithdrawHandoffConsent())
    case.do(SYSTEM, STEPS[Step.unknown])
    case.do(SYSTEM, STEPS[Step.unknown])
    assert case.row.handoff is not None
    assert (state_of(case), case.row.handoff.doubts) == (HandoffState.unknown, 2)
    case.refuse("handoff_gone", CONSUMER, WithdrawHandoffConsent())


#                     from →  sending, unknown, received, accepted (each fact leads on only where it makes sense)
LEADS = [
    (Step.sending, (0, 0, 0, 0)),
    (Step.unknown, (1, 1, 0, 0)),
    (Step.received, (1, 1, 0, 0)),
    (Step.accepted, (0, 0, 1, 0)),
    (Step.refused, (1, 1, 1, 1)),
    (Step.returned, (1, 1, 1, 1)),
    (Step.concluded, (1, 1, 1, 1)),
]


@pytest.mark.parametrize(("step", "leads"), LEADS)
def test_what_leads_on_from_where(step, leads):
    roads = ((), (Step.unknown,), (Step.received,), (Step.received, Step.accepted))
    for road, on in zip(roads, leads, strict=True):
        case = sent()
        for each in road:
            case.do(SYSTEM, STEPS[each])
        happened = case.do(SYSTEM, STEPS[step])
        assert bool(happened) is bool(on), (road, step)
        case.nothing(SYSTEM, replace(STEPS[step], key="K9"))
        assert case.row.state is State.mediating


@pytest.mark.parametrize("code", ["", "N0", "N8", "T1"])
def test_a_refusal_needs_one_of_the_seven_grounds(code):
    sent().nothing(SYSTEM, replace(STEPS[Step.refused], code=code))


def test_what_came_back_may_go_again_under_another_key_only():
    case = sent()
    case.do(SYSTEM, STEPS[Step.returned])
    case.do(CONSUMER, replace(CONSENT, package="K2"))
    case.nothing(SYSTEM, STEPS[Step.concluded])
    assert case.row.handoff is not None
    assert (case.row.handoff.package, case.row.handoff.number) == ("K2", "")


def shanghai(at: datetime) -> date:
    return (at - timedelta(seconds=1)).astimezone(SHANGHAI).date()


def test_the_authoritys_times_run_from_the_receipt_and_the_acceptance():
    case = sent(case_for(now=datetime(2026, 4, 30, 4, tzinfo=UTC)))
    at = datetime(2026, 4, 30, 8, 20, tzinfo=UTC)
    [received] = case.do(SYSTEM, replace(STEPS[Step.received], at=at))
    assert shanghai(received.decide_by.at) == date(2026, 5, 13)
    at = datetime(2026, 8, 4, 2, tzinfo=UTC)
    [accepted] = case.do(SYSTEM, replace(STEPS[Step.accepted], at=at))
    assert shanghai(accepted.mediate_by.at) == date(2026, 10, 8)
    assert not accepted.mediate_by.provisional


def with_odr(handoff: str = "officer", now: datetime = T0) -> Case:
    case = case_for(handoff, odr=True, now=now)
    assert kinds(case.do(CONSUMER, CONSENT)) == ["HandoffConsented", "OdrBegun"]
    return case


def test_an_odr_enterprise_negotiates_first_for_ten_working_days():
    case = with_odr(now=datetime(2026, 6, 8, 2, tzinfo=UTC))
    odr = case.row.odr
    assert odr is not None
    assert shanghai(odr.until.at) == date(2026, 6, 23)  # Dragon Boat Festival: Friday 19 June is off
    case.refuse("odr_runs", OFFICER, HandOff())
    case.nothing(SYSTEM, EndOdr(at=odr.until.at))
    case.nothing(SYSTEM, EndOdr(at=odr.until.at - DAY))
    case.now = odr.until.at
    assert kinds(case.do(SYSTEM, EndOdr(at=odr.until.at))) == ["OdrEnded"]
    case.nothing(SYSTEM, EndOdr(at=odr.until.at))
    assert case.do(OFFICER, HandOff())


def test_its_time_counts_in_no_limit_of_the_authority():
    case = with_odr(now=datetime(2026, 4, 10, 2, tzinfo=UTC))
    case.now = datetime(2026, 4, 30, 4, tzinfo=UTC)
    case.do(OFFICER, HandOff())
    case.do(SYSTEM, STEPS[Step.sending])
    [received] = case.do(SYSTEM, replace(STEPS[Step.received], at=case.now))
    assert shanghai(received.decide_by.at) == date(2026, 5, 13)


def test_the_merchant_may_say_that_no_agreement_comes():
    case = with_odr("consent")
    assert kinds(case.do(MERCHANT, EndOdr())) == ["OdrEnded", "HandedOff"]
    case.refuse("odr_none", MERCHANT, EndOdr())


def test_it_negotiates_once_in_a_dispute():
    case = with_odr()
    case.do(MERCHANT, EndOdr())
    case.do(CONSUMER, WithdrawHandoffConsent())
    assert kinds(case.do(CONSUMER, replace(CONSENT, package="K2"))) == ["HandoffConsented"]


def test_a_consent_taken_back_in_its_time_goes_nowhere_when_it_ends():
    case = with_odr("consent")
    case.do(CONSUMER, WithdrawHandoffConsent())
    assert kinds(case.do(MERCHANT, EndOdr())) == ["OdrEnded"]


def test_an_end_in_a_year_without_a_calendar_is_provisional_and_says_so():
    case = with_odr(now=datetime(2026, 12, 24, 2, tzinfo=UTC))
    assert case.row.odr is not None
    assert case.row.odr.until.missing_years == (2027,)
    assert case.row.odr.until.provisional


def test_what_is_off_stays_off():
    case = case_for("off", odr=True)
    case.refuse("handoff_off", CONSUMER, CONSENT)


def test_the_end_of_the_negotiation_has_a_timer():
    case = with_odr()
    begun = next(event for event in case.events if isinstance(event, OdrBegun))
    [task] = [task for task in for_dispute(case.row, begun) if task.kind == "end_odr"]
    assert case.row.odr is not None
    assert task.at == case.row.odr.until.at
