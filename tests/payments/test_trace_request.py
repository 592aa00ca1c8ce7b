"""Rules of questions to acquirers as tables: what may be asked, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import HejieError
from hejie.payments.trace_request import (
    AskAcquirer,
    Command,
    Found,
    Ground,
    NoteAnswer,
    NoteDoubt,
    NoteRefusal,
    State,
    TraceRequest,
    decide,
    evolve,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
FOUND = Found(payment="P-1-2", merchant="898330154119999", paid_at=NOW, amount_fen=4800, refunded_fen=0)
ANSWER, DOUBT, REFUSAL = NoteAnswer(answers=(FOUND,)), NoteDoubt(code="wallet_unavailable"), NoteRefusal(code="no")


def ask(**more: Any) -> AskAcquirer:
    return AskAcquirer(**({"id": "q1", "dispute": "d1", "trade_no": "48030001-P-1-2", "purpose": "find whom"} | more))


def done(row: TraceRequest | None, command: Command, *, disputed: bool = True) -> TraceRequest | str:
    """The row afterwards, or the code of the refusal."""
    try:
        events = decide(row, command, Ground(city="330100", now=NOW, by="officer-1", disputed=disputed))
    except HejieError as error:
        return error.code
    for event in events:
        row = evolve(row, event)
    assert row is not None
    return row


def after(*commands: Command) -> TraceRequest:
    row: TraceRequest | None = None
    for each in (ask(), *commands):
        found = done(row, each)
        assert isinstance(found, TraceRequest), found
        row = found
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("command", "disputed", "code"),
    [
        (ask(purpose=" "), True, "purpose_missing"),
        (ask(purpose="x" * 201), True, "purpose_missing"),
        (ask(), False, "trace_not_disputed"),
        (ANSWER, True, "trace_request_unknown"),
        (DOUBT, True, "trace_request_unknown"),
    ],
)
def test_what_cannot_be_asked(command: Command, disputed: bool, code: str):  # noqa: FBT001  a table's column
    assert done(None, command, disputed=disputed) == code


@pytest.mark.parametrize(
    ("commands", "state", "version", "answers", "code"),
    [
        ([], State.asked, 1, 0, ""),
        ([DOUBT], State.doubted, 2, 0, "wallet_unavailable"),
        ([DOUBT, DOUBT], State.doubted, 2, 0, "wallet_unavailable"),
        ([DOUBT, NoteDoubt(code="reply_unreadable")], State.doubted, 3, 0, "reply_unreadable"),
        ([DOUBT, ANSWER], State.answered, 3, 1, ""),
        ([NoteAnswer(answers=())], State.answered, 2, 0, ""),
        ([REFUSAL, ANSWER], State.refused, 2, 0, "no"),
        ([ANSWER, REFUSAL, DOUBT, NoteAnswer(answers=())], State.answered, 2, 1, ""),
    ],
)
def test_what_becomes_of_it(commands: list[Command], state: State, version: int, answers: int, code: str):
    row = after(*commands)
    assert (row.state, row.version, len(row.answers), row.code) == (state, version, answers, code)
    assert (row.acquirer, row.number, row.by, row.purpose) == ("48030001", "P-1-2", "officer-1", "find whom")
    assert row.open == (state in {State.asked, State.doubted})


@given(st.lists(st.sampled_from([ANSWER, DOUBT, REFUSAL, ask()]), max_size=8))
def test_the_first_end_stays(commands: list[Command]):
    row, ends = after(), None
    for each in commands:
        found = done(row, each)
        assert isinstance(found, TraceRequest)
        ends = ends or (None if found.open else found)
        assert ends is None or found == ends
        row = found
