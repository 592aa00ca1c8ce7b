"""Who may do what: the table, and that nobody lifts a limit of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from hejie import access
from hejie.base.actor import SYSTEM, Actor, Role, for_merchant
from hejie.base.errors import Missing, Refused
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Dispute, Offer, Origin, Paid, Remedy, Road
from hejie.disputes.pressure import Reason
from hejie.disputes.states import State as DisputeState
from hejie.merchants import commands as m
from hejie.merchants import handling as h
from hejie.merchants.answering import AnswerLeave, Answers
from hejie.merchants.contacts import Channel
from hejie.merchants.model import Kind, Merchant, Rank, Shop, Staff, State
from hejie.merchants.standing import StandingRule

NOW = datetime(2026, 11, 23, tzinfo=UTC)
STAFF = tuple(Staff(person=rank.value, rank=rank, refund_limit_fen=100) for rank in Rank)
MERCHANT = Merchant(
    city="330100", id="M1", version=1, credit_code="", name="面馆", kind=Kind.enterprise, state=State.enrolled,
    registered_at=NOW, changed_at=NOW, staff=STAFF, link_limit_fen=200,
)  # fmt: skip
COMMANDS: dict[type[object], object] = {
    m.AddShop: m.AddShop(shop=Shop(id="S1", name="店", district="330102", address="路")),
    m.AddStaff: m.AddStaff(staff=STAFF[0]),
    m.RemoveStaff: m.RemoveStaff(person="clerk"),
    m.SetContact: m.SetContact(content="c"),
    m.AddContact: m.AddContact(id="c", content="c"),
    m.EnrolContact: m.EnrolContact(id="c", channel=Channel.sms, content="c"),
    m.VerifyContact: m.VerifyContact(contact="c"),
    m.OrderContacts: m.OrderContacts(contacts=()),
    m.RemoveContact: m.RemoveContact(contact="c"),
    m.FailContact: m.FailContact(contact="c", why="x"),
    m.SetStandingRules: m.SetStandingRules(rules=()),
    m.SetLinkLimit: m.SetLinkLimit(limit_fen=1),
    m.WithdrawAuthorisation: m.WithdrawAuthorisation(wallet="alipay", account="1"),
    m.SetAnswering: m.SetAnswering(rules=()),
    m.SetRoleLimits: m.SetRoleLimits(limits=()),
    m.SetTarget: m.SetTarget(hours=1),
    m.SetDigest: m.SetDigest(digest=None),
    m.SetReplies: m.SetReplies(replies=()),
    m.SetCovers: m.SetCovers(covers=()),
    h.Route: h.Route(answers=Answers.office, rule="R"),
    h.Assign: h.Assign(answers=Answers.office),
    h.Return: h.Return(wish="W"),
    m.AskEnrolment: m.AskEnrolment(wallet="alipay"),
    m.CloseEnrolment: m.CloseEnrolment(wallet="alipay"),
    m.LetAnswer: m.LetAnswer(acquirer="48021000", most_fen=0, expires_at=NOW),
    m.StopAnswers: m.StopAnswers(acquirer="48021000"),
}


def _may(actor: Actor, command: object) -> bool:
    try:
        access.must_be_allowed(actor, command, MERCHANT)
    except Refused:
        return False
    return True


BY_MANAGERS_TOO: set[type[object]] = {
    m.AddShop,
    m.AddContact,
    m.VerifyContact,
    m.OrderContacts,
    m.RemoveContact,
    m.SetStandingRules,
    m.SetLinkLimit,
    m.WithdrawAuthorisation,
    m.SetAnswering,
    m.SetTarget,
    m.SetDigest,
    m.SetReplies,
    m.SetCovers,
    m.LetAnswer,
    m.StopAnswers,
}
BY_OWNERS_ONLY: set[type[object]] = {m.AddStaff, m.RemoveStaff, m.SetRoleLimits}
BY_ALL: set[type[object]] = {h.Assign, h.Return}


@pytest.mark.parametrize("rank", Rank)
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_merchants_people_by_rank(kind: type[object], rank: Rank):
    may = {Rank.owner: BY_OWNERS_ONLY | BY_MANAGERS_TOO, Rank.manager: BY_MANAGERS_TOO, Rank.clerk: set()}
    may = {each: kinds | BY_ALL for each, kinds in may.items()}
    assert _may(Actor(Role.merchant, rank.value, "M1"), COMMANDS[kind]) is (kind in may[rank])


def test_every_command_of_a_merchants_own_side_names_its_ranks():
    assert {kind for kind, sides in access.SIDES.items() if Role.merchant in sides} == set(access.RANKS)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_strangers_consumers_and_case_links_may_nothing(kind: type[object]):
    for actor in (
        Actor(Role.merchant, "owner", "M2"),
        Actor(Role.merchant, "link:D1", "M1"),
        Actor(Role.consumer, "owner", "M1"),
    ):
        assert not _may(actor, COMMANDS[kind])


def test_nobody_lets_the_house_or_a_link_give_more_than_they_may_give_themselves():
    def rules(*most: int) -> m.SetStandingRules:
        return m.SetStandingRules(rules=tuple(StandingRule(id=f"r{fen}", most_fen=fen) for fen in most))

    manager, owner = Actor(Role.merchant, "manager", "M1"), Actor(Role.merchant, "owner", "M1")
    assert _may(manager, rules(100))
    assert _may(manager, m.SetLinkLimit(limit_fen=150))
    for command in (
        rules(50, 101),
        m.SetLinkLimit(limit_fen=201),
        m.LetAnswer(acquirer="48021000", most_fen=101, expires_at=NOW),
    ):
        with pytest.raises(Refused, match="above_own_limit"):
            access.must_be_allowed(manager, command, MERCHANT)
        assert _may(owner, command)
    house = replace(MERCHANT, standing_rules=rules(500, 900).rules)
    access.must_be_allowed(manager, rules(500), house)


def test_tokens_come_by_duties_only():
    grant = m.GrantAuthorisation(wallet="alipay", account="1", content="c", expires_at=NOW)
    assert _may(SYSTEM, grant)
    assert not _may(Actor(Role.merchant, "owner", "M1"), grant)
    assert not _may(Actor(Role.officer, "o", "330100"), grant)


@pytest.mark.parametrize(
    ("person", "cost", "confirmed", "code"),
    [
        ("owner", 10_000, False, ""),
        ("clerk", 100, False, ""),
        ("clerk", 101, False, "above_own_limit"),
        ("clerk", 101, True, "above_own_limit"),
        ("link:D1", 200, False, ""),
        ("link:D1", 201, False, "code_needed"),
        ("link:D1", 201, True, ""),
    ],
)
def test_what_an_answer_may_cost(person: str, cost: int, confirmed: bool, code: str):  # noqa: FBT001
    actor = Actor(Role.merchant, person, "M1")
    if not code:
        access.must_afford(actor, MERCHANT, cost, confirmed=confirmed)
        return
    with pytest.raises(Refused) as caught:
        access.must_afford(actor, MERCHANT, cost, confirmed=confirmed)
    assert caught.value.code == code


BANK_ACTOR = for_merchant("48021000", "M1")
OFFERED = Offer(
    id="counter", by=Role.consumer, remedy=Remedy.refund_part, amount_fen=300, road=Road.own_tool, made_at=NOW
)  # fmt: skip


def _disputed(*trades: str, wallet: str = "acquirer") -> Dispute:
    paid = tuple(Paid(trade_no=each, paid_fen=500, paid_at=NOW, proven=True) for each in trades)
    return Dispute(
        city="330100", home="330100", id="D1", version=1, state=DisputeState.awaiting_merchant, consumer="P1",
        merchant="M1", shop="", district="", origin=Origin.here, wallet=wallet, problem="quality", undue=False,
        claim=Claim(remedy=Remedy.refund_full, amount_fen=500), payments=paid, escalates_by_itself=True, filed_at=NOW,
        changed_at=NOW, offers=(OFFERED,),
    )  # fmt: skip


def _offer(remedy: Remedy, fen: int = 0) -> d.MakeOffer:
    return d.MakeOffer(id="O", remedy=remedy, amount_fen=fen)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (d.Say(words="w"), ""),
        (d.Answer(words="w"), ""),
        (d.DeclineOffer(offer="counter", words="w"), ""),
        (d.AcceptOffer(offer="counter"), ""),
        (_offer(Remedy.refund_part, 300), ""),
        (_offer(Remedy.exchange), ""),
        (_offer(Remedy.refund_part, 301), "above_answer_leave"),
        (_offer(Remedy.compensation, 301), "above_answer_leave"),
        (_offer(Remedy.refund_full), "above_answer_leave"),
        (_offer(Remedy.refund_full, 1), "above_answer_leave"),
        (d.ClaimPerformed(words="w"), "not_allowed"),
        (d.RetryRefund(), "not_allowed"),
        (d.CallPressure(reason=Reason.pressure, words="w"), "not_allowed"),
        (d.Withdraw(), "not_allowed"),
    ],
)
def test_what_an_acquirer_may_do_in_the_merchants_name(command: object, code: str):
    leave = AnswerLeave(acquirer="48021000", most_fen=300, given_at=NOW, expires_at=NOW + timedelta(days=1))
    merchant = replace(MERCHANT, answer_leaves=(leave,))
    dispute = _disputed("48021000-1")
    if code:
        with pytest.raises(Refused, match=code):
            access.must_be_let_answer(BANK_ACTOR, dispute, merchant, command, NOW)
    else:
        access.must_be_let_answer(BANK_ACTOR, dispute, merchant, command, NOW)


def test_an_acquirer_answers_by_its_own_leave_while_it_stands():
    until = NOW + timedelta(days=1)
    leave = AnswerLeave(acquirer="48021000", most_fen=300, given_at=NOW, expires_at=until)
    other = replace(MERCHANT, answer_leaves=(replace(leave, acquirer="48021001"),))
    for merchant, at in (
        (MERCHANT, NOW),
        (None, NOW),
        (other, NOW),
        (replace(MERCHANT, answer_leaves=(leave,)), until),
    ):
        with pytest.raises(Refused, match="answer_leave_missing"):
            access.must_be_let_answer(BANK_ACTOR, _disputed("48021000-1"), merchant, d.Say(words="w"), at)


@pytest.mark.parametrize(
    "dispute",
    [
        _disputed("48021001-1"),
        _disputed("480210001-1"),
        _disputed("48021000-1", "48021001-2"),
        _disputed("48021000-1", wallet="unionpay"),
    ],
)
def test_a_dispute_on_payments_that_went_another_way_is_unknown_to_an_acquirer(dispute: Dispute):
    with pytest.raises(Missing, match="dispute_unknown"):
        access.must_be_let_answer(BANK_ACTOR, dispute, MERCHANT, d.Say(words="w"), NOW)


def test_only_the_merchants_side_can_be_an_acquirer():
    assert BANK_ACTOR.acquirer == "48021000"
    for actor in (SYSTEM, Actor(Role.system, "acquirer:1"), Actor(Role.merchant, "owner", "M1")):
        assert actor.acquirer == ""
