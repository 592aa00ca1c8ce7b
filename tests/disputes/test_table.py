"""Every command in every state: done, nothing left to do, or refused by name and nothing changed."""

from __future__ import annotations

import pytest
from tests.disputes.dispute_cases import CLAIM, CONSUMER, FULL, MERCHANT, OFFICER, T0, WALLET, standing_in

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.blind import Limit
from hejie.disputes import commands as c
from hejie.disputes.denying import DenialReason
from hejie.disputes.model import Outcome, Remedy
from hejie.disputes.pressure import Reason
from hejie.disputes.states import FROM_WALLET, OPEN, TRANSITIONS, WALLET_NAMES, State
from hejie.law.entitlement_facts import Multiple

LIMIT = Limit(1, bytes(32))
OFFER = c.MakeOffer(id="o2", remedy=Remedy.apology)
CELLS = {
    "+": "",  # done
    ".": "",  # nothing left to do
    "o": "step_out_of_order",
    "u": "offer_unknown",
    "v": "offer_over",
    "a": "nothing_agreed",
    "f": "nothing_failed",
    "e": "escalation_too_early",
    "r": "refund_under_way",
    "t": "filed_before",
    "m": "bid_missing",
    "p": "pressure_not_called",
    "x": "dispute_unknown",
    "n": "denial_none",
    "s": "not_assisted",
}
COLUMNS = (
    State.awaiting_merchant, State.awaiting_consumer, State.overdue, State.settling, State.mediating,
    State.settled, State.withdrawn, State.lapsed, State.mediated,
)  # fmt: skip
#                                                              am ac ov se me | settled withdrawn lapsed mediated
TABLE: list[tuple[Actor, c.Command, str]] = [
    (CONSUMER, c.File(id="D1", trades=("T1",), problem="quality", claim=FULL), "t t t t t t t t t"),
    (WALLET, c.TakePictures(pictures=("C1",), seen=("a",)),            "+ + + + + + + + +"),
    (CONSUMER, c.Say(words="C1"),                                      "+ + + + + o o o o"),
    (MERCHANT, c.Say(pictures=("C1",)),                                "+ + + + + o o o o"),
    (OFFICER, c.Say(words="C1"),                                       "o o o o + o o o o"),
    (WALLET, c.Say(words="C1"),                                        "+ + + + + o o o o"),
    (SYSTEM, c.KnowPayer(trade_no="T1", consumer="P9"),                "+ + + + + + + + +"),
    (MERCHANT, c.Answer(words="C1"),                                   "+ + + o o o o o o"),
    (MERCHANT, OFFER,                                                  "+ + + o + o o o o"),
    (CONSUMER, OFFER,                                                  "+ + o o + o o o o"),
    (OFFICER, OFFER,                                                   "o o o o + o o o o"),
    (MERCHANT, c.AcceptOffer(offer=CLAIM),                             "+ + + v + v o o o"),
    (CONSUMER, c.AcceptOffer(offer="o1"),                              "u + u u + u u v o"),
    (MERCHANT, c.DeclineOffer(offer=CLAIM, words="C1"),                "+ + + v + v o o o"),
    (CONSUMER, c.DeclineOffer(offer="o1"),                             "u + u u + u u v o"),
    (CONSUMER, c.NameLimit(commitment="x", public="x"),                "+ + + o o o o o o"),
    (MERCHANT, c.NameLimit(commitment="x", public="x"),                "+ + + o o o o o o"),
    (CONSUMER, c.CompareLimits(consumer=LIMIT, merchant=LIMIT),        "m m m o o o o o o"),
    (MERCHANT, c.CompareLimits(consumer=LIMIT, merchant=LIMIT),        "m m m o o o o o o"),
    (CONSUMER, c.Withdraw(),                                           "+ + + o + o o o o"),
    (CONSUMER, c.Escalate(),                                           "e + + e e e e e e"),
    (MERCHANT, c.ClaimPerformed(words="C1"),                           "o a a + a o o o o"),
    (MERCHANT, c.RetryRefund(),                                        "o a a f a o o o o"),
    (CONSUMER, c.Confirm(),                                            "o + o + a o o o o"),
    (CONSUMER, c.Deny(words="C1"),                                     "o o o + a o o o o"),
    (SYSTEM, c.SeeRefund(key="x", trade_no="T1", amount_fen=1),        "+ + + + + + + + +"),
    (SYSTEM, c.Prove(trade_no="T1"),                                   ". . . . . . . . ."),
    (SYSTEM, c.RefundFails(key="D1-1", code="no"),                     ". . . + . . . . ."),
    (SYSTEM, c.RunOut(rule="merchant_answer", at=T0),                  ". . . . . . . . ."),
    (SYSTEM, c.RunOut(rule="offer_expires", at=T0, offer="o1"),        ". . . . . . . . ."),
    (CONSUMER, c.Reopen(),                                             "o o o o o o o + o"),
    (OFFICER, c.Take(),                                                "o o o o . o o o o"),
    (OFFICER, c.Close(memo="C1", agency="A", outcome=Outcome.unsettled), "o o o o + o o o o"),
    (SYSTEM, c.EndByMediation(officer="O1", memo="C1", agency="A", outcome=Outcome.mediated), "o o o o + o o o o"),
    (SYSTEM, c.NoteReach(reached=False),                               "+ . + . . . . . ."),
    (SYSTEM, c.NoteReach(reached=True),                                ". . . . . . . . ."),
    (MERCHANT, c.DenySale(reason=DenialReason.other, words="C1"),            "+ + + o o o o o o"),
    (MERCHANT, c.TakeSale(ours=True),                                  "x x x x x x x x x"),
    (SYSTEM, c.PassDenial(at=T0),                                      ". . . . . . . . ."),
    (OFFICER, c.JudgeDenial(upheld=False, words="C1"),                 "n n n n n n n n n"),
    (CONSUMER, c.Rate(solved=True, mood=5),                            "o o o o o + o + +"),
    (MERCHANT, c.CallPressure(reason=Reason.pressure, words="C1"),     "+ + + o + o o o o"),
    (OFFICER, c.JudgePressure(upheld=True, words="C1"),                "p p p p p p p p p"),
    (OFFICER, c.OpenMultiples(ground=Multiple.fraud, words="C1"),      "o o o o + o o o o"),
    (OFFICER, c.IssueSlip(),                                           "s s s s s s s s s"),
    (OFFICER, c.WithdrawMandate(),                                     "s s s s s s s s s"),
]  # fmt: skip


def _name(value: object) -> str:
    return (
        value.role.value if isinstance(value, Actor) else type(value).__name__ if isinstance(value, c.Command) else ""
    )


@pytest.mark.parametrize(("actor", "command", "cells"), TABLE, ids=_name)
def test_command_in_every_state(actor, command, cells):
    for state, cell in zip(COLUMNS, cells.split(), strict=True):
        case = standing_in(state)
        if CELLS[cell]:
            case.refuse(CELLS[cell], actor, command)
        elif cell == ".":
            case.nothing(actor, command)
        else:
            assert case.do(actor, command), state


def test_the_table_is_whole():
    assert {type(command) for _, command, _ in TABLE} == set(c.OnExisting.__args__) | {c.File}
    assert set(COLUMNS) == set(State) == set(TRANSITIONS) == set(WALLET_NAMES)
    assert set(FROM_WALLET.values()) == set(State) - {State.settling}
    assert {state for state in State if not TRANSITIONS[state]} == {State.settled, State.withdrawn, State.mediated}
    assert State.lapsed not in OPEN


@pytest.mark.parametrize(("actor", "command", "cells"), TABLE, ids=_name)
def test_other_sides_may_not(actor, command, cells):
    mays = {role for who, same, _ in TABLE if type(same) is type(command) for role in [who.role]}
    for other in (CONSUMER, MERCHANT, OFFICER, WALLET, SYSTEM):
        if other.role in mays or isinstance(command, c.File):
            continue
        for state in State:
            standing_in(state).refuse("not_allowed", other, command)


@pytest.mark.parametrize(
    "stranger", [Actor(Role.consumer, "P2"), Actor(Role.merchant, "S1", "M2"), Actor(Role.merchant, "S1")]
)
@pytest.mark.parametrize("command", [command for _, command, _ in TABLE[1:]], ids=_name)
def test_anothers_dispute_is_not_there(stranger, command):
    standing_in(State.awaiting_consumer).refuse("dispute_unknown", stranger, command)
    standing_in(State.mediating).refuse("dispute_unknown", stranger, command)


@pytest.mark.parametrize("state", [State.withdrawn, State.settled, State.mediated])
def test_an_end_is_an_end(state):
    case = standing_in(state)
    assert case.row.closed_at == case.now
    assert case.row.outcome is not None
    assert case.row.due is None
