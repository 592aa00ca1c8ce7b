"""A mediation under random hands: whatever anybody asks at any time, what must hold holds."""

from __future__ import annotations

from functools import reduce

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.mediations.mediation_cases import (
    AWAY,
    BUREAU,
    COLLEAGUE,
    CONSUMER,
    MERCHANT,
    OFFICER,
    OPEN,
    OTHER_SHOP,
    STRANGER,
    Case,
    standing_in,
)
from tests.mediations.test_mediation_table import TABLE

from hejie.base.actor import SYSTEM, Role
from hejie.base.errors import HejieError
from hejie.mediations import commands as c
from hejie.mediations.fold import evolve
from hejie.mediations.model import AGREED, ENDED, State

ACTORS = [CONSUMER, MERCHANT, OFFICER, COLLEAGUE, AWAY, BUREAU, SYSTEM, STRANGER, OTHER_SHOP]


class Hands(RuleBasedStateMachine):
    """Anybody does anything, on any day."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case()
        self.case.do(SYSTEM, OPEN)

    @rule(actor=st.sampled_from(ACTORS), command=st.sampled_from([command for _, command, _ in TABLE]))
    def anybody(self, actor, command):
        before, lines = self.case.row, len(self.case.log)
        try:
            self.case.do(actor, command)
        except HejieError:
            assert (self.case.row, len(self.case.log)) == (before, lines)

    @rule(command=st.sampled_from([command for actor, command, _ in TABLE if actor in {OFFICER, CONSUMER, MERCHANT}]))
    def whoever_may(self, command):
        for actor in (OFFICER, CONSUMER, MERCHANT):
            self.anybody(actor, command)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days):
        self.case.days(days)
        due = self.case.row.due
        if due is not None:
            self.case.do(SYSTEM, c.RunOut(rule=due.rule, at=due.at))

    @invariant()
    def the_log_gives_the_row(self):
        assert reduce(evolve, self.case.log, None) == self.case.row
        assert self.case.row.version == len(self.case.log)

    @invariant()
    def what_must_hold(self):
        row = self.case.row
        assert (row.authority == "") == (row.received_at is None)
        assert row.authority in {"", "330102"}
        assert row.accepted_at is None or (row.checked is not None and row.checked_at == row.accepted_at)
        assert (row.state is State.refused) == bool(row.refused)
        assert bool(row.ended) == (row.ended_at is not None)
        assert (row.performed_at is not None) == (row.state is State.performed)
        if row.state in {State.agreed, State.performed, State.broken}:
            assert (row.ended, row.consents) == (AGREED, (Role.consumer, Role.merchant))
        if row.state is State.accepted:
            assert (row.due is None) == (row.appraisal is not None)
        if row.told_at is not None:
            assert row.state in ENDED


TestHands = Hands.TestCase
TestHands.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_every_road_folds():
    for state in State:
        case = standing_in(state)
        assert reduce(evolve, case.log, None) == case.row
