"""Every act in every state, by whom it may be done and by whom not; what is refused changes nothing."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.mediations.mediation_cases import (
    AGREE,
    AWAY,
    BEGIN,
    BOTH,
    BROKEN,
    BUREAU,
    COLLEAGUE,
    CONSUMER,
    COUNTER,
    DONE,
    GIVE,
    HERE,
    MERCHANT,
    OFFICER,
    OPEN,
    OTHER_SHOP,
    REFUSE,
    SETTLED,
    STRANGER,
    T0,
    TERMINATE,
    THERE,
    WITHDRAWN,
    Case,
    standing_in,
)

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.posts import Post
from hejie.mediations import commands as c
from hejie.mediations.model import State, Telling, Urgency

CELLS = {
    "+": "",  # done
    ".": "",  # nothing left to do
    "o": "step_out_of_order",
    "e": "mediation_elsewhere",
    "y": "not_your_case",
    "n": "not_allowed",
    "g": "identity_given",
    "u": "mediation_unknown",
    "r": "recusal_none",
    "a": "appraisal_none",
}
COLUMNS = (
    State.escalated, State.received, State.accepted, State.agreed,
    State.refused, State.performed, State.broken, State.terminated,
)  # fmt: skip
HEARD, SAW = (c.NoteTold(side=Role.consumer, how=each) for each in (Telling.delivered, Telling.opened))
CALLED = c.NoteTold(side=Role.merchant, how=Telling.person, words="C9")
ASK = c.AskRecusal(by=Role.consumer, words="C7")
#                                                         es re ac ag | refused performed broken terminated
TABLE: list[tuple[Actor, c.Command, str]] = [
    (SYSTEM, OPEN,                                        ". . . . . . . ."),
    (CONSUMER, GIVE,                                      "+ g o o o o o o"),
    (STRANGER, GIVE,                                      "u u u u u u u u"),
    (MERCHANT, GIVE,                                      "n n n n n n n n"),
    (CONSUMER, COUNTER,                                   "n n o o o o o o"),
    (OFFICER, COUNTER,                                    "e + o o o o o o"),
    (OFFICER, c.Receive(),                                "+ o o o o o o o"),
    (AWAY, c.Receive(),                                   "e o o o o o o o"),
    (AWAY, c.Receive(authority=HERE),                     "e o o o o o o o"),
    (BUREAU, c.Receive(authority=HERE),                   "+ o o o o o o o"),
    (CONSUMER, c.Receive(),                               "n n n n n n n n"),
    (COLLEAGUE, c.TakeOver(),                             "e + + + o o o o"),
    (AWAY, c.TakeOver(),                                  "e e e e e e e e"),
    (OFFICER, c.Grade(urgency=Urgency.urgent),            "e + + + o o o o"),
    (OFFICER, c.LinkElsewhere(system="12345", number="HZ-2026-1"), "e + + + o o o o"),
    (OFFICER, c.JudgeDuplicate(dispute="D9", same=True),  "e + + + o o o o"),
    (COLLEAGUE, c.JudgeDuplicate(dispute="D9", same=True), "e y y y y y y y"),
    (OFFICER, c.Accept(),                                 "e + o o o o o o"),
    (COLLEAGUE, c.Accept(),                               "e y y y y y y y"),
    (AWAY, c.Accept(),                                    "e e e e e e e e"),
    (MERCHANT, c.Accept(),                                "n n n n n n n n"),
    (OFFICER, REFUSE,                                     "e + o o o o o o"),
    (CONSUMER, BOTH[0],                                   "o o . o o o o o"),
    (OTHER_SHOP, BOTH[1],                                 "u u u u u u u u"),
    (CONSUMER, BOTH[1],                                   "n n n n n n n n"),
    (CONSUMER, ASK,                                       "o o + o o o o o"),
    (COLLEAGUE, c.DecideRecusal(granted=True),            "o o r o o o o o"),
    (OFFICER, BEGIN,                                      "e o + o o o o o"),
    (OFFICER, c.EndAppraisal(),                           "e o a o o o o o"),
    (OFFICER, c.Join(others=()),                          "e o . o o o o o"),
    (OFFICER, c.CommissionTo(body="消保委", both_agree=True, confirmable=True), "e o + o o o o o"),
    (OFFICER, c.SplitOff(words="C8"),                     "e + + + + + + +"),
    (OFFICER, AGREE,                                      "e o + o o o o o"),
    (AWAY, AGREE,                                         "e e e e e e e e"),
    (OFFICER, DONE,                                       "e o o + o o o o"),
    (OFFICER, BROKEN,                                     "e o o + o o o o"),
    (OFFICER, TERMINATE,                                  "e o + o o o o o"),
    (SYSTEM, c.RunOut(rule="M1", at=T0),                  ". . . . . . . ."),
    (SYSTEM, WITHDRAWN,                                   "+ + + . . . . ."),
    (SYSTEM, SETTLED,                                     "+ + + . . . . ."),
    (OFFICER, SETTLED,                                    "n n n n n n n n"),
    (SYSTEM, HEARD,                                       ". . . . + + + +"),
    (CONSUMER, HEARD,                                     "n n n n n n n n"),
    (CONSUMER, SAW,                                       ". . . . + + + +"),
    (STRANGER, SAW,                                       "u u u u u u u u"),
    (MERCHANT, SAW,                                       "n n n n n n n n"),
    (OFFICER, SAW,                                        "n n n n n n n n"),
    (COLLEAGUE, CALLED,                                   "e . . . + + + +"),
    (AWAY, CALLED,                                        "e e e e e e e e"),
]  # fmt: skip


def _name(value: object) -> str:
    return f"{value.role.value}-{value.id}" if isinstance(value, Actor) else type(value).__name__


@pytest.mark.parametrize(("actor", "command", "cells"), TABLE, ids=_name)
def test_command_in_every_state(actor, command, cells):
    for state, cell in zip(COLUMNS, cells.split(), strict=True):
        case = standing_in(state)
        before, lines = case.row, len(case.log)
        if CELLS[cell]:
            with pytest.raises(HejieError) as refused:
                case.do(actor, command)
            assert refused.value.code == CELLS[cell], state
            assert (case.row, len(case.log)) == (before, lines)
        elif cell == ".":
            assert case.do(actor, command) == [], state
        else:
            assert case.do(actor, command), state


def test_the_table_is_whole():
    every = {*get_args(c.OnExisting), *get_args(c.ByOfficer), c.Open}
    assert {type(command) for _, command, _ in TABLE} == every
    assert set(COLUMNS) == set(State)


def test_nothing_is_done_to_what_was_never_opened():
    with pytest.raises(Missing, match="mediation_unknown"):
        Case().do(OFFICER, c.Accept())
    with pytest.raises(Refused, match="not_allowed"):
        Case().do(OFFICER, OPEN)


def test_the_bureau_names_an_authority_that_is_competent_and_here():
    case = standing_in(State.escalated)
    for wrong, code in ((THERE, "mediation_elsewhere"), ("510104", "county_missing"), ("", "county_missing")):
        with pytest.raises(Refused, match=code):
            case.do(BUREAU, c.Receive(authority=wrong))
    case.do(BUREAU, c.Receive(authority=HERE))
    assert (case.row.authority, case.row.officer) == (HERE, "")
    case.do(COLLEAGUE, c.TakeOver())
    assert case.row.officer == "O2"


STANDS_IN = Post(stands_in=("O1",), stands_at=(HERE,), beside=(HERE,))


@pytest.mark.parametrize(
    ("actor", "command", "cells"),
    [(AWAY, command, cells) for actor, command, cells in TABLE if actor is OFFICER],
    ids=_name,
)
def test_whoever_stands_in_may_what_the_officer_may(actor, command, cells):
    command = c.Receive(authority=HERE) if isinstance(command, c.Receive) else command
    for state, cell in zip(COLUMNS, cells.split(), strict=True):
        case = standing_in(state)
        case.posts[actor] = STANDS_IN
        before = case.row
        if CELLS[cell]:
            with pytest.raises(HejieError, match=CELLS[cell]):
                case.do(actor, command)
            assert case.row == before
        else:
            assert bool(case.do(actor, command)) is (cell == "+")
            assert getattr(case.log[-1], "officer", "O3") in {"O1", "O3"}


def test_nobody_decides_about_whom_they_stand_in_for_nor_comes_back_by_standing_in():
    case = standing_in(State.accepted)
    case.posts[COLLEAGUE] = Post(stands_in=("O1",), stands_at=(HERE,))
    case.do(CONSUMER, ASK)
    with pytest.raises(Refused, match="recusal_own"):
        case.do(COLLEAGUE, c.DecideRecusal(granted=True))
    case.do(BUREAU, c.DecideRecusal(granted=True))
    case.do(COLLEAGUE, c.TakeOver())
    case.posts[OFFICER] = Post(stands_in=("O2",), stands_at=(HERE,))
    with pytest.raises(Refused, match="recused_before"):
        case.do(OFFICER, BEGIN)
