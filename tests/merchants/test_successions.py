"""Rules of successions as tables: what may be registered and undone, and whose business it was when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import HejieError
from hejie.merchants.linking import Lineages, Sighting, Verdict, verdict
from hejie.merchants.successions import (
    Command,
    Ground,
    Lines,
    Succeed,
    Succession,
    Term,
    UndoSuccession,
    decide,
    evolve,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = timedelta(days=1)
CODES = {"A": "91350203M0001XYT25", "B": "91330106MA2CFLDC09", "C": "91330000142932363J", "D": "913300007042031166"}


def succeed(former: str = "A", later: str = "B", days: float = 30, **more: Any) -> Succeed:
    told = {"id": f"{former}{later}", "former": former, "later": later, "begins": NOW - days * DAY, "note": "notice"}
    return Succeed(**(told | more))


def done(row: Succession | None, command: Command, *standing: Succession) -> Succession | str:
    """The row afterwards, or the code of the refusal."""
    ground = Ground(city="330100", now=NOW, codes=CODES, standing=standing)
    try:
        events = decide(row, command, ground)
    except HejieError as error:
        return error.code
    for event in events:
        row = evolve(row, event)
    assert row is not None
    return row


def stood(*given_: tuple[str, str, float]) -> tuple[Succession, ...]:
    """Successions registered one after the other: former, later, days ago."""
    found: list[Succession] = []
    for former, later, days in given_:
        row = done(None, succeed(former, later, days), *found)
        assert isinstance(row, Succession), row
        found.append(row)
    return tuple(found)


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], succeed("A", "A"), "succession_self"),
        ([], succeed("A", "X"), "party_unknown"),
        ([], succeed("X", "A"), "party_unknown"),
        ([], succeed(days=-1), "succession_ahead"),
        ([], succeed(note=""), "text_empty"),
        ([("A", "B", 30)], succeed("A", "B", 20), "succession_taken"),
        ([("A", "B", 30)], succeed("A", "C", 20), "succession_taken"),
        ([("A", "B", 30)], succeed("B", "A", 20), "succession_circle"),
        ([("A", "B", 30), ("B", "C", 20)], succeed("C", "A", 10), "succession_circle"),
        ([("A", "B", 30)], succeed("B", "C", 40), "succession_order"),
        ([("B", "C", 30)], succeed("A", "B", 20), "succession_order"),
        ([], UndoSuccession(reason="x"), "succession_unknown"),
    ],
)
def test_what_cannot_be_registered(before: list[tuple[str, str, float]], command: Command, code: str):
    assert done(None, command, *stood(*before)) == code


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ([], succeed(days=0)),
        ([("A", "C", 30)], succeed("B", "C", 20)),
        ([("A", "B", 30)], succeed("B", "C", 30)),
        ([("B", "C", 20)], succeed("A", "B", 20)),
    ],
)
def test_what_can(before: list[tuple[str, str, float]], command: Succeed):
    row = done(None, command, *stood(*before))
    assert isinstance(row, Succession)
    assert (row.former_code, row.later_code) == (CODES[command.former], CODES[command.later])


def test_a_mistake_is_undone_with_a_reason_and_counts_for_nothing_then():
    (row,) = stood(("A", "B", 30))
    assert done(row, UndoSuccession(reason="")) == "text_empty"
    undone = done(row, UndoSuccession(reason="a namesake"))
    assert isinstance(undone, Succession)
    assert (undone.undone, undone.reason, undone.version) == (True, "a namesake", 2)
    assert done(undone, UndoSuccession(reason="again")) == undone
    assert Lines([undone]).codes == []
    assert Lines([undone]).holder("A", NOW) == "A"


CHAIN = (("A", "B", 30), ("B", "C", 10), ("D", "C", 5))


@pytest.mark.parametrize(
    ("merchant", "days", "terms"),
    [
        ("A", 40, [("A", 40, 30), ("B", 30, 10), ("C", 10, None)]),
        ("A", 30, [("B", 30, 10), ("C", 10, None)]),
        ("A", 20, [("B", 20, 10), ("C", 10, None)]),
        ("A", 1, [("C", 1, None)]),
        ("B", 40, [("B", 40, 10), ("C", 10, None)]),
        ("C", 40, [("C", 40, None)]),
        ("D", 7, [("D", 7, 5), ("C", 5, None)]),
        ("X", 7, [("X", 7, None)]),
    ],
)
def test_whose_business_it_was(merchant: str, days: int, terms: list[tuple[str, int, int | None]]):
    found = Lines(stood(*CHAIN)).terms(merchant, NOW - days * DAY)
    assert found == [Term(who, NOW - since * DAY, NOW - until * DAY if until else None) for who, since, until in terms]


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("ABCD"), st.integers(0, 9)), max_size=12))
def test_however_they_are_registered_there_is_no_circle_and_time_goes_forward(told: list[tuple[str, str, int]]):
    standing: list[Succession] = []
    for former, later, days in told:
        row = done(None, succeed(former, later, days), *standing)
        if isinstance(row, Succession):
            standing.append(row)
    lines = Lines(standing)
    for merchant in "ABCD":
        terms = lines.terms(merchant, NOW - 100 * DAY)
        assert len({term.merchant for term in terms}) == len(terms) <= 4
        assert [term.begins for term in terms] == sorted(term.begins for term in terms)


def test_two_different_codes_link_only_by_a_registered_succession():
    one, other = (Sighting(id=name, code=CODES[name]) for name in "AB")
    assert verdict(one, other, 1.0, Lineages()) is Verdict.never
    assert verdict(one, other, 0.0, Lineages(Lines(stood(("A", "B", 30))).codes)) is Verdict.link
