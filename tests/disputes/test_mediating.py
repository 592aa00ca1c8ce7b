"""Mediation: one officer takes the case, proposes, and closes with memo and agency."""

from __future__ import annotations

from tests.disputes.dispute_cases import CLAIM, CONSUMER, MERCHANT, OFFICER, Case, kinds, standing_in

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.disputes import commands as c
from hejie.disputes.model import OfferStatus, Outcome, Performance, Remedy, Road
from hejie.disputes.states import State

COLLEAGUE = Actor(Role.officer, "O2", "330102")
PROPOSAL = c.MakeOffer(id="p1", remedy=Remedy.refund_part, amount_fen=5_000)
AGENCY = "杭州市上城区市场监督管理局"


def close(outcome: Outcome = Outcome.mediated, memo: str = "C9", agency: str = AGENCY) -> c.Close:
    return c.Close(memo=memo, agency=agency, outcome=outcome)


def taken() -> Case:
    return standing_in(State.mediating)


def test_one_officer_holds_the_case():
    case = Case().file().offer()
    case.do(CONSUMER, c.Escalate())
    case.refuse("not_your_case", OFFICER, PROPOSAL)
    case.refuse("not_your_case", OFFICER, close(Outcome.unsettled))
    case.do(OFFICER, c.Take())
    assert (case.row.officer, case.row.agency) == ("O1", "330102")
    case.nothing(OFFICER, c.Take())
    for command in (PROPOSAL, close(Outcome.unsettled)):
        case.refuse("not_your_case", COLLEAGUE, command)
    case.refuse("taken_by_other", COLLEAGUE, c.Take())


def test_a_proposal_both_accept_is_agreed_and_paid():
    case = taken()
    case.do(OFFICER, PROPOSAL)
    offer = case.row.offer("p1")
    assert offer is not None
    assert offer.road is Road.api
    assert kinds(case.do(CONSUMER, c.AcceptOffer(offer="p1"))) == ["OfferAccepted"]
    case.refuse("offer_own", CONSUMER, c.AcceptOffer(offer="p1"))
    assert (case.row.agreement, case.row.refunds) == (None, ())
    case.refuse("nothing_agreed", OFFICER, close())
    assert kinds(case.do(MERCHANT, c.AcceptOffer(offer="p1"))) == ["Agreed"]
    assert (case.row.state, case.row.due, len(case.row.refunds)) == (State.mediating, None, 1)
    case.refuse("refund_under_way", OFFICER, close())
    case.refuse("refund_under_way", CONSUMER, c.Withdraw())
    key = case.row.refunds[0].key
    assert kinds(case.see(key, 5_000)) == ["RefundSeen"]
    case.do(OFFICER, close())
    row = case.row
    assert (row.state, row.outcome, row.memo, row.agency) == (State.mediated, Outcome.mediated, "C9", AGENCY)
    assert row.closed_at == case.now


def test_a_proposal_one_accepts_binds_nobody():
    for first, second in ((CONSUMER, MERCHANT), (MERCHANT, CONSUMER)):
        case = taken()
        case.do(OFFICER, PROPOSAL)
        case.do(first, c.AcceptOffer(offer="p1"))
        case.do(second, c.DeclineOffer(offer="p1", words="C1"))
        offer = case.row.offer("p1")
        assert offer is not None
        assert offer.status is OfferStatus.declined
        case.refuse("offer_over", second, c.AcceptOffer(offer="p1"))
        assert (case.row.agreement, case.row.state) == (None, State.mediating)
        case.do(OFFICER, close(Outcome.unsettled))
        assert case.row.outcome is Outcome.unsettled


def test_a_new_proposal_is_accepted_anew():
    case = taken()
    case.do(OFFICER, PROPOSAL)
    case.do(CONSUMER, c.AcceptOffer(offer="p1"))
    case.do(OFFICER, c.MakeOffer(id="p2", remedy=Remedy.apology))
    case.refuse("offer_over", MERCHANT, c.AcceptOffer(offer="p1"))
    assert kinds(case.do(MERCHANT, c.AcceptOffer(offer="p2"))) == ["OfferAccepted"]
    assert case.row.agreement is None


def test_the_parties_may_still_agree_between_themselves():
    case = taken()
    assert kinds(case.do(MERCHANT, c.AcceptOffer(offer=CLAIM))) == ["Agreed"]
    assert (case.row.state, case.row.due) == (State.mediating, None)
    case.do(SYSTEM, c.RefundFails(key="D1-1", code="no"))
    case.do(MERCHANT, c.RetryRefund())
    case.see("D1-2", 10_000)
    case.do(OFFICER, close())


def test_what_the_consumer_says_of_performance_is_noted_and_closes_nothing():
    case = Case().file().offer(3_000, Road.by_hand).mediate()
    for command in (c.Confirm(), c.Deny()):
        case.refuse("nothing_agreed", CONSUMER, command)
    case.accept("o1", CONSUMER)
    case.do(MERCHANT, c.ClaimPerformed(words="C1"))
    case.do(CONSUMER, c.Deny(words="C2"))
    assert (case.row.performance, case.row.state, case.row.due) == (Performance.denied, State.mediating, None)
    case.do(CONSUMER, c.Confirm())
    assert (case.row.performance, case.row.state) == (Performance.confirmed, State.mediating)
    case.do(OFFICER, close())


def test_a_close_is_complete():
    case = taken()
    case.refuse("memo_missing", OFFICER, close(Outcome.unsettled, memo=""))
    case.refuse("agency_missing", OFFICER, close(Outcome.unsettled, agency=""))
    case.refuse("nothing_agreed", OFFICER, close())
    for outcome in set(Outcome) - {Outcome.mediated, Outcome.unsettled}:
        case.refuse("outcome_wrong", OFFICER, close(outcome))
