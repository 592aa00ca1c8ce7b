"""Rules of paycodes as tables: what may be asked for, granted, refused and ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hejie.base.errors import HejieError
from hejie.payments.emvco_writer import Link, around, written
from hejie.payments.paycode import (
    Apply,
    Command,
    EndPaycode,
    Grant,
    Ground,
    Paycode,
    Refuse,
    State,
    decide,
    evolve,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
ACCOUNT = "4802100048021000898330154110001"
PAYLOAD = written(
    [("00", "01"), ("15", ACCOUNT), ("52", "5812"), ("53", "156"), ("58", "CN"), ("59", "青荷面馆"), ("60", "HZ")]
)
NUMBER = "7k2m9qwe4r"
GROUND = Ground(city="330100", now=NOW, by="330106", offered=frozenset({"returns", "rights"}), known=True)


def ask(**more: Any) -> Apply:
    told = {"id": "c1", "number": NUMBER, "merchant": "m1", "shop": "s1", "payload": PAYLOAD, "promises": ("returns",)}
    return Apply(**(told | more))


def done(paycode: Paycode | None, command: Command, **more: Any) -> Paycode | str:
    """The row afterwards, or the code of the refusal."""
    try:
        events = decide(paycode, command, replace(GROUND, **more))
    except HejieError as error:
        return error.code
    for event in events:
        paycode = evolve(paycode, event)
    assert paycode is not None
    return paycode


def stood(*commands: Command) -> Paycode:
    """A paycode to which this has happened."""
    row: Paycode | None = None
    for each in (ask(), *commands):
        found = done(row, each)
        assert isinstance(found, Paycode), found
        row = found
    assert row is not None
    return row


NO, END = Refuse(reason="The photograph shows another shop."), EndPaycode(reason="closed")


@pytest.mark.parametrize(
    ("command", "ground", "code"),
    [
        (ask(promises=()), {}, "promise_none"),
        (ask(promises=("returns", "free_lunch")), {}, "promise_unknown"),
        (ask(), {"offered": frozenset()}, "promise_unknown"),
        (ask(), {"known": False}, "shop_unknown"),
        (ask(), {"taken": True}, "paycode_account_taken"),
        (ask(), {"barred": True}, "paycode_status_withdrawn"),
        (ask(payload=PAYLOAD[:-4] + "0000"), {}, "paycode_checksum"),
        (ask(payload=around(PAYLOAD, Link(NUMBER, "https://hejie.example/330100"))), {}, "paycode_nested"),
        (Grant(), {}, "paycode_unknown"),
        (NO, {}, "paycode_unknown"),
        (END, {}, "paycode_unknown"),
    ],
)
def test_what_cannot_be_asked_for(command: Command, ground: dict[str, Any], code: str):
    assert done(None, command, **ground) == code


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [
        ((), Grant(), State.granted),
        ((), NO, State.refused),
        ((), END, State.ended),
        ((Grant(),), Grant(), State.granted),
        ((Grant(),), NO, "paycode_decided"),
        ((Grant(),), END, State.ended),
        ((NO,), Grant(), "paycode_decided"),
        ((NO,), NO, State.refused),
        ((NO,), END, "paycode_decided"),
        ((END,), Grant(), "paycode_decided"),
        ((END,), NO, "paycode_decided"),
        ((END,), END, State.ended),
        ((), Refuse(reason=""), "text_empty"),
        ((), EndPaycode(reason=""), "text_empty"),
    ],
)
def test_where_it_may_go(before: tuple[Command, ...], command: Command, after: State | str):
    found = done(stood(*before), command)
    assert (found.state if isinstance(found, Paycode) else found) == after


@pytest.mark.parametrize(
    ("ground", "code"),
    [
        ({"known": False}, "shop_unknown"),
        ({"taken": True}, "paycode_account_taken"),
        ({"barred": True}, "paycode_status_withdrawn"),
        ({"offered": frozenset({"rights"})}, "promise_unknown"),
    ],
)
def test_what_was_true_when_it_was_asked_for_must_be_so_still(ground: dict[str, Any], code: str):
    assert done(stood(), Grant(), **ground) == code


def test_it_holds_from_the_grant_to_the_end():
    row = stood(Grant())
    over = done(row, END, now=NOW + timedelta(days=3))
    assert isinstance(over, Paycode)
    assert [over.holds(NOW + timedelta(days=day)) for day in (-1, 0, 2, 3)] == [False, True, True, False]
    never = done(stood(), END)
    assert isinstance(never, Paycode)
    assert not never.holds(NOW)
    assert (row.granted_by, row.accounts) == ("330106", (f"15 {ACCOUNT}",))


def test_each_promise_counts_once():
    row = done(None, ask(promises=("rights", "returns", "rights")))
    assert isinstance(row, Paycode)
    assert row.promises == ("rights", "returns")


@given(st.lists(st.sampled_from([ask(), Grant(), NO, END]), max_size=8))
def test_whatever_is_tried_it_is_decided_once(commands: list[Command]):
    row: Paycode | None = None
    for command in commands:
        found = done(row, command)
        if isinstance(found, Paycode):
            assert row is None or not (row.state in {State.refused, State.ended} and found != row)
            row = found
    if row is not None:
        assert (row.granted_at is not None) >= (row.state is State.granted)
        assert row.open == (row.state in {State.applied, State.granted})
