"""Not my sale: the party that is named, the officer, and a clock that runs on all the while."""

from __future__ import annotations

import pytest
from tests.disputes.dispute_cases import CONSUMER, HOUR, MERCHANT, OFFICER, Case, kinds

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.disputes import commands as c
from hejie.disputes.denying import DenialReason, Party
from hejie.disputes.model import OfferStatus, Remedy, Road
from hejie.disputes.states import State

OTHER = Actor(Role.merchant, "S2", "M2")
THIRD = Actor(Role.merchant, "S3", "M3")
TO = c.Named(merchant="M2", shop="SH2")
HERE = Party(merchant="M2", shop="SH2", district="330106")


def denied(to: c.Named | None = TO, *, case: Case | None = None) -> Case:
    case = case or Case().file(by_itself=False)
    case.party = HERE if to else None
    case.do(MERCHANT, c.DenySale(reason=DenialReason.franchisee_sold, words="W2", to=to))
    return case


def taken() -> Case:
    case = denied().wait(HOUR)
    case.own_account = case.authorised = False
    case.do(OTHER, c.TakeSale(ours=True))
    return case


def test_the_named_party_takes_it_and_every_due_time_stays():
    case = Case().file()
    before = case.row
    denied(case=case)
    assert (case.row.state, case.row.due, case.row.asked) == (before.state, before.due, "M2")
    case.wait(HOUR).do(OTHER, c.TakeSale(ours=True))
    row = case.row
    assert (row.merchant, row.shop, row.district) == ("M2", "SH2", "330106")
    assert (row.state, row.due, row.filed_at) == (before.state, before.due, before.filed_at)
    assert [(gone.merchant, gone.version) for gone in row.former] == [("M1", 2)]
    assert row.denial is None
    case.refuse("dispute_unknown", MERCHANT, c.Say(words="W"))
    case.do(OTHER, c.Answer(words="W"))


def test_the_clock_runs_out_for_whoever_has_it():
    case = denied().wait(40 * HOUR)
    case.do(OTHER, c.TakeSale(ours=True))
    assert kinds(case.run_out()) == ["WentOverdue"]
    assert case.now - case.row.filed_at == 96 * HOUR
    case.do(CONSUMER, c.Escalate())


def test_the_consumer_escalates_as_before_while_it_is_being_asked():
    case = Case().file(by_itself=False).offer()
    denied(case=case)
    assert case.row.state is State.awaiting_consumer
    case.do(CONSUMER, c.Escalate())
    case.do(OTHER, c.TakeSale(ours=True))
    assert (case.row.state, case.row.merchant) == (State.mediating, "M2")


def test_what_the_former_merchant_offered_binds_nobody():
    case = Case().file(by_itself=False).offer()
    denied(case=case)
    case.do(OTHER, c.TakeSale(ours=True))
    offer = case.row.offer("o1")
    assert offer is not None
    assert offer.status is OfferStatus.replaced
    case.refuse("offer_over", CONSUMER, c.AcceptOffer(offer="o1"))


def test_money_goes_back_only_from_the_account_that_was_paid():
    case = taken()
    assert case.row.offers[0].road is Road.by_hand
    for road in (Road.api, Road.own_tool):
        case.refuse("payment_of_another", OTHER, c.AcceptOffer(offer="claim", road=road))
        offer = c.MakeOffer(id="x", remedy=Remedy.refund_part, amount_fen=100, road=road)
        case.refuse("payment_of_another", OTHER, offer)
    case.do(CONSUMER, c.MakeOffer(id="y", remedy=Remedy.refund_part, amount_fen=100))
    found = case.row.offer("y")
    assert found is not None
    assert found.road is Road.by_hand
    case.do(OTHER, c.AcceptOffer(offer="y"))
    assert case.row.refunds == ()


def test_by_api_too_where_the_account_is_the_new_merchants():
    case = denied().wait(HOUR)
    case.do(OTHER, c.TakeSale(ours=True))
    case.do(OTHER, c.AcceptOffer(offer="claim"))
    assert len(case.row.refunds) == 1


def test_no_and_silence_go_to_the_officer():
    case = denied()
    assert case.row.denial is not None
    asked, until = case.row.denial.at, case.row.denial.until
    assert until == case.row.filed_at + 48 * HOUR
    case.nothing(SYSTEM, c.PassDenial(at=asked))
    case.now = until
    assert kinds(case.do(SYSTEM, c.PassDenial(at=asked))) == ["PartySilent"]
    case.nothing(SYSTEM, c.PassDenial(at=asked))
    assert case.row.asked == "M2", "it may still take it until an officer decides"
    assert kinds(case.do(OTHER, c.TakeSale(ours=False, words="W3"))) == ["PartyRefused"]
    assert case.row.asked == ""
    case.refuse("dispute_unknown", OTHER, c.TakeSale(ours=True))


def test_a_denial_that_names_nobody_is_the_officers_at_once():
    case = denied(None)
    assert case.row.denial is not None
    assert case.row.denial.with_officer
    assert kinds(case.do(OFFICER, c.JudgeDenial(upheld=True, words="W3"))) == ["DenialJudged", "Escalated"]
    assert (case.row.escalated_because, case.row.denied_falsely) == ("no_seller", "")


def test_a_false_denial_counts_and_gains_no_time():
    case = denied(None).wait(95 * HOUR)
    due = case.row.due
    case.do(OFFICER, c.JudgeDenial(upheld=False, words="W3"))
    assert (case.row.denied_falsely, case.row.due, case.row.state) == ("M1", due, State.awaiting_merchant)
    case.refuse("denial_repeated", MERCHANT, c.DenySale(reason=DenialReason.other, words="W"))
    assert kinds(case.wait(HOUR).run_out()) == ["WentOverdue"]


def test_who_refused_a_sale_that_was_its_own_has_denied_falsely_too():
    case = denied()
    case.do(OTHER, c.TakeSale(ours=False))
    case.do(OFFICER, c.JudgeDenial(upheld=True, words="W3", to=TO))
    assert (case.row.merchant, case.row.denied_falsely) == ("M2", "M2")
    case.refuse("denial_repeated", OTHER, c.DenySale(reason=DenialReason.other, words="W"))


def test_a_moved_dispute_is_denied_once_more_and_only_to_the_officer():
    case = taken()
    case.party = Party(merchant="M3")
    deny = c.DenySale(reason=DenialReason.other, words="W", to=c.Named(merchant="M3"))
    case.refuse("denial_to_officer_only", OTHER, deny)
    case.do(OTHER, c.DenySale(reason=DenialReason.other, words="W"))
    case.do(OFFICER, c.JudgeDenial(upheld=True, words="W", to=c.Named(merchant="M3")))
    assert case.row.merchant == "M3"
    assert [gone.merchant for gone in case.row.former] == ["M1", "M2"]
    case.party = HERE
    case.do(THIRD, c.DenySale(reason=DenialReason.other, words="W"))
    case.refuse("party_is_you", OFFICER, c.JudgeDenial(upheld=True, words="W", to=TO))


@pytest.mark.parametrize(
    ("party", "code"), [(None, "party_unknown"), (Party(merchant="M1", shop="SH9"), "party_is_you")]
)
def test_bad_names(party: Party | None, code: str):
    case = Case().file()
    case.party = party
    case.refuse(code, MERCHANT, c.DenySale(reason=DenialReason.other, words="W", to=TO))
    case.refuse("words_missing", MERCHANT, c.DenySale(reason=DenialReason.other, words=""))


def test_an_agreement_ends_the_denial_and_forbids_another():
    case = denied()
    case.accept(road=Road.own_tool)
    assert case.row.denial is None
    case.refuse("dispute_unknown", OTHER, c.TakeSale(ours=True))
    case.do(CONSUMER, c.Deny(words="W"))
    with pytest.raises(HejieError):
        case.do(MERCHANT, c.DenySale(reason=DenialReason.other, words="W"))


def test_strangers_are_not_asked():
    case = denied()
    for stranger in (THIRD, MERCHANT, Actor(Role.merchant, "S9")):
        case.refuse("dispute_unknown", stranger, c.TakeSale(ours=True))
    case.refuse("not_your_case" if case.row.officer else "outcome_wrong", OFFICER,
                c.JudgeDenial(upheld=False, words="W", to=TO))  # fmt: skip
