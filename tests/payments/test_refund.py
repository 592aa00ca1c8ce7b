"""A refund's rules: one key, one movement of money, and an unknown outcome that is never a failure."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from hejie.base.errors import HejieError, Missing
from hejie.payments import refund as r

NOW = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
ORDER = r.Order(dispute="D1", wallet="alipay", trade_no="T1", amount_fen=3_000)
NOTE = r.Note(dispute="D1", wallet="alipay", trade_no="T1", amount_fen=3_000, seen_by="statement")
STEPS: list[r.Command] = [
    r.Send(),
    r.Doubt(reason="timeout"),
    r.Accept(),
    r.Succeed(seen_by="query"),
    r.Fail(code="SELLER_BALANCE_NOT_ENOUGH"),
    r.HandOver(),
]
S = r.RefundState


def decide(refund: r.Refund | None, command: r.Command, left_fen: int = 10_000) -> list[r.AnyEvent]:
    return r.decide(refund, command, city="330100", key="D1-1", left_fen=left_fen, now=NOW)


def after(*commands: r.Command, left_fen: int = 10_000) -> tuple[r.Refund, list[r.AnyEvent]]:
    row: r.Refund | None = None
    events: list[r.AnyEvent] = []
    for command in commands:
        for event in decide(row, command, left_fen):
            row = r.evolve(row, event)
            events.append(event)
    assert row is not None
    return row, events


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([], S.ordered),
        ([r.Send()], S.sending),
        ([r.Send(), r.Doubt(reason="timeout")], S.unknown),
        ([r.Send(), r.Accept()], S.accepted),
        ([r.Send(), r.Succeed(seen_by="answer")], S.succeeded),
        ([r.Send(), r.Fail(code="no")], S.failed),
        ([r.Send(), r.Doubt(reason="x"), r.HandOver()], S.with_person),
        ([r.Send(), r.Doubt(reason="x"), r.HandOver(), r.Succeed(seen_by="statement")], S.succeeded),
        ([r.Send(), r.Doubt(reason="x"), r.Send(), r.Succeed(seen_by="answer")], S.succeeded),
        ([r.Send(), r.Succeed(seen_by="answer"), r.Fail(code="no")], S.succeeded),
        ([r.Send(), r.Fail(code="no"), r.Succeed(seen_by="answer")], S.failed),
    ],
)
def test_the_road_of_a_refund(steps, state):
    assert after(ORDER, *steps)[0].state is state


def test_an_unknown_outcome_counts_how_often_was_asked_and_is_no_failure():
    row, _ = after(ORDER, r.Send(), r.Doubt(reason="timeout"), r.Doubt(reason="system_error"))
    assert (row.state, row.asked, row.attempts, row.code) == (S.unknown, 2, 1, "system_error")
    row, _ = after(ORDER, r.Send(), r.Doubt(reason="timeout"), r.Succeed(seen_by="query"))
    assert row.code == ""


@pytest.mark.parametrize(
    ("command", "left", "code"),
    [
        (ORDER, 2_999, "amount_above_paid"),
        (ORDER, 0, "amount_above_paid"),
        (ORDER, -1, "amount_above_paid"),
        (r.Order(dispute="D1", wallet="alipay", trade_no="T1", amount_fen=0), 100, "amount_not_positive"),
        (r.Order(dispute="D1", wallet="alipay", trade_no="T1", amount_fen=-1), 100, "amount_not_positive"),
        (
            r.Note(dispute="D1", wallet="alipay", trade_no="T1", amount_fen=0, seen_by="query"),
            100,
            "amount_not_positive",
        ),
    ],
)
def test_what_is_not_ordered(command, left, code):
    with pytest.raises(HejieError) as refused:
        decide(None, command, left)
    assert refused.value.code == code


def test_the_last_fen_may_go_back():
    assert after(ORDER, left_fen=3_000)[0].amount_fen == 3_000


def test_a_refund_by_another_hand_is_a_fact_even_beyond_what_we_thought_left():
    row, _ = after(NOTE, left_fen=0)
    assert (row.state, row.source) == (S.succeeded, r.Source.own_tool)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_nothing_happens_to_what_is_not_there_or_over(step):
    with pytest.raises(Missing, match="refund_unknown"):
        decide(None, step)
    for end in (r.Succeed(seen_by="query"), r.Fail(code="no")):
        row, _ = after(ORDER, r.Send(), end)
        assert decide(row, step) == []


@pytest.mark.parametrize("again", [ORDER, NOTE])
def test_one_key_is_one_refund(again):
    for steps in ([], [r.Send()], [r.Send(), r.Fail(code="no")]):
        row, _ = after(ORDER, *steps)
        assert decide(row, again) == []


@given(st.lists(st.sampled_from([ORDER, NOTE, *STEPS]), max_size=12))
def test_whatever_comes_money_moves_at_most_once_and_the_log_gives_the_row(commands):
    row, events = after(ORDER, *commands)
    stored = [json.decode(json.encode(event), type=r.AnyEvent) for event in events]
    folded: r.Refund | None = reduce(r.evolve, stored, None)
    assert folded == row
    assert row.version == len(events)
    assert sum(isinstance(event, r.Succeeded) for event in events) <= 1
    ends = [event for event in events if isinstance(event, r.Succeeded | r.Failed)]
    assert len(ends) == (row.state in r.FINAL)
    assert row.attempts == sum(isinstance(event, r.Sending) for event in events)
