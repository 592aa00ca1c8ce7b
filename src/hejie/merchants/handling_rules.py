"""Who may take, give and approve on the merchant's own side of a dispute."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from msgspec import Struct

from hejie.base.errors import Missing, Refused, Stale
from hejie.merchants.answering import Answers, answering
from hejie.merchants.handling import (
    AnyEvent,
    Approval,
    ApprovalAsked,
    Approve,
    Approved,
    AskApproval,
    Assign,
    Assigned,
    Command,
    Handling,
    HandlingBegun,
    HandlingPassed,
    PassOn,
    Return,
    Returned,
    Route,
    Stand,
    Wish,
)
from hejie.merchants.model import Merchant, Staff


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    now: datetime
    person: str
    """Who acts; the house's own name for a rule."""
    merchant: Merchant
    dispute: str
    shop: str
    problem: str
    claim_fen: int
    dispute_version: int
    dispute_open: bool


def decide(handling: Handling | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Errors: `Missing("staff_unknown" | "approval_unknown")`, `Stale` where the dispute has moved on, `Refused` with
    `dispute_over`, `office_answers`, `not_for_this_shop`, `approval_waiting`, `approval_own`, `above_own_limit`.
    """
    merchant = ground.merchant.id
    if handling is not None and handling.merchant != merchant:
        passed = HandlingPassed(at=ground.now, merchant=merchant)
        return [passed, *_decide(None, command, ground)]
    events = _decide(handling, command, ground)
    if handling is None and events:
        city = ground.merchant.city
        return [HandlingBegun(at=ground.now, city=city, dispute=ground.dispute, merchant=merchant), *events]
    return events


def _decide(handling: Handling | None, command: Command, ground: Ground) -> list[AnyEvent]:
    match command:
        case Route(answers=answers, person=person, rule=rule):
            if handling is not None or not ground.dispute_open:
                return []
            return [Assigned(at=ground.now, answers=answers, person=person, rule=rule)]
        case PassOn():
            return []
        case Assign():
            return _assign(handling, command, ground)
        case AskApproval(wish=wish):
            return _ask(handling, wish, ground)
        case Approve(wish=wish):
            approval = _standing(handling, wish)
            if approval is None:
                return []
            must_be_second(approval, ground.merchant, ground.person)
            return [Approved(at=ground.now, wish=wish, by=ground.person)]
        case Return(wish=wish, note=note):
            approval = _standing(handling, wish)
            if approval is None:
                return []
            must_be_second(approval, ground.merchant, ground.person)
            return [Returned(at=ground.now, wish=wish, by=ground.person, note=note)]
        case _:
            assert_never(command)


def _assign(handling: Handling | None, command: Assign, ground: Ground) -> list[AnyEvent]:
    if not ground.dispute_open:
        raise Refused("dispute_over")
    must_answer(_me(ground), desk_of(ground.merchant, handling, problem=ground.problem, claim_fen=ground.claim_fen))
    answers = command.answers
    if command.person:
        staff = ground.merchant.member(command.person)
        if staff is None:
            raise Missing("staff_unknown")
        if not staff.works_for(ground.shop):
            raise Refused("not_for_this_shop")
        answers = staff.desk
    if handling is not None and (handling.answers, handling.assignee) == (answers, command.person):
        return []
    return [Assigned(at=ground.now, answers=answers, person=command.person, rule="")]


def _ask(handling: Handling | None, wish: Wish, ground: Ground) -> list[AnyEvent]:
    if wish.seen != ground.dispute_version:
        raise Stale
    if handling is not None:
        if handling.approval and handling.approval.wish.id == wish.id:
            return []
        if handling.waits(ground.dispute_version):
            raise Refused("approval_waiting")
    me = _me(ground)
    if not ground.merchant.approvers(me.person, wish.cost_fen, ground.shop):
        raise Refused("above_own_limit", limit_fen=ground.merchant.most_of(me) or 0)
    return [ApprovalAsked(at=ground.now, wish=wish, by=me.person)]


def _standing(handling: Handling | None, wish: str) -> Approval | None:
    """The approval of that wish; none where it is settled already, so that a repetition changes nothing."""
    approval = handling.approval if handling else None
    if approval is None or approval.wish.id != wish:
        raise Missing("approval_unknown")
    return approval if approval.stand is Stand.asked else None


def must_be_second(approval: Approval, merchant: Merchant, person: str) -> None:
    """`Refused("approval_own")` for who asked, `("above_own_limit")` for who may not give so much either."""
    staff = merchant.member(person)
    if staff is None:
        raise Missing("staff_unknown")
    if person == approval.by:
        raise Refused("approval_own")
    if not merchant.may_give(staff, approval.wish.cost_fen):
        raise Refused("above_own_limit", limit_fen=merchant.most_of(staff) or 0)


def desk_of(merchant: Merchant, handling: Handling | None, *, problem: str, claim_fen: int) -> Answers:
    """Which desk answers: as somebody said, else as the chain's rules say, else the shop."""
    if handling is not None:
        return handling.answers
    found = answering(merchant.office.answering, problem=problem, claim_fen=claim_fen)
    return found.answers if found else Answers.shop


def must_answer(staff: Staff | None, answers: Answers) -> None:
    """`Refused("office_answers")` for a shop's people and case links where the head office answers; they may look."""
    if answers is Answers.office and (staff is None or staff.desk is Answers.shop):
        raise Refused("office_answers")


def _me(ground: Ground) -> Staff:
    staff = ground.merchant.member(ground.person)
    if staff is None:
        raise Missing("staff_unknown")
    return staff
