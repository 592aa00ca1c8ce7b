"""Which closed disputes are drawn for a call, who calls, and what may be written down of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.mediations.follow_ups import (
    Draw,
    FollowUp,
    Ground,
    Note,
    caller_of,
    decide,
    evolve,
    follow_up_of,
    is_drawn,
)

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
OTHER, HANDLER = Actor(Role.officer, "O2", "330106"), Actor(Role.officer, "O1", "330106")
DRAW = Draw(dispute="D1", handlers=("O1",), call_from=NOW + timedelta(days=7))
YES = Note(reached=True, satisfied=True, performed=None, words="C1")


def lot(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def ground(actor: Actor) -> Ground:
    return Ground(city="330100", id=follow_up_of("D1"), now=NOW, actor=actor)


def drawn() -> FollowUp:
    (event,) = decide(None, DRAW, ground(SYSTEM))
    return evolve(None, event)


@pytest.mark.parametrize("percent", [0, 0.5, 5, 50, 100])
def test_a_share_is_drawn_and_the_same_ones_each_time(percent):
    lots = [lot(f"D{number}") for number in range(4000)]
    found = [is_drawn(each, percent) for each in lots]
    assert found == [is_drawn(each, percent) for each in lots]
    assert abs(sum(found) - 40 * percent) <= 4000 * 0.03
    assert sum(found) in ({0} if percent == 0 else {4000} if percent == 100 else range(1, 4000))


def test_a_greater_share_draws_whatever_a_smaller_one_draws():
    lots = [lot(f"D{number}") for number in range(500)]
    assert {each for each in lots if is_drawn(each, 5)} <= {each for each in lots if is_drawn(each, 20)}


def test_who_calls_is_told_by_the_lot_alone():
    assert caller_of(lot("x"), []) == ""
    assert caller_of(lot("x"), ["a", "b", "c"]) == caller_of(lot("x"), ["c", "a", "b"])
    assert {caller_of(lot(str(number)), ["a", "b"]) for number in range(20)} == {"a", "b"}


def test_a_dispute_is_drawn_once_and_only_by_the_house():
    row = drawn()
    assert decide(row, DRAW, ground(SYSTEM)) == []
    with pytest.raises(HejieError, match="not_allowed"):
        decide(None, DRAW, ground(OTHER))
    with pytest.raises(HejieError, match="follow_up_unknown"):
        decide(None, YES, ground(OTHER))


@pytest.mark.parametrize(
    ("actor", "note", "code"),
    [
        (OTHER, YES, ""),
        (OTHER, Note(reached=True, satisfied=False, performed=False, words="C1"), ""),
        (OTHER, Note(reached=False, satisfied=None, performed=None, words="C1"), ""),
        (OTHER, Note(reached=True, satisfied=None, performed=True, words="C1"), "choice_missing"),
        (OTHER, Note(reached=False, satisfied=True, performed=None, words="C1"), "choice_missing"),
        (OTHER, Note(reached=False, satisfied=None, performed=True, words="C1"), "choice_missing"),
        (OTHER, Note(reached=True, satisfied=True, performed=True, words=""), "words_missing"),
        (HANDLER, YES, "follow_up_own"),
        (SYSTEM, YES, "not_allowed"),
        (Actor(Role.consumer, "P1"), YES, "not_allowed"),
    ],
)
def test_what_may_be_written_down(actor, note, code):
    row = drawn()
    if code:
        with pytest.raises(HejieError, match=code):
            decide(row, note, ground(actor))
        return
    (event,) = decide(row, note, ground(actor))
    told = evolve(row, event)
    assert (told.officer, told.reached, told.satisfied, told.performed) == (
        actor.id, note.reached, note.satisfied, note.performed,
    )  # fmt: skip
    with pytest.raises(HejieError, match="follow_up_noted"):
        decide(told, note, ground(actor))
