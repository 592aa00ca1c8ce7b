"""Filing for somebody else: agreed to after it was read back, unverified, and never refunded by API."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import (
    CLAIM,
    CONSUMER,
    DAY,
    FULL,
    HOUR,
    MERCHANT,
    OFFICER,
    T0,
    Case,
    bought,
    kinds,
    paid,
)  # fmt: skip

from hejie import agenda
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.disputes import commands as c
from hejie.disputes.assist import OFFLINE, Assist, Channel, Holder, Proof
from hejie.disputes.model import Remedy, Road
from hejie.disputes.states import State

CLERK = Actor(Role.clerk, "K1", "hotline")
ASSIST = Assist(channel=Channel.telephone, proof=Proof.receipt, name="C2")
MANDATED = replace(ASSIST, mandate="C3", mandate_until=T0 + 30 * DAY)


def filing(assist: Assist | None = ASSIST, **more: object) -> c.File:
    told = {"words": "W1", "read_back": True, "consumer": CONSUMER.id} | more
    return c.File(id="D1", trades=("T1",), problem="quality", claim=FULL, assist=assist, **told)


def offline(**more: object) -> Case:
    """A purchase without a wallet; the merchant's authority stands all the same."""
    case = Case()
    case.payments = (bought(replace(paid(proven=False), **more), wallet=OFFLINE),)
    return case


def assisted(assist: Assist = ASSIST) -> Case:
    case = offline()
    case.do(CLERK, filing(assist))
    return case


@pytest.mark.parametrize("helper", [CLERK, OFFICER])
def test_who_filed_for_whom_and_when_it_was_read_back_stays_on_record(helper):
    case = offline()
    case.do(helper, filing(replace(ASSIST, helper="somebody else", office="elsewhere")))
    told = case.row.assist
    assert case.row.consumer == CONSUMER.id
    assert (told.helper, told.office, told.read_back_at) == (helper.id, helper.organisation, T0)
    assert (case.row.state, case.row.offers[0].road, case.row.proven) == (
        State.awaiting_merchant,
        Road.by_hand,
        False,
    )


def test_what_must_be_there():
    offline().refuse("read_back_missing", CLERK, filing(read_back=False))
    offline().refuse("words_missing", CLERK, filing(words=""))
    offline(paid_at=T0 + HOUR).refuse("paid_in_future", CLERK, filing())
    offline().refuse("mandate_over", CLERK, filing(replace(MANDATED, mandate_until=T0)))
    for other in (CONSUMER, MERCHANT, SYSTEM):
        offline().refuse("not_allowed", other, filing())
    offline().refuse("not_allowed", CLERK, filing(None))


def test_a_wallets_payment_is_not_filed_for_others_nor_an_unverified_one_by_oneself():
    Case().refuse("payment_unverified", CLERK, filing())
    offline().refuse("payment_unverified", CONSUMER, filing(None))


ROADS = [Road.api, Road.own_tool]


@pytest.mark.parametrize("road", ROADS)
def test_no_refund_by_wallet_on_any_way_to_an_agreement(road):
    case = assisted()
    case.refuse("payment_unverified", MERCHANT, c.AcceptOffer(offer=CLAIM, road=road))
    case.refuse(
        "payment_unverified", MERCHANT, c.MakeOffer(id="o1", remedy=Remedy.refund_part, amount_fen=1, road=road)
    )
    case.do(CONSUMER, c.MakeOffer(id="o2", remedy=Remedy.refund_part, amount_fen=100, road=road))
    assert case.row.offer("o2").road is Road.by_hand
    case.refuse("payment_unverified", MERCHANT, c.AcceptOffer(offer="o2", road=road))
    case.accept("o2")
    assert (case.row.agreement.road, case.row.refunds) == (Road.by_hand, ())
    case.refuse("nothing_agreed", MERCHANT, c.RetryRefund())


def test_no_refund_by_wallet_in_mediation():
    case = assisted()
    case.offer(road=Road.by_hand).mediate()
    case.do(OFFICER, c.MakeOffer(id="p1", remedy=Remedy.refund_full, road=Road.api))
    assert case.row.offer("p1").road is Road.by_hand


def test_no_word_makes_it_proven_or_another_payers():
    case = assisted()
    case.nothing(SYSTEM, c.Prove(trade_no="T1"))
    case.refuse("payment_unverified", SYSTEM, c.KnowPayer(trade_no="T1", consumer="P9"))


def test_no_task_goes_to_a_wallet_and_no_standing_rule_says_yes():
    case = assisted().accept()
    case.do(MERCHANT, c.ClaimPerformed(refund_no="R1", words="C9"))
    tasks = [task for event in case.events for task in agenda.for_dispute(case.row, event)]
    assert {task.kind for task in tasks} == {"notify", "run_out", "mark_filing", "check_reached", "translate"}
    assert not any(task.destination.startswith("wallet") for task in tasks)


def test_it_ends_with_the_persons_word():
    case = assisted().accept()
    case.do(MERCHANT, c.ClaimPerformed(words="C9"))
    case.do(CONSUMER, c.Confirm())
    assert case.row.state is State.settled


@pytest.mark.parametrize("who", [CLERK, OFFICER])
def test_a_new_slip_stops_the_one_before(who):
    case = assisted(MANDATED)
    case.do(who, c.IssueSlip(holder=Holder.person))
    told = case.row.assist
    assert [told.opens(Holder.person, number, case.now) for number in (1, 2, 3)] == [False, True, False]
    assert told.opens(Holder.relative, 1, case.now)
    case.do(who, c.IssueSlip(holder=Holder.relative))
    assert not case.row.assist.opens(Holder.relative, 1, case.now)


def test_a_mandate_withdrawn_stops_the_relative_only():
    case = assisted(MANDATED)
    before = case.row
    assert kinds(case.do(CLERK, c.WithdrawMandate())) == ["MandateWithdrawn"]
    told = case.row.assist
    assert (told.opens(Holder.person, 1, case.now), told.opens(Holder.relative, 1, case.now)) == (True, False)
    assert (case.row.state, case.row.due, case.row.consumer) == (before.state, before.due, before.consumer)
    case.nothing(OFFICER, c.WithdrawMandate())
    case.refuse("mandate_missing", CLERK, c.IssueSlip(holder=Holder.relative))


def test_a_mandate_ends_on_its_day():
    case = assisted(MANDATED).wait(30 * DAY)
    assert not case.row.assist.opens(Holder.relative, 1, case.now)
    case.refuse("mandate_missing", CLERK, c.IssueSlip(holder=Holder.relative))
    assisted().refuse("mandate_missing", CLERK, c.WithdrawMandate())


def test_another_clerk_learns_nothing():
    assisted().refuse("dispute_unknown", Actor(Role.clerk, "K2", "hotline"), c.IssueSlip())


@pytest.mark.parametrize(
    "command", [c.Say(words="C1"), c.Take(), c.Withdraw(), c.Confirm(), c.AcceptOffer(offer=CLAIM)]
)
def test_a_clerk_speaks_for_nobody(command):
    assisted().refuse("not_allowed", CLERK, command)
