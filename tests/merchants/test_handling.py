"""The merchant's own handling of a dispute: whose it is, who may answer, and the second person."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hejie.base.errors import HejieError, Missing, Refused, Stale
from hejie.merchants import handling as h
from hejie.merchants.answering import Answers
from hejie.merchants.handling import Handling, Stand, Wish, evolve
from hejie.merchants.handling_rules import Ground, decide
from hejie.merchants.model import Kind, Merchant, Rank, Staff, State

NOW = datetime(2026, 11, 26, tzinfo=UTC)
PEOPLE = ("owner", "manager", "clerk", "shop", "far")
MERCHANT = Merchant(
    city="330100", id="M", version=1, credit_code="", name="面馆", kind=Kind.enterprise, state=State.enrolled,
    registered_at=NOW, changed_at=NOW, staff=(
        Staff(person="owner", rank=Rank.owner),
        Staff(person="manager", rank=Rank.manager, refund_limit_fen=1_000),
        Staff(person="clerk", rank=Rank.clerk, refund_limit_fen=100),
        Staff(person="shop", rank=Rank.clerk, refund_limit_fen=100, shops=("S",)),
        Staff(person="far", rank=Rank.manager, refund_limit_fen=5_000, shops=("elsewhere",)),
    ),
)  # fmt: skip


def ground(person: str, version: int = 3, *, is_open: bool = True) -> Ground:
    return Ground(
        now=NOW, person=person, merchant=MERCHANT, dispute="D", shop="S", problem="quality", claim_fen=500,
        dispute_version=version, dispute_open=is_open,
    )  # fmt: skip


def wish(identifier: str = "W", cost: int = 500, seen: int = 3) -> Wish:
    return Wish(id=identifier, kind="accept", offer="claim", cost_fen=cost, seen=seen)


def after(*steps: tuple[str, h.Command]) -> Handling | None:
    row: Handling | None = None
    for person, command in steps:
        row = reduce(evolve, decide(row, command, ground(person)), row)
    return row


def test_a_moved_dispute_begins_anew_for_its_new_merchant():
    before = after(ASKED)
    there = msgspec.structs.replace(ground("owner"), merchant=msgspec.structs.replace(MERCHANT, id="M2"))
    passed = decide(before, h.PassOn(), there)
    row = reduce(evolve, passed, before)
    assert row is not None
    assert (row.merchant, row.approval, row.assignee, row.version) == ("M2", None, "", len(passed) + 2)
    assert decide(row, h.PassOn(), there) == []
    assert decide(None, h.PassOn(), there) == []
    taken = reduce(evolve, decide(before, h.Assign(answers=Answers.office, person="owner"), there), before)
    assert taken is not None
    assert (taken.merchant, taken.approval, taken.assignee) == ("M2", None, "owner")


ASKED = ("clerk", h.AskApproval(wish=wish()))


@pytest.mark.parametrize(
    ("before", "person", "command", "code"),
    [
        ((), "stranger", h.Assign(answers=Answers.office), "staff_unknown"),
        ((), "clerk", h.Assign(answers=Answers.shop, person="stranger"), "staff_unknown"),
        ((), "clerk", h.Assign(answers=Answers.shop, person="far"), "not_for_this_shop"),
        ((("owner", h.Assign(answers=Answers.office)),), "shop", h.Assign(answers=Answers.shop), "office_answers"),
        ((ASKED,), "manager", h.AskApproval(wish=wish("V")), "approval_waiting"),
        ((), "clerk", h.AskApproval(wish=wish(seen=2)), "stale"),
        ((), "owner", h.AskApproval(wish=wish(cost=2_000)), "above_own_limit"),
        ((), "owner", h.Approve(wish="W"), "approval_unknown"),
        ((ASKED,), "owner", h.Approve(wish="V"), "approval_unknown"),
        ((ASKED,), "clerk", h.Approve(wish="W"), "approval_own"),
        ((ASKED,), "shop", h.Approve(wish="W"), "above_own_limit"),
        ((ASKED,), "shop", h.Return(wish="W"), "above_own_limit"),
    ],
)
def test_what_is_refused_and_changes_nothing(before, person, command, code):
    row = after(*before)
    with pytest.raises(HejieError) as caught:
        decide(row, command, ground(person))
    assert caught.value.code == code


def test_over_disputes_are_given_to_nobody():
    with pytest.raises(Refused, match="dispute_over"):
        decide(None, h.Assign(answers=Answers.office), ground("owner", is_open=False))
    route = h.Route(answers=Answers.office, rule="R")
    assert decide(None, route, ground("hejie", is_open=False)) == []


def test_a_person_says_more_than_a_rule_and_sits_at_their_own_desk():
    by_rule = after(("hejie", h.Route(answers=Answers.office, person="clerk", rule="R")))
    assert by_rule is not None
    assert (by_rule.answers, by_rule.assignee, by_rule.rule) == (Answers.office, "clerk", "R")
    by_hand = after(("owner", h.Assign(answers=Answers.office, person="shop")))
    assert by_hand is not None
    assert (by_hand.answers, by_hand.assignee, by_hand.rule) == (Answers.shop, "shop", "")
    assert decide(by_hand, h.Route(answers=Answers.office, rule="R"), ground("hejie")) == []


def test_a_second_person_agrees_once():
    row = after(ASKED, ("manager", h.Approve(wish="W")))
    assert row is not None
    assert row.approval is not None
    assert (row.approval.stand, row.approval.by, row.approval.settled_by) == (Stand.given, "clerk", "manager")
    assert decide(row, h.Approve(wish="W"), ground("owner")) == []
    assert decide(row, h.Return(wish="W"), ground("owner")) == []


def test_a_wish_ends_when_the_dispute_moves_on_and_another_may_follow():
    row = after(ASKED)
    assert row is not None
    assert row.waits(3)
    assert row.waits(4) is None
    later = decide(row, h.AskApproval(wish=wish("V", seen=4)), ground("clerk", 4))
    assert reduce(evolve, later, row).waits(4)


WISHES = st.builds(wish, st.sampled_from("VW"), st.sampled_from([50, 500, 3_000]), st.integers(1, 3))
ANSWERS = st.sampled_from(Answers)
COMMANDS = st.one_of(
    st.builds(h.Route, answers=ANSWERS, person=st.sampled_from(["", *PEOPLE]), rule=st.just("R")),
    st.builds(h.Assign, answers=ANSWERS, person=st.sampled_from(["", *PEOPLE])),
    st.builds(h.AskApproval, wish=WISHES),
    st.builds(h.Approve, wish=st.sampled_from("VW")),
    st.builds(h.Return, wish=st.sampled_from("VW"), note=st.sampled_from(["", "N"])),
)


class HandlingMachine(RuleBasedStateMachine):
    """Anybody says anything, while the dispute moves on."""

    def __init__(self) -> None:
        super().__init__()
        self.row: Handling | None = None
        self.log: list[bytes] = []
        self.version = 1
        self.given: list[str] = []

    @rule(command=COMMANDS, person=st.sampled_from(PEOPLE))
    def any_command(self, command: h.Command, person: str) -> None:
        before = msgspec.json.encode(self.row)
        try:
            events = decide(self.row, command, ground(person, self.version))
        except (Missing, Refused, Stale):
            assert msgspec.json.encode(self.row) == before
            return
        for event in events:
            if isinstance(event, h.Approved):
                assert self.row is not None
                assert self.row.approval is not None
                assert event.by != self.row.approval.by
                assert MERCHANT.may_give(MERCHANT.member(event.by), self.row.approval.wish.cost_fen)
            self.row = evolve(self.row, event)
            self.log.append(msgspec.json.encode(event))

    @rule()
    def the_dispute_moves_on(self) -> None:
        self.version = min(3, self.version + 1)

    @invariant()
    def the_log_gives_the_row(self) -> None:
        events = [msgspec.json.decode(line, type=h.AnyEvent) for line in self.log]
        folded: Handling | None = reduce(evolve, events, None)
        assert folded == self.row
        if self.row is not None:
            assert self.row.version == len(self.log)


HandlingMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_handling_machine = HandlingMachine.TestCase
