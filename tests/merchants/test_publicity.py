"""Publicity: announced before, objected to in time, answered, published, corrected, taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from msgspec.structs import replace

from hejie.base.errors import HejieError
from hejie.cities.settings import Publishing
from hejie.merchants import publicity as u
from hejie.merchants.publicity import Ground, Publicity, State, decide, evolve
from hejie.queries.publicity import Cell, large_enough

NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
GROUND = Ground(city="330100", now=NOW, agency="330102")
LATER = replace(GROUND, now=NOW + timedelta(days=10))
ANNOUNCE = u.Announce(id="P1", merchant="M1", reason="W1")
ACTS = (
    u.Object(words="W2"), u.DecideObjection(upheld=False, words="W3"), u.DecideObjection(upheld=True, words="W4"),
    u.Publish(), u.Correct(words="W5"), u.Withdraw(words="W6"), ANNOUNCE,
)  # fmt: skip


def done(row: Publicity | None, *commands: u.Command, ground: Ground = GROUND) -> Publicity:
    for command in commands:
        for event in decide(row, command, ground):
            row = evolve(row, event)
    assert row is not None
    return row


def refused(row: Publicity | None, command: u.Command, ground: Ground = GROUND) -> str:
    with pytest.raises(HejieError) as why:
        decide(row, command, ground)
    return why.value.code


def test_nothing_is_published_before_the_time_to_object_is_over():
    row = done(None, ANNOUNCE)
    assert row.objection_until == NOW + timedelta(days=10)
    last = replace(GROUND, now=row.objection_until - timedelta(microseconds=1))
    assert refused(row, u.Publish(), last) == "publicity_objection_runs"
    shown = done(row, u.Publish(), ground=LATER)
    assert (shown.state, shown.published_at) == (State.published, LATER.now)


def test_an_objection_is_answered_before_anything_is_published_and_ends_it_where_it_is_right():
    row = done(None, ANNOUNCE, u.Object(words="W2"))
    assert refused(row, u.Publish(), LATER) == "publicity_objection_open"
    assert refused(row, u.Object(words="W9")) == "publicity_objection_open"
    right = done(row, u.DecideObjection(upheld=True, words="W3"))
    assert (right.state, right.published_at, right.ended_at) == (State.withdrawn, None, NOW)
    wrong = done(row, u.DecideObjection(upheld=False, words="W3"))
    assert done(wrong, u.Publish(), ground=LATER).objections[0].answer == "W3"
    assert refused(wrong, u.DecideObjection(upheld=False, words="W3")) == "publicity_objection_none"


def test_corrections_stay_beside_it_and_what_is_taken_back_stays_so():
    row = done(None, ANNOUNCE)
    assert refused(row, u.Correct(words="W5")) == "publicity_not_shown"
    shown = done(row, u.Publish(), u.Correct(words="W5"), u.Object(words="W2"), ground=LATER)
    assert shown.words == ("W1", "W2", "W5")
    back = done(shown, u.Withdraw(words="W6"))
    assert (back.state, back.ending) == (State.withdrawn, "W6")
    assert decide(back, u.Withdraw(words="W7"), GROUND) == []
    assert refused(back, u.Publish(), LATER) == "publicity_over"


@pytest.mark.parametrize(
    ("row", "command", "ground", "code"),
    [
        (None, ANNOUNCE, replace(GROUND, on=False), "publicity_off"),
        (None, ANNOUNCE, replace(GROUND, known=False), "merchant_unknown"),
        (None, ANNOUNCE, replace(GROUND, allowed=False), "publicity_step_missing"),
        (None, replace(ANNOUNCE, reason=""), GROUND, "publicity_words_missing"),
        (None, u.Publish(), GROUND, "publicity_unknown"),
        (done(None, ANNOUNCE), u.Object(words=""), GROUND, "publicity_words_missing"),
        (done(None, ANNOUNCE), u.Publish(), replace(LATER, on=False), "publicity_off"),
    ],
)
def test_what_cannot_be_is_refused(row, command, ground, code):
    assert refused(row, command, ground) == code


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(some.tuples(some.sampled_from(ACTS), some.integers(0, 6)), max_size=12))
def test_however_it_goes_it_was_announced_long_enough_and_nothing_undecided_was_published(acts):
    row, now = done(None, ANNOUNCE), NOW
    for command, days in acts:
        now += timedelta(days=days)
        try:
            events = decide(row, command, replace(GROUND, now=now))
        except HejieError:
            continue
        for event in events:
            assert not (isinstance(event, u.Published) and row.undecided)
            row = evolve(row, event)
    assert row.published_at is None or row.published_at >= row.objection_until
    assert (row.ended_at is None) == (row.state is not State.withdrawn)
    assert not row.corrections or row.published_at is not None


def test_a_city_publishes_on_the_days_that_it_names_and_by_itself_never():
    assert not Publishing().holds(date(2026, 11, 26))
    named = Publishing(valid_from=date(2026, 11, 26), valid_to=date(2026, 11, 27))
    days = [date(2026, 11, day) for day in (25, 26, 27, 28)]
    assert [named.holds(day) for day in days] == [False, True, True, False]


def cell(number: int, settled: int, unsettled: int = 0) -> Cell:
    return Cell(problem=f"p{number}", trade="", settled=settled, unsettled=unsettled, withdrawn=0, open=0)


@given(some.lists(some.integers(1, 30), max_size=8), some.integers(3, 10))
def test_no_figure_of_few_is_told_and_none_can_be_found_by_subtraction(sizes: list[int], least: int):
    told = large_enough([cell(number, size) for number, size in enumerate(sizes)], least)
    assert all(each.all >= least for each in told)
    assert not told or sum(each.all for each in told) == sum(sizes)
    together = [each for each in told if not each.problem]
    assert len(together) == (1 if told and min(sizes) < least else 0)


def test_small_ones_are_told_together():
    assert large_enough([cell(1, 4), cell(2, 2), cell(3, 9)], 5) == [
        cell(3, 9), Cell(problem="", trade="", settled=6, unsettled=0, withdrawn=0, open=0)]  # fmt: skip
    assert large_enough([cell(1, 4), cell(2, 6)], 5) == []
