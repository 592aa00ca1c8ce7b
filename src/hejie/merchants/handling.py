"""How the merchant's own side handles a dispute, unseen by the consumer: whose it is, and an answer that waits."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.merchants.answering import Answers


class Wish(Struct, frozen=True, kw_only=True):
    """An answer above its giver's limit, as it will be given once a second person agrees."""

    id: str
    kind: str
    """`accept` or `offer`."""
    offer: str = ""
    """The offer that is accepted."""
    remedy: str = ""
    amount_fen: int = 0
    road: str = ""
    words: str = ""
    """Content identifier, under the handling."""
    cost_fen: int
    """What it gives away."""
    seen: int
    """The dispute's version that was read; the wish ends when the dispute moves on."""


class Stand(StrEnum):
    """What became of a wish."""

    asked = "asked"
    given = "given"
    returned = "returned"


class Approval(Struct, frozen=True, kw_only=True):
    """The latest wish of a handling."""

    wish: Wish
    by: str
    """Who asked."""
    asked_at: datetime
    stand: Stand = Stand.asked
    settled_by: str = ""
    note: str = ""
    """Content identifier of the words with which it was returned."""


def handling_of(dispute: str) -> str:
    """The identifier of a dispute's handling."""
    return f"h:{dispute}"


class Handling(Struct, frozen=True, kw_only=True):
    """A handling's row: folding its events from nothing gives exactly this.

    It has an identifier of its own beside its dispute's, so that whoever listens to the dispute does not hear when
    it changes; and it exists once something was said.
    """

    city: str
    dispute: str
    merchant: str
    version: int
    changed_at: datetime
    answers: Answers = Answers.shop
    assignee: str = ""
    rule: str = ""
    """The answering rule that gave it; empty where a person did."""
    approval: Approval | None = None

    @property
    def asked_version(self) -> int | None:
        """The dispute's version for which an answer waits; none where nothing waits."""
        return self.approval.wish.seen if self.approval and self.approval.stand is Stand.asked else None

    def waits(self, dispute_version: int) -> Approval | None:
        """The wish that waits for a second person, while its dispute stands where it was read."""
        found = self.approval
        return found if found and found.stand is Stand.asked and found.wish.seen == dispute_version else None


# Commands. --------------------------------------------------------------------------------------


class Route(Struct, frozen=True, kw_only=True):
    """A rule says who answers first; what a person said before stands."""

    answers: Answers
    person: str = ""
    rule: str


class Assign(Struct, frozen=True, kw_only=True):
    """Give a dispute to a desk, or to one person; a person's desk is where they sit."""

    answers: Answers
    person: str = ""


class AskApproval(Struct, frozen=True, kw_only=True):
    """An answer above one's own limit waits for a second person."""

    wish: Wish


class Approve(Struct, frozen=True, kw_only=True):
    """The second person agrees, and has given the answer."""

    wish: str


class Return(Struct, frozen=True, kw_only=True):
    """The second person does not agree."""

    wish: str
    note: str = ""


class PassOn(Struct, frozen=True, kw_only=True):
    """The dispute has become another merchant's: what the former one's side said is nothing to that one."""


Command = Route | Assign | AskApproval | Approve | Return | PassOn

# Events. ----------------------------------------------------------------------------------------


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class HandlingBegun(Event, frozen=True, kw_only=True, tag=True):
    """The merchant's side said something about a dispute for the first time."""

    city: str
    dispute: str
    merchant: str


class HandlingPassed(Event, frozen=True, kw_only=True, tag=True):
    """The dispute is another merchant's now, whose side has said nothing about it yet."""

    merchant: str


class Assigned(Event, frozen=True, kw_only=True, tag=True):
    """It is somebody's; `rule` names the rule that said so, empty for a person."""

    answers: Answers
    person: str
    rule: str


class ApprovalAsked(Event, frozen=True, kw_only=True, tag=True):
    """An answer waits for a second person."""

    wish: Wish
    by: str


class Approved(Event, frozen=True, kw_only=True, tag=True):
    """The second person gave the answer."""

    wish: str
    by: str


class Returned(Event, frozen=True, kw_only=True, tag=True):
    """The second person gave it back."""

    wish: str
    by: str
    note: str


AnyEvent = HandlingBegun | HandlingPassed | Assigned | ApprovalAsked | Approved | Returned


def evolve(handling: Handling | None, event: AnyEvent) -> Handling:
    """The row after one more event."""
    if handling is None:
        if not isinstance(event, HandlingBegun):
            raise AssertionError(f"a handling begins with HandlingBegun, not {type(event).__name__}")
        return Handling(city=event.city, dispute=event.dispute, merchant=event.merchant, version=1, changed_at=event.at)
    return replace(_changed(handling, event), version=handling.version + 1, changed_at=event.at)


def _changed(handling: Handling, event: AnyEvent) -> Handling:
    approval = handling.approval
    match event:
        case HandlingBegun():
            raise AssertionError("a handling begins once")
        case HandlingPassed(merchant=merchant):
            return Handling(
                city=handling.city,
                dispute=handling.dispute,
                merchant=merchant,
                version=handling.version,
                changed_at=event.at,
            )
        case Assigned(answers=answers, person=person, rule=rule):
            return replace(handling, answers=answers, assignee=person, rule=rule)
        case ApprovalAsked(wish=wish, by=by):
            return replace(handling, approval=Approval(wish=wish, by=by, asked_at=event.at))
        case Approved(by=by) if approval:
            return replace(handling, approval=replace(approval, stand=Stand.given, settled_by=by))
        case Returned(by=by, note=note) if approval:
            return replace(handling, approval=replace(approval, stand=Stand.returned, settled_by=by, note=note))
        case Approved() | Returned():
            raise AssertionError("only what was asked is settled")
        case _:
            assert_never(event)
