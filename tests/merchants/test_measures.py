"""Measures: step after step, announced before, appealed once, answered by another officer, over by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from msgspec.structs import replace

from hejie.agenda import for_measure
from hejie.base.errors import HejieError
from hejie.cities.ladder import ORDER
from hejie.merchants import measures as e
from hejie.merchants.measures import Days, Ground, Measure, Phase, State, Step, decide, evolve, next_steps

NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
LADDER = tuple(Days(step=step, announce=5, appeal=15, lasts=30) for step in Step)
GROUND = Ground(
    city="330100",
    now=NOW,
    agency="330102",
    person="officer-1",
    own=frozenset({"D1", "D2"}),
    ladder=LADDER,
    span_days=90,
)
ANNOUNCE = e.AnnounceMeasure(id="E1", merchant="M1", step=Step.warning, reason="W1", disputes=("D1",))
APPEAL, END = e.Appeal(words="W2"), e.EndMeasure(words="W5")
STANDS, LIFT = e.DecideAppeal(upheld=True, words="W3"), e.DecideAppeal(upheld=False, words="W4")


def at(days: float, person: str = "officer-2") -> Ground:
    return replace(GROUND, now=NOW + timedelta(days=days), person=person)


def done(row: Measure | None, *commands: e.Command, ground: Ground = GROUND) -> Measure:
    for command in commands:
        for event in decide(row, command, ground):
            row = evolve(row, event)
    assert row is not None
    return row


def refused(row: Measure | None, command: e.Command, ground: Ground) -> str:
    with pytest.raises(HejieError) as why:
        decide(row, command, ground)
    return why.value.code


def told(row: Measure | None, command: e.Command, ground: Ground) -> str:
    """The state afterwards, or why not."""
    try:
        return done(row, command, ground=ground).state.value
    except HejieError as why:
        return why.code


ANNOUNCED = done(None, ANNOUNCE)
APPEALED = done(ANNOUNCED, APPEAL, ground=at(1))
UPHELD = done(APPEALED, STANDS, ground=at(2))
LIFTED = done(APPEALED, LIFT, ground=at(2))
WITHDRAWN = done(ANNOUNCED, END, ground=at(2))
ENDED = done(ANNOUNCED, END, ground=at(6))
NO = "measure_appeal_none"
MADE, OVER = "measure_appeal_made", "measure_over"


@pytest.mark.parametrize(
    ("row", "days", "appeal", "answer", "lift", "end"),
    [
        (ANNOUNCED, 2, "stands", NO, NO, "withdrawn"),
        (ANNOUNCED, 6, "stands", NO, NO, "ended"),
        (ANNOUNCED, 15, "measure_appeal_late", NO, NO, "ended"),
        (ANNOUNCED, 35, OVER, NO, NO, OVER),
        (APPEALED, 2, MADE, "stands", "lifted", "withdrawn"),
        (APPEALED, 20, MADE, "stands", "lifted", "ended"),
        (UPHELD, 6, MADE, NO, NO, "ended"),
        (LIFTED, 6, MADE, NO, NO, OVER),
        (WITHDRAWN, 6, OVER, NO, NO, "withdrawn"),
        (ENDED, 7, OVER, NO, NO, "ended"),
    ],
)
def test_every_act_in_every_state(row, days, appeal, answer, lift, end):
    ground = at(days)
    assert (told(row, APPEAL, ground), told(row, STANDS, ground)) == (appeal, answer)
    assert (told(row, LIFT, ground), told(row, END, ground)) == (lift, end)


def test_it_takes_effect_after_its_days_and_is_over_by_itself():
    moments = [(0, Phase.announced), (4.99, Phase.announced), (5, Phase.in_effect), (34.99, Phase.in_effect)]
    for days, phase in [*moments, (35, Phase.over)]:
        assert ANNOUNCED.phase(NOW + timedelta(days=days)) is phase, days
    assert ANNOUNCED.until == NOW + timedelta(days=35)
    assert WITHDRAWN.until == WITHDRAWN.effective_at  # never in effect
    assert ENDED.until == ENDED.ended_at == NOW + timedelta(days=6)


def test_whoever_decided_answers_no_appeal_of_it():
    assert refused(APPEALED, STANDS, at(2, "officer-1")) == "measure_same_officer"
    assert refused(APPEALED, LIFT, at(2, "officer-1")) == "measure_same_officer"
    assert UPHELD.appeal is not None
    assert (UPHELD.appeal.decided_by, UPHELD.words) == ("officer-2", ("W1", "W2", "W3"))


def test_a_step_follows_only_one_that_was_taken_in_the_ladders_span():
    warned = (ANNOUNCED,)
    inspect = replace(ANNOUNCE, id="E2", step=Step.inspection)
    assert next_steps((), LADDER, 90, NOW) == (Step.warning,)
    assert refused(None, inspect, GROUND) == "measure_step_early"
    assert refused(None, inspect, replace(at(4), past=warned)) == "measure_step_early"
    assert done(None, inspect, ground=replace(at(5), past=warned)).step is Step.inspection
    assert done(None, inspect, ground=replace(at(90), past=warned)).step is Step.inspection
    assert refused(None, inspect, replace(at(90.1), past=warned)) == "measure_step_early"
    for gone in (WITHDRAWN, LIFTED):
        assert refused(None, inspect, replace(at(8), past=(gone,))) == "measure_step_early"
    assert done(None, inspect, ground=replace(at(8), past=(ENDED,))).state is State.stands
    later = replace(ANNOUNCE, id="E3", step=Step.paycode_suspended)
    assert refused(None, later, replace(at(8), past=warned)) == "measure_step_early"


@pytest.mark.parametrize(
    ("command", "ground", "code"),
    [
        (ANNOUNCE, replace(GROUND, ladder=()), "measure_off"),
        (ANNOUNCE, replace(GROUND, known=False), "merchant_unknown"),
        (ANNOUNCE, replace(GROUND, ladder=LADDER[1:]), "measure_step_unknown"),
        (ANNOUNCE, replace(GROUND, past=(ANNOUNCED,)), "measure_running"),
        (replace(ANNOUNCE, reason=""), GROUND, "measure_words_missing"),
        (replace(ANNOUNCE, disputes=()), GROUND, "measure_dispute_missing"),
        (replace(ANNOUNCE, disputes=("D1", "D9")), GROUND, "dispute_unknown"),
        (APPEAL, GROUND, "measure_unknown"),
    ],
)
def test_what_cannot_be_is_refused(command, ground, code):
    assert refused(None, command, ground) == code


def test_words_are_needed():
    for command in (e.Appeal(words=""), e.DecideAppeal(upheld=True, words=""), e.EndMeasure(words="")):
        assert refused(APPEALED, command, at(2)) == "measure_words_missing"


def test_an_inspection_is_due_when_it_takes_effect_and_every_step_is_told_before():
    for step in (Step.warning, Step.inspection):
        [event] = decide(None, replace(ANNOUNCE, step=step), replace(GROUND, ladder=(replace(LADDER[0], step=step),)))
        tasks = for_measure(evolve(None, event), event)
        brought = [(each.kind, each.at) for each in tasks]
        due = [("inspect", NOW + timedelta(days=5))] if step is Step.inspection else []
        assert brought == [("tell_measure", None), *due]


def test_the_citys_steps_are_the_rules_steps():
    assert tuple(each.value for each in Step) == ORDER


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    some.lists(some.tuples(some.sampled_from([APPEAL, STANDS, LIFT, END]), some.integers(0, 9), some.booleans())),
)
def test_however_it_goes_one_appeal_is_answered_by_another_and_what_is_over_stays_over(acts):
    row, days, over = ANNOUNCED, 0, False
    for command, more, same in acts:
        days += more
        ground = at(days, "officer-1" if same else "officer-2")
        try:
            row = done(row, command, ground=ground)
        except HejieError:
            continue
        assert not over or row.phase(ground.now) is Phase.over
        over = row.phase(ground.now) is Phase.over
    assert row.appeal is None or row.appeal.decided_by != "officer-1"
    assert row.until is None or row.until >= row.effective_at
    assert (row.ended_at is None) == (row.state is State.stands)
