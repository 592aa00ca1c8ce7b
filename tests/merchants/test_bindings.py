"""Rules of bindings: what may be said of an identity, ended and undone, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import HejieError
from hejie.merchants.bindings import (
    Basis,
    Bind,
    Binding,
    Command,
    End,
    Evidence,
    Ground,
    Identity,
    Register,
    Scheme,
    Stood,
    Undo,
    decide,
    evolve,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = timedelta(days=1)
NUMBER = Identity(Scheme.acquirer, "898330154110001", "48021000")


def bind(**more: Any) -> Bind:
    given_ = {"id": "b1", "identity": NUMBER, "merchant": "m1", "begins": NOW - 30 * DAY}
    return Bind(**({**given_, "evidence": Evidence(basis=Basis.announced)} | more))


def done(binding: Binding | None, command: Command, *, known: bool = True) -> Binding | str:
    """The row afterwards, or the code of the refusal."""
    try:
        events = decide(binding, command, Ground(city="330100", now=NOW, known=known))
    except HejieError as error:
        return error.code
    for event in events:
        binding = evolve(binding, event)
    assert binding is not None
    return binding


def held(**more: Any) -> Binding:
    found = done(None, bind(**more))
    assert isinstance(found, Binding)
    return found


@pytest.mark.parametrize(
    ("command", "known", "code"),
    [
        (bind(identity=Identity(Scheme.acquirer, "898330154110001")), True, "identity_unreadable"),
        (bind(identity=Identity(Scheme.alipay, "2088000000000001", "48021000")), True, "identity_unreadable"),
        (bind(identity=Identity(Scheme.terminal, "a b", "48021000")), True, "identity_unreadable"),
        (bind(identity=Identity(Scheme.alipay, "２０８８")), True, "identity_unreadable"),
        (bind(), False, "party_unknown"),
        (bind(ends=NOW - 30 * DAY), True, "binding_days"),
        (End(at=NOW, note="x"), True, "binding_unknown"),
        (Undo(note="x"), True, "binding_unknown"),
    ],
)
def test_what_cannot_be_bound(command: Command, known: bool, code: str):  # noqa: FBT001  a table's column
    assert done(None, command, known=known) == code


@pytest.mark.parametrize(
    ("more", "command", "code"),
    [
        ({}, End(at=NOW - 30 * DAY, note="moved"), "binding_days"),
        ({"ends": NOW - 5 * DAY}, End(at=NOW, note="moved"), "binding_days"),
        ({}, End(at=NOW, note=""), "text_empty"),
        ({}, Undo(note=""), "text_empty"),
    ],
)
def test_it_only_grows_shorter_and_for_a_reason(more: dict[str, Any], command: Command, code: str):
    assert done(held(**more), command) == code


def test_it_holds_from_its_first_instant_to_just_before_its_last():
    found = done(held(), End(at=NOW, note="moved"))
    assert isinstance(found, Binding)
    assert [found.holds(at) for at in (found.begins - DAY, found.begins, NOW - DAY, NOW)] == [False, True, True, False]
    assert done(found, End(at=NOW, note="again")) == found


def test_one_that_was_undone_never_held_and_stays_so():
    found = done(held(), Undo(note="another shop's terminal"))
    assert isinstance(found, Binding)
    assert not found.holds(NOW - DAY)
    assert done(found, Undo(note="again")) == found
    assert done(found, End(at=NOW, note="x")) == "binding_undone"


def test_a_wallets_account_and_an_acquirers_number_have_keys_of_their_own():
    others = [Identity(Scheme.alipay, "1"), Identity(Scheme.unionpay, "1"), Identity(Scheme.acquirer, "1", "2")]
    assert len({each.key for each in others}) == 3


def test_the_register_tells_who_stood_there_and_an_opener_only_before_any_binding_began():
    account, other = Identity(Scheme.alipay, "2088000000000001"), Identity(Scheme.alipay, "2088000000000002")
    first = held(identity=account, merchant="m1", begins=NOW - 9 * DAY, ends=NOW - 5 * DAY)
    register = Register(bindings=(first,), openers={account: "opener", other: "opener"})
    days = [register.at([account], NOW - day * DAY).merchant for day in (10, 9, 6, 5, 1)]
    assert days == ["opener", "m1", "m1", "", ""]
    assert register.at([other], NOW).merchant == "opener"
    assert register.at([NUMBER, account], NOW - 6 * DAY).binding == first
    assert register.at([NUMBER], NOW) == Stood()


@given(st.lists(st.sampled_from(["end", "undo", "bind"]), max_size=6), st.integers(1, 60))
def test_the_log_alone_gives_the_row(steps: list[str], days: int):
    row: Binding | None = None
    folded: Binding | None = None
    for step in ["bind", *steps]:
        command = {"end": End(at=NOW - days * DAY, note="x"), "undo": Undo(note="x"), "bind": bind()}[step]
        try:
            events = decide(row, command, Ground(city="330100", now=NOW, known=True))
        except HejieError:
            continue
        for event in events:
            row, folded = evolve(row, event), evolve(folded, event)
    assert row == folded
    assert row is not None
