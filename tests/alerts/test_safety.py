"""Safety reports: their rules as a table, and folding as a property."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.alerts import safety as s
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.reading import read_city, shipped

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SETTINGS = read_city(shipped("330100"))
WANG, LI = Actor(Role.officer, "wang", "330106"), Actor(Role.officer, "li", "330106")
LIN, SHOP = Actor(Role.consumer, "lin"), Actor(Role.merchant, "o", "m")
REPORT = s.Report(problem="unsafe_goods", district="330106", told="t1")


def act(report, command, actor=LIN):
    for event in s.decide(report, command, key="r1", settings=SETTINGS, actor=actor, now=NOW):
        report = s.evolve(report, event)
    return report


OPEN = act(None, REPORT)
TAKEN = act(OPEN, s.Take(), WANG)
CLOSED = act(TAKEN, s.Close(memo="m"), WANG)


@pytest.mark.parametrize(
    ("report", "command", "actor", "code"),
    [
        (None, s.Report(problem="quality", district="", told="t"), LIN, "problem_not_safety"),
        (None, s.Report(problem="nothing", district="", told="t"), LIN, "problem_unknown"),
        (OPEN, REPORT, LIN, "filed_before"),
        (None, s.Take(), WANG, "report_unknown"),
        (OPEN, s.Add(told=""), LIN, "words_missing"),
        (OPEN, s.Take(), LIN, "not_allowed"),
        (OPEN, s.Take(), SYSTEM, "not_allowed"),
        (OPEN, s.Close(memo="m"), WANG, "not_your_case"),
        (TAKEN, s.Close(memo="m"), LI, "not_your_case"),
        (TAKEN, s.Close(memo="m"), SHOP, "not_allowed"),
        (TAKEN, s.Close(memo=""), WANG, "memo_missing"),
        (CLOSED, s.Take(), LI, "step_out_of_order"),
        (CLOSED, s.Add(told="t"), LIN, "step_out_of_order"),
    ],
)
def test_what_is_refused(report, command, actor, code):
    with pytest.raises((Refused, Missing)) as refused:
        act(report, command, actor)
    assert refused.value.code == code


def test_the_road_of_a_report():
    assert (OPEN.state, TAKEN.state, CLOSED.state) == ("open", "taken", "closed")
    assert act(TAKEN, s.Take(), LI).officer == "li"
    assert act(OPEN, s.Add(told="t2")).told == ("t1", "t2")
    assert act(TAKEN, s.Take(), WANG) == TAKEN


COMMANDS = st.one_of(
    st.just(REPORT), st.builds(s.Add, told=st.sampled_from(["", "x"])), st.just(s.Take()),
    st.builds(s.Close, memo=st.sampled_from(["", "m"])),
)  # fmt: skip


@given(st.lists(st.tuples(COMMANDS, st.sampled_from([WANG, LI, LIN, SHOP, SYSTEM])), max_size=30))
def test_folding_the_events_gives_the_row_and_only_an_officer_closes(steps):
    report, log = None, []
    for command, actor in steps:
        try:
            events = s.decide(report, command, key="r1", settings=SETTINGS, actor=actor, now=NOW)
        except HejieError:
            continue
        for event in events:
            report = s.evolve(report, event)
            log.append(event)
            assert not isinstance(event, s.Closed) or actor.role is Role.officer
    again = None
    for event in log:
        again = s.evolve(again, event)
    assert again == report
    assert report is None or report.version == len(log)
