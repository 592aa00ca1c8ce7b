"""Cases the wallet holds: mirrored where it was born there, compared where it is only linked."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, DAY, FULL, HOUR, MERCHANT, OFFICER, T0, WALLET, Case, kinds, paid

from hejie.base.actor import SYSTEM, Actor
from hejie.base.errors import HejieError
from hejie.cities.dues import Rule
from hejie.cities.settings import Demand
from hejie.disputes import commands as c
from hejie.disputes.mirror import LEADERS
from hejie.disputes.model import Claim, Origin, Outcome, Performance, Remedy, Road
from hejie.disputes.states import FROM_WALLET, OPEN, State

WORD = c.Mirror(
    id="D1",
    consumer="P1",
    wallet="alipay",
    event="E1",
    status="MERCHANT_PROCESSING",
    problem="quality",
    claim=FULL,
    trade_no="T1",
    created_at=T0 - HOUR,
    modified_at=T0 - HOUR,
    answer_due=T0 + 2 * DAY,
    confirm_due=None,
    escalated_at=None,
    finished_at=None,
)


def told(status: str, at: datetime, **more: object) -> c.Mirror:
    return replace(WORD, status=status, modified_at=at, **more)


def born(word: c.Mirror = WORD, payment=None, *, authorised: bool = True) -> Case:
    case = Case(payment or paid(), authorised=authorised)
    case.do(WALLET, word)
    return case


def test_a_case_born_in_the_wallet_has_its_clock_and_its_name():
    case = born()
    assert kinds(case.events) == ["Filed", "Mirrored"]
    row = case.row
    assert (row.origin, row.wallet_event, row.wallet_status) == (Origin.wallet, "E1", "MERCHANT_PROCESSING")
    assert row.due is not None
    assert (row.due.at, row.due.set_by, row.due.rule) == (T0 + 2 * DAY, "alipay", Rule.merchant_answer)
    assert row.filed_at == T0 - HOUR
    assert not row.escalates_by_itself


@pytest.mark.parametrize(("status", "state"), FROM_WALLET.items())
def test_every_status_is_taken_over_from_the_start_and_later(status, state):
    for case in (born(told(status, T0)), born()):
        case.do(WALLET, told(status, T0, confirm_due=T0 + DAY, finished_at=T0))
        assert case.row.state is state
        assert (case.row.closed_at is None) == (state in OPEN) == (case.row.outcome is None)


def test_an_unknown_status_is_refused_and_changes_nothing():
    Case().refuse("wallet_status_unknown", WALLET, told("NEW_STATUS", T0))
    born().refuse("wallet_status_unknown", WALLET, told("NEW_STATUS", T0))


def test_only_the_wallet_tells():
    for actor in (CONSUMER, MERCHANT, OFFICER, SYSTEM):
        Case().refuse("not_allowed", actor, WORD)


def test_a_payment_nobody_knows_is_a_work_item_for_the_duty():
    case = Case()
    case.payments = ()
    case.refuse("payment_unknown", WALLET, WORD)


@pytest.mark.parametrize(
    ("claim", "before", "taken"),
    [
        (FULL, 0, Claim(remedy=Remedy.refund_full, amount_fen=10_000)),
        (FULL, 4_000, Claim(remedy=Remedy.refund_full, amount_fen=6_000)),
        (Claim(remedy=Remedy.refund_part, amount_fen=500), 0, Claim(remedy=Remedy.refund_part, amount_fen=500)),
        (Claim(remedy=Remedy.refund_part, amount_fen=10_000), 1, Claim(remedy=Remedy.refund_full, amount_fen=9_999)),
        (FULL, 10_000, Claim(remedy=Remedy.other)),
    ],
)
def test_the_wallets_demand_fits_what_is_left(claim, before, taken):
    assert born(replace(WORD, claim=claim), paid(before=before)).row.claim == taken


def test_the_wallet_leads_status_and_both_deadlines():
    case = born()
    case.nothing(WALLET, WORD)
    case.do(WALLET, told("MERCHANT_FEEDBACKED", T0, confirm_due=T0 + 5 * DAY))
    assert case.row.due is not None
    assert (case.row.due.rule, case.row.due.at) == (Rule.consumer_confirm, T0 + 5 * DAY)
    case.do(WALLET, told("MERCHANT_FEEDBACKED", T0 + HOUR, confirm_due=T0 + 9 * DAY))
    assert case.row.due.at == T0 + 9 * DAY
    assert LEADERS["status"] == LEADERS["answer_due"] == LEADERS["confirm_due"] == "wallet"


def test_its_deadlines_are_not_ours_to_run_out():
    case = born()
    clock = case.row.due
    assert clock is not None
    case.wait(3 * DAY).nothing(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))
    assert case.row.state is State.awaiting_merchant


def test_what_the_consumer_must_do_in_the_wallet_is_refused_here():
    case = born()
    for command in (c.Withdraw(), c.Escalate()):
        case.refuse("wallet_leads", CONSUMER, command)
    case.do(WALLET, told("MERCHANT_FEEDBACKED", T0))
    case.refuse("wallet_leads", CONSUMER, c.Confirm())


def test_our_answers_never_set_the_wallets_deadline():
    by_consumer = c.MakeOffer(id="o2", remedy=Remedy.apology)
    for actor, command in (
        (MERCHANT, c.Answer(words="C1")),
        (MERCHANT, c.MakeOffer(id="o1", remedy=Remedy.apology)),
        (MERCHANT, c.DeclineOffer(offer="claim", words="C1")),
    ):
        case = born()
        event = case.do(actor, command)[0]
        assert (case.row.state, case.row.due) == (State.awaiting_consumer, None)
        assert getattr(event, "reminders", None) == ()
    case.do(WALLET, told("MERCHANT_FEEDBACKED", T0, confirm_due=T0 + DAY))
    clock = case.row.due
    case.do(CONSUMER, by_consumer)
    assert (case.row.state, case.row.due) == (State.awaiting_consumer, clock)


def test_a_word_that_repeats_itself_does_not_undo_what_was_done_here():
    case = born()
    case.do(MERCHANT, c.Answer(words="C1"))
    case.nothing(WALLET, WORD)
    assert case.row.state is State.awaiting_consumer


def test_a_late_word_does_not_turn_the_case_back():
    case = born()
    case.do(WALLET, told("FINISHED", T0, finished_at=T0))
    case.nothing(WALLET, told("MERCHANT_FEEDBACKED", T0 - HOUR / 2))
    assert (case.row.state, case.row.closed_at) == (State.settled, T0)


def test_two_words_of_one_second_are_both_heard():
    case = born()
    case.do(WALLET, told("MERCHANT_FEEDBACKED", WORD.modified_at))
    assert case.row.state is State.awaiting_consumer


def test_an_agreement_settles_here_while_the_wallet_sees_an_answer():
    case = born().accept(road=Road.api)
    assert (case.row.state, case.row.refunds[0].amount_fen) == (State.settling, 10_000)
    clock = case.row.due
    case.do(WALLET, told("MERCHANT_FEEDBACKED", T0 + HOUR, confirm_due=T0 + 5 * DAY))
    assert (case.row.state, case.row.due) == (State.settling, clock)
    assert kinds(case.see("D1-1", 10_000)) == ["RefundSeen"]
    assert (case.row.state, case.row.performance) == (State.settling, Performance.seen)
    case.do(WALLET, told("FINISHED", T0 + DAY, finished_at=T0 + DAY))
    assert (case.row.state, case.row.outcome) == (State.settled, Outcome.performed)


def test_money_not_seen_in_time_opens_the_case_again_without_a_clock_of_ours():
    for run_out in (lambda case: case.run_out(), lambda case: case.do(CONSUMER, c.Deny())):
        case = born().accept(road=Road.own_tool)
        run_out(case)
        assert (case.row.state, case.row.due) == (State.awaiting_consumer, None)
        case.do(WALLET, told("MERCHANT_FEEDBACKED", T0 + HOUR, confirm_due=T0 + 5 * DAY))
        assert case.row.state is State.awaiting_consumer
        assert case.row.due is not None


def test_money_not_seen_after_the_wallets_own_time_ran_out_leaves_the_merchant_overdue():
    for run_out in (lambda case: case.run_out(), lambda case: case.do(CONSUMER, c.Deny())):
        case = born().accept(road=Road.own_tool)
        case.do(WALLET, told("MERCHANT_FEEDBACK_OVERTIME", T0 + 2 * DAY))
        assert case.row.state is State.settling
        run_out(case)
        assert (case.row.state, case.row.due) == (State.overdue, None)
        case.do(MERCHANT, c.ClaimPerformed(refund_no="R1", trade_no="T1"))
        assert case.row.performance is Performance.claimed


@pytest.mark.parametrize(
    ("status", "seen", "outcome"),
    [
        ("FINISHED", False, Outcome.confirmed),
        ("FINISHED", True, Outcome.performed),
        ("CLOSED", False, Outcome.silent),
        ("CLOSED", True, Outcome.unconfirmed),
        ("CANCELLED", False, Outcome.withdrawn),
        ("PLATFORM_FINISH", False, Outcome.mediated),
    ],
)
def test_how_the_wallets_ends_are_counted(status, seen, outcome):
    case = born()
    if seen:
        case.see("own-1", 10_000)
    case.do(WALLET, told(status, T0, finished_at=T0))
    assert case.row.outcome is outcome


def test_our_officers_end_stands_until_and_after_the_wallet_has_it():
    case = born()
    case.do(WALLET, told("PLATFORM_PROCESSING", T0, escalated_at=T0))
    assert (case.row.state, case.row.escalated_at) == (State.mediating, T0)
    case.do(OFFICER, c.Take())
    case.do(OFFICER, c.Close(memo="C9", agency="A", outcome=Outcome.unsettled))
    case.nothing(WALLET, told("PLATFORM_PROCESSING", T0, escalated_at=T0))
    case.nothing(WALLET, told("PLATFORM_FINISH", T0 + HOUR, escalated_at=T0, finished_at=T0 + HOUR))
    assert (case.row.outcome, case.row.state) == (Outcome.unsettled, State.mediated)


# Linked: born here, complained of at the wallet's door too. -------------------------------------


def test_the_same_payment_at_both_doors_is_one_dispute():
    case = Case().file()
    before = case.row
    assert kinds(case.do(WALLET, WORD)) == ["Linked"]
    row = case.row
    assert (row.wallet_event, row.origin, row.state, row.due) == ("E1", Origin.here, before.state, before.due)
    case.nothing(WALLET, WORD)


def test_a_disagreement_is_told_and_overwrites_nothing():
    case = Case().file()
    case.do(WALLET, WORD)
    assert kinds(case.do(WALLET, told("FINISHED", T0, finished_at=T0))) == ["Linked", "Disagreed"]
    assert (case.row.state, case.row.outcome, case.row.wallet_status) == (State.awaiting_merchant, None, "FINISHED")
    case.nothing(WALLET, told("FINISHED", T0, finished_at=T0))


def test_a_disagreement_at_the_first_word_is_told_too():
    case = Case().file()
    assert kinds(case.do(WALLET, told("FINISHED", T0, finished_at=T0))) == ["Linked", "Disagreed"]


def test_our_clocks_still_run_in_a_linked_case():
    case = Case().file()
    case.do(WALLET, WORD)
    assert kinds(case.run_out()) == ["WentOverdue", "Escalated"]


def test_another_payments_case_is_not_linked():
    case = Case().file()
    with pytest.raises(HejieError, match="payment_unknown"):
        case.do(WALLET, replace(WORD, trade_no="T9"))
    assert case.row.wallet_event == ""


def test_a_strange_merchant_has_no_part_in_it():
    stranger = Actor(MERCHANT.role, "S1", "M2")
    born().refuse("dispute_unknown", stranger, c.Answer(words="C1"))


@pytest.mark.parametrize("status", ["MERCHANT_PROCESSING", "MERCHANT_FEEDBACK_OVERTIME", "MERCHANT_FEEDBACKED"])
def test_an_agreement_made_here_stands_above_what_the_wallet_has_not_heard_of(status: str):
    case = Case()
    case.do(WALLET, WORD)
    case.do(MERCHANT, c.AcceptOffer(offer="claim"))
    case.do(WALLET, told(status, T0 + HOUR))
    assert (case.row.state, case.row.wallet_status, case.row.agreed) == (State.settling, status, "claim")


def test_what_a_city_may_map_a_demand_to_are_our_remedies():
    (kind,) = {field.type for field in msgspec.structs.fields(Demand) if field.name == "remedy"}
    assert set(get_args(kind)) <= set(Remedy)
