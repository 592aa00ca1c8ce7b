"""A question to an acquirer about one disputed payment: asked with its purpose, open until it is answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused

MOST_WORDS = 200
"""Characters that say what the answer is for."""
LEAST_WORDS = 2


class State(StrEnum):
    """Where a question stands."""

    asked = "asked"
    """Nobody has answered yet."""
    doubted = "doubted"
    """It was sent, and what came back was no answer; it is sent again under the same key."""
    answered = "answered"
    """Perhaps with nothing: the acquirer knows no such payment."""
    refused = "refused"
    """The acquirer does not answer this."""


class Found(Struct, frozen=True, kw_only=True):
    """A payment as its acquirer tells of it: whose number took it, and what went back."""

    payment: str
    merchant: str
    """The merchant's number at the acquirer."""
    terminal: str = ""
    paid_at: datetime
    amount_fen: int
    refunded_fen: int | None = None
    """None where the acquirer does not say."""


class TraceRequest(Struct, frozen=True, kw_only=True):
    """A question's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    """Its key at the acquirer too."""
    version: int
    dispute: str
    trade_no: str
    purpose: str
    by: str
    """The officer who asked."""
    state: State
    answers: tuple[Found, ...] = ()
    code: str = ""
    """Why there is no answer, or none yet."""
    asked_at: datetime
    changed_at: datetime

    @property
    def open(self) -> bool:
        """Whether an answer is waited for."""
        return self.state in {State.asked, State.doubted}

    @property
    def acquirer(self) -> str:
        """The acquirer's number, with which the payment's begins."""
        return self.trade_no.partition("-")[0]

    @property
    def number(self) -> str:
        """The acquirer's own number of the payment."""
        return self.trade_no.partition("-")[2]


class AskAcquirer(Struct, frozen=True, kw_only=True):
    """An officer wants to know who was paid."""

    id: str
    dispute: str
    trade_no: str
    purpose: str


class NoteAnswer(Struct, frozen=True, kw_only=True):
    """The acquirer has answered."""

    answers: tuple[Found, ...]


class NoteDoubt(Struct, frozen=True, kw_only=True):
    """What came back is no answer."""

    code: str


class NoteRefusal(Struct, frozen=True, kw_only=True):
    """The acquirer, or the connection to it, says no for good."""

    code: str


Command = AskAcquirer | NoteAnswer | NoteDoubt | NoteRefusal


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class TraceAsked(Event, frozen=True, kw_only=True, tag=True):
    """An officer asked."""

    city: str
    id: str
    dispute: str
    trade_no: str
    purpose: str
    by: str


class TraceAnswered(Event, frozen=True, kw_only=True, tag=True):
    """The acquirer answered."""

    answers: tuple[Found, ...]


class TraceDoubted(Event, frozen=True, kw_only=True, tag=True):
    """No answer yet, and why."""

    code: str


class TraceRefused(Event, frozen=True, kw_only=True, tag=True):
    """There will be none, and why."""

    code: str


AnyEvent = TraceAsked | TraceAnswered | TraceDoubted | TraceRefused


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    now: datetime
    by: str = ""
    disputed: bool = False
    """The dispute holds this payment, which went through an acquirer."""


def decide(row: TraceRequest | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    That one payment is asked about once at a time, the table itself holds (`trace_asked_already`). Errors:
    `Missing("trace_request_unknown")`, `Refused("purpose_missing" | "trace_not_disputed")`.
    """
    if isinstance(command, AskAcquirer):
        return [] if row is not None else [_ask(command, ground)]
    if row is None:
        raise Missing("trace_request_unknown")
    if not row.open:
        return []
    match command:
        case NoteAnswer(answers=answers):
            return [TraceAnswered(at=ground.now, answers=answers)]
        case NoteDoubt(code=code):
            return [] if row.state is State.doubted and row.code == code else [TraceDoubted(at=ground.now, code=code)]
        case NoteRefusal(code=code):
            return [TraceRefused(at=ground.now, code=code)]
        case _:
            assert_never(command)


def _ask(command: AskAcquirer, ground: Ground) -> TraceAsked:
    purpose = command.purpose.strip()
    if not LEAST_WORDS <= len(purpose) <= MOST_WORDS:
        raise Refused("purpose_missing")
    if not ground.disputed:
        raise Refused("trace_not_disputed")
    return TraceAsked(
        at=ground.now,
        city=ground.city,
        id=command.id,
        dispute=command.dispute,
        trade_no=command.trade_no,
        purpose=purpose,
        by=ground.by,
    )


def evolve(row: TraceRequest | None, event: AnyEvent) -> TraceRequest:
    """The row after one more event."""
    if row is None:
        if not isinstance(event, TraceAsked):
            raise AssertionError(f"a question begins with TraceAsked, not {type(event).__name__}")
        return TraceRequest(
            city=event.city,
            id=event.id,
            version=1,
            dispute=event.dispute,
            trade_no=event.trade_no,
            purpose=event.purpose,
            by=event.by,
            state=State.asked,
            asked_at=event.at,
            changed_at=event.at,
        )
    match event:
        case TraceAnswered(answers=answers):
            changed = replace(row, state=State.answered, answers=answers, code="")
        case TraceDoubted(code=code):
            changed = replace(row, state=State.doubted, code=code)
        case TraceRefused(code=code):
            changed = replace(row, state=State.refused, code=code)
        case TraceAsked():
            raise AssertionError("a question is asked once")
        case _:
            assert_never(event)
    return replace(changed, version=row.version + 1, changed_at=event.at)
