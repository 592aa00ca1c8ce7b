"""A complaint in a wallet that tells no deadline: our clock decides, the wallet's runs beside it and is only noted."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, DAY, FULL, HOUR, MERCHANT, SETTINGS, T0, WALLET, Case, kinds

from hejie.agenda import for_dispute
from hejie.base.actor import SYSTEM
from hejie.cities.dues import Rule
from hejie.disputes import commands as c
from hejie.disputes.states import State
from hejie.disputes.wallet_events import WalletTimeOver

WORD = c.Mirror(
    id="D1", consumer="P1", wallet="alipay", event="E1", status="MERCHANT_PROCESSING", problem="quality", claim=FULL,
    trade_no="T1", created_at=T0, modified_at=T0, begun_at=T0, answer_due=None, confirm_due=None, escalated_at=None,
    finished_at=None,
)  # fmt: skip


def told(status: str, at: datetime, **more: object) -> c.Mirror:
    return replace(WORD, status=status, modified_at=at, **more)


def born() -> Case:
    case = Case()
    case.do(WALLET, WORD)
    return case


def over(case: Case, number: int) -> c.RunOut:
    clock = case.row.wallet_dues[number]
    return c.RunOut(rule=clock.rule.value, at=clock.at)


def test_both_clocks_run_from_the_complaint_and_the_earlier_is_the_wallets():
    row = born().row
    assert row.due is not None
    assert (row.due.rule, row.due.hours, row.due.start) == (Rule.merchant_answer, 96, T0)
    assert row.due.set_by == SETTINGS.code
    assert [(each.rule, each.hours) for each in row.wallet_dues] == [(Rule.wallet_answer, 24), (Rule.wallet_done, 72)]
    assert row.answer_by == row.wallet_dues[0]


def test_a_time_that_ran_out_there_is_noted_once_and_changes_nothing_here():
    case = born()
    command = over(case, 0)
    case.nothing(SYSTEM, command)
    before = case.wait(DAY).row
    assert kinds(case.do(SYSTEM, command)) == ["WalletTimeOver"]
    after = case.row
    assert replace(after, version=before.version, changed_at=before.changed_at, wallet_over=()) == before
    assert after.answer_by == after.wallet_dues[1]
    case.nothing(SYSTEM, command)
    case.wait(2 * DAY).do(SYSTEM, over(case, 1))
    assert (case.row.state, case.row.wallet_over) == (
        State.awaiting_merchant, (Rule.wallet_answer, Rule.wallet_done),
    )  # fmt: skip


def test_an_answer_leaves_the_end_alone_and_a_closed_case_nothing():
    case = born()
    command = over(case, 0)
    case.do(MERCHANT, c.Answer(words="C1"))
    case.wait(DAY).nothing(SYSTEM, command)
    case.do(WALLET, told("MERCHANT_FEEDBACKED", T0 + HOUR))
    assert [each.rule for each in case.row.wallet_dues] == [Rule.wallet_done]
    last = over(case, 0)
    case.do(WALLET, told("FINISHED", T0 + 2 * HOUR, finished_at=T0 + 2 * HOUR))
    assert case.row.wallet_dues == ()
    case.wait(3 * DAY).nothing(SYSTEM, last)


def test_our_own_time_decides_and_stays_decided_whatever_else_is_said_there():
    case = born()
    clock = case.row.due
    assert clock is not None
    case.wait(4 * DAY).do(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))
    assert (case.row.state, case.row.escalated_at) == (State.overdue, None)
    case.nothing(WALLET, told("MERCHANT_PROCESSING", T0 + 2 * HOUR))
    assert case.row.state is State.overdue
    case.refuse("wallet_leads", CONSUMER, c.Escalate())


def test_a_complaint_made_again_starts_every_time_anew():
    case = born()
    case.wait(DAY).do(SYSTEM, over(case, 0))
    at = T0 + DAY + HOUR
    case.do(WALLET, told("MERCHANT_PROCESSING", at, begun_at=at))
    row = case.row
    assert (row.state, row.wallet_over) == (State.awaiting_merchant, ())
    assert {each.start for each in (row.due, *row.wallet_dues) if each} == {at}


def test_reminders_and_ends_are_tasks_once_for_each_time_that_begins():
    case = born()
    tasks = [task for event in case.events for task in for_dispute(case.row, event)]
    assert [(task.payload["template"], task.at) for task in tasks if task.kind == "notify" and task.at] == [
        ("wallet_answer", T0 + DAY / 2),
        ("wallet_done", T0 + 60 * HOUR),
    ]
    rules = [str(task.payload["rule"]) for task in tasks if task.kind == "run_out"]
    assert sorted(rules) == ["merchant_answer", "wallet_answer", "wallet_done"]
    again = case.do(WALLET, told("MERCHANT_FEEDBACKED", T0 + HOUR))
    assert [task.kind for event in again for task in for_dispute(case.row, event) if task.at] == []


def test_a_note_brings_no_message():
    case = born()
    note = WalletTimeOver(at=T0, rule=Rule.wallet_answer)
    assert for_dispute(case.row, note) == []


def test_pictures_are_counted_once_and_taken_once():
    case = Case()
    case.do(WALLET, replace(WORD, images=2))
    assert (case.row.wallet_images, case.row.wallet_seen) == (2, ())
    mirrored = case.events[1]
    assert [task.kind for task in for_dispute(case.row, mirrored) if task.kind == "case_pictures"] == ["case_pictures"]
    took = c.TakePictures(pictures=("C1",), seen=("a", "b"), refused=1)
    case.refuse("not_allowed", MERCHANT, took)
    case.do(WALLET, took)
    assert case.row.wallet_seen == ("a", "b")
    case.refuse("step_out_of_order", WALLET, took)
    case.nothing(WALLET, c.TakePictures(pictures=(), seen=()))
    event = case.do(WALLET, told("MERCHANT_PROCESSING", T0 + HOUR, images=3))[0]
    assert (event.images, case.row.wallet_images) == (1, 3)
    case.nothing(WALLET, told("MERCHANT_PROCESSING", T0 + 2 * HOUR, images=3))
