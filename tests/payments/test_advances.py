"""Funds and advances as rules: what is refused, that the book balances, and that no fund promises what it has not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hejie.base.errors import HejieError, Missing, Refused
from hejie.payments import advance as a
from hejie.payments import fund as f
from hejie.payments import ledger

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
WHERE = f.Ground(city="330100", id="F", now=NOW, known=True)
FOUND = f.Found(name="先行赔付金", promiser=f.Promiser.market, principal="M", cap_fen=50_000, begins=date(2026, 1, 1))
GRANT = a.GrantAdvance(fund="F", amount_fen=3_000, finding="C")


def fund(*commands: f.Command) -> f.Fund:
    row: f.Fund | None = None
    for command in (FOUND, *commands):
        for event in f.decide(row, command, WHERE):
            row = f.evolve(row, event)
    assert row is not None
    return row


HELD = fund(f.Contribute(amount_fen=100_000, reference="T1"))
GROUND = a.Ground(
    city="330100",
    id="D",
    now=NOW,
    fund=HELD,
    merchant="M",
    ended=True,
    covered=True,
    paid_on=date(2026, 11, 1),
    left_fen=4_000,
    cash_fen=100_000,
)


def advance(*commands: a.Command) -> a.Advance:
    row: a.Advance | None = None
    for command in commands:
        for event in a.decide(row, command, GROUND):
            row = a.evolve(row, event)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("wrong", "error", "code"),
    [
        ({"name": ""}, Refused, "fund_name"),
        ({"name": "长" * 61}, Refused, "fund_name"),
        ({"principal": ""}, Refused, "fund_principal"),
        ({"promiser": f.Promiser.city}, Refused, "fund_principal"),
        ({"cap_fen": 0}, Refused, "amount_not_positive"),
    ],
)
def test_a_promise_that_cannot_be(wrong: dict[str, Any], error: type[HejieError], code: str):
    with pytest.raises(error, match=code):
        f.decide(None, replace(FOUND, **wrong), WHERE)


def test_a_promise_of_somebody_unknown_or_a_second_one_under_its_name():
    with pytest.raises(Missing, match="party_unknown"):
        f.decide(None, FOUND, replace(WHERE, known=False))
    with pytest.raises(Refused, match="fund_known"):
        f.decide(HELD, FOUND, WHERE)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (f.Contribute(amount_fen=0, reference="T"), "amount_not_positive"),
        (f.Contribute(amount_fen=-1, reference="T"), "amount_not_positive"),
        (f.Contribute(amount_fen=1, reference=""), "reference_missing"),
        (f.Contribute(amount_fen=1, reference="T" * 65), "reference_missing"),
        (f.Close(last=date(2026, 11, 29)), "fund_days"),
    ],
)
def test_what_cannot_happen_to_a_fund(command: f.Command, code: str):
    with pytest.raises(Refused, match=code):
        f.decide(HELD, command, WHERE)


def test_a_fund_covers_what_was_paid_until_its_last_day():
    closed = fund(f.Close(last=date(2026, 11, 30)))
    assert closed.covers(date(2026, 11, 30))
    assert not closed.covers(date(2026, 12, 1))
    assert not closed.covers(date(2025, 12, 31))
    assert f.decide(closed, f.Close(last=date(2026, 11, 30)), WHERE) == []


@pytest.mark.parametrize(
    ("ground", "command", "code"),
    [
        ({"ended": False}, {}, "advance_not_ended"),
        ({"covered": False}, {}, "advance_not_covered"),
        ({"paid_on": date(2025, 12, 31)}, {}, "advance_not_covered"),
        ({}, {"amount_fen": 0}, "amount_not_positive"),
        ({"left_fen": 60_000}, {"amount_fen": 50_001}, "advance_above_cap"),
        ({}, {"amount_fen": 4_001}, "advance_above_left"),
        ({"cash_fen": 2_999}, {}, "fund_short"),
        ({}, {"finding": ""}, "words_missing"),
    ],
)
def test_what_no_fund_pays(ground: dict[str, Any], command: dict[str, Any], code: str):
    with pytest.raises(Refused, match=code):
        a.decide(None, replace(GRANT, **command), replace(GROUND, **ground))


GRANTED = advance(GRANT)
PAID = advance(GRANT, a.PayOut(reference="P1"))
CLOSED = advance(GRANT, a.PayOut(reference="P1"), a.Recover(amount_fen=3_000, reference="R1"))
CANCELLED = advance(GRANT, a.CancelAdvance(reason="C"))
ROWS = {"none": None, "granted": GRANTED, "paid": PAID, "closed": CLOSED, "cancelled": CANCELLED}
COMMANDS: dict[str, a.Command] = {
    "grant": GRANT,
    "pay": a.PayOut(reference="P9"),
    "recover": a.Recover(amount_fen=1, reference="R9"),
    "give up": a.WriteOff(reason="C"),
    "cancel": a.CancelAdvance(reason="C"),
}
MAY = {
    "none": {"grant"},
    "granted": {"pay", "cancel"},
    "paid": {"recover", "give up"},
    "closed": set(),
    "cancelled": {"grant"},
}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_may_be_done_when(row: str, command: str):
    if command in MAY[row]:
        assert len(a.decide(ROWS[row], COMMANDS[command], GROUND)) == 1
    else:
        with pytest.raises(HejieError):
            a.decide(ROWS[row], COMMANDS[command], GROUND)


def test_no_more_is_recovered_than_is_owed():
    with pytest.raises(Refused, match="advance_above_owed"):
        a.decide(PAID, a.Recover(amount_fen=3_001, reference="R"), GROUND)
    assert CLOSED.owed_fen == 0
    assert PAID.owed_fen == 3_000
    assert GRANTED.owed_fen == 0


STEPS = st.lists(
    st.one_of(
        st.sampled_from([*COMMANDS.values()]),
        st.builds(a.Recover, amount_fen=st.integers(-5, 3_005), reference=st.just("R")),
    ),
    max_size=12,
)


@given(STEPS)
def test_whatever_is_done_the_book_balances_and_tells_what_is_owed(steps: list[a.Command]):
    row: a.Advance | None = None
    book = ledger.of_fund(HELD, None)
    for command in steps:
        try:
            events = a.decide(row, command, GROUND)
        except HejieError:
            continue
        for event in events:
            before, row = row, a.evolve(row, event)
            book += ledger.of_advance(row, before)
            assert all(entry.amount_fen > 0 for entry in book)
        found = ledger.balances(book)
        assert sum(found.values()) == 0
        assert found[ledger.Account.claim] == (row.owed_fen if row else 0) >= 0
        assert found[ledger.Account.cash] >= 0
        assert found[ledger.Account.capital] == -100_000
