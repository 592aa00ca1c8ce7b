"""A refund: money moves once, under one key, and an unknown outcome is a state of its own."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused
from hejie.base.money import CNY


class RefundState(StrEnum):
    """How far a refund is."""

    ordered = "ordered"
    """Stored with its key; nothing has been sent yet."""
    sending = "sending"
    """Sent, or about to be: after a crash this is as good as unknown."""
    unknown = "unknown"
    accepted = "accepted"
    succeeded = "succeeded"
    failed = "failed"
    with_person = "with_person"
    """Neither query nor bill file told; a person must find out."""


class Source(StrEnum):
    """Who made it."""

    api = "api"
    own_tool = "own_tool"
    """The merchant, by hand in the wallet: we only saw it."""


FINAL = frozenset({RefundState.succeeded, RefundState.failed})


class Refund(Struct, frozen=True, kw_only=True):
    """A refund's row; `id` is the key under which the wallet knows it."""

    city: str
    id: str
    version: int
    dispute: str
    wallet: str
    trade_no: str
    amount_fen: int
    currency: str = CNY
    state: RefundState
    source: Source
    attempts: int = 0
    """How often it was sent (always with the same key)."""
    asked: int = 0
    """How often the wallet was asked for it."""
    code: str = ""
    changed_at: datetime


class Order(Struct, frozen=True, kw_only=True):
    """A refund that we shall send."""

    dispute: str
    wallet: str
    trade_no: str
    amount_fen: int


class Note(Struct, frozen=True, kw_only=True):
    """A refund that somebody else made, seen at the wallet."""

    dispute: str
    wallet: str
    trade_no: str
    amount_fen: int
    seen_by: str
    """`query` or `statement`."""


class Send(Struct, frozen=True):
    """About to be sent: written down before anything leaves."""


class Doubt(Struct, frozen=True):
    """No usable answer came."""

    reason: str


class Accept(Struct, frozen=True):
    """The wallet took it; the money is not seen yet."""


class Succeed(Struct, frozen=True):
    """The wallet says the money moved."""

    seen_by: str


class Fail(Struct, frozen=True):
    """The wallet's signed word is no."""

    code: str


class HandOver(Struct, frozen=True):
    """All automatic ways are used up."""


Command = Order | Note | Send | Doubt | Accept | Succeed | Fail | HandOver


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened to a refund."""

    at: datetime


class Ordered(Event, frozen=True, kw_only=True, tag="Ordered"):
    """Its key stands; it will be sent."""

    city: str
    id: str
    dispute: str
    wallet: str
    trade_no: str
    amount_fen: int


class Noted(Event, frozen=True, kw_only=True, tag="Noted"):
    """The merchant refunded in its own tool, and we saw it."""

    city: str
    id: str
    dispute: str
    wallet: str
    trade_no: str
    amount_fen: int
    seen_by: str


class Sending(Event, frozen=True, kw_only=True, tag="Sending"):
    """It leaves, or has left."""


class Doubted(Event, frozen=True, kw_only=True, tag="Doubted"):
    """Its outcome is not known."""

    reason: str


class Accepted(Event, frozen=True, kw_only=True, tag="Accepted"):
    """Taken by the wallet."""


class Succeeded(Event, frozen=True, kw_only=True, tag="Succeeded"):
    """The money moved."""

    dispute: str
    trade_no: str
    amount_fen: int
    seen_by: str


class Failed(Event, frozen=True, kw_only=True, tag="Failed"):
    """The wallet said no."""

    dispute: str
    code: str


class HandedOver(Event, frozen=True, kw_only=True, tag="HandedOver"):
    """A person must find out."""

    dispute: str


AnyEvent = Ordered | Noted | Sending | Doubted | Accepted | Succeeded | Failed | HandedOver


def decide(
    refund: Refund | None, command: Command, *, city: str, key: str, left_fen: int, now: datetime
) -> list[AnyEvent]:
    """What happens to a refund; `left_fen` is what its payment still has, read under the payment's row lock.

    Errors: `Refused("amount_above_paid")`, `Refused("amount_not_positive")`, `Missing("refund_unknown")`.
    Repeats change nothing.
    """
    match command:
        case Order() | Note():
            return _begin(refund, command, city=city, key=key, left_fen=left_fen, now=now)
        case _ if refund is None:
            raise Missing("refund_unknown")
        case _ if refund.state in FINAL:
            return []
        case _:
            return _go_on(refund, command, now)


def _begin(
    refund: Refund | None, command: Order | Note, *, city: str, key: str, left_fen: int, now: datetime
) -> list[AnyEvent]:
    if refund is not None:
        return []
    if command.amount_fen <= 0:
        raise Refused("amount_not_positive")
    if isinstance(command, Order):
        if command.amount_fen > left_fen:
            raise Refused("amount_above_paid", left_fen=left_fen)
        return [
            Ordered(
                at=now,
                city=city,
                id=key,
                dispute=command.dispute,
                wallet=command.wallet,
                trade_no=command.trade_no,
                amount_fen=command.amount_fen,
            )
        ]
    return [
        Noted(
            at=now,
            city=city,
            id=key,
            dispute=command.dispute,
            wallet=command.wallet,
            trade_no=command.trade_no,
            amount_fen=command.amount_fen,
            seen_by=command.seen_by,
        )
    ]


def _go_on(refund: Refund, command: Send | Doubt | Accept | Succeed | Fail | HandOver, now: datetime) -> list[AnyEvent]:
    match command:
        case Send():
            return [Sending(at=now)]
        case Doubt(reason=reason):
            return [Doubted(at=now, reason=reason)]
        case Accept():
            return [] if refund.state is RefundState.accepted else [Accepted(at=now)]
        case Succeed(seen_by=seen_by):
            return [
                Succeeded(
                    at=now,
                    dispute=refund.dispute,
                    trade_no=refund.trade_no,
                    amount_fen=refund.amount_fen,
                    seen_by=seen_by,
                )
            ]
        case Fail(code=code):
            return [Failed(at=now, dispute=refund.dispute, code=code)]
        case HandOver():
            return [] if refund.state is RefundState.with_person else [HandedOver(at=now, dispute=refund.dispute)]
        case _:
            assert_never(command)


def evolve(refund: Refund | None, event: AnyEvent) -> Refund:
    """The row after one more event."""
    if isinstance(event, Ordered | Noted):
        own = isinstance(event, Noted)
        return Refund(
            city=event.city,
            id=event.id,
            version=1,
            dispute=event.dispute,
            wallet=event.wallet,
            trade_no=event.trade_no,
            amount_fen=event.amount_fen,
            state=RefundState.succeeded if own else RefundState.ordered,
            source=Source.own_tool if own else Source.api,
            changed_at=event.at,
        )
    if refund is None:
        raise AssertionError(f"a refund begins with Ordered or Noted, not {type(event).__name__}")
    return replace(_changed(refund, event), version=refund.version + 1, changed_at=event.at)


def _changed(refund: Refund, event: Sending | Doubted | Accepted | Succeeded | Failed | HandedOver) -> Refund:
    match event:
        case Sending():
            return replace(refund, state=RefundState.sending, attempts=refund.attempts + 1)
        case Doubted(reason=reason):
            return replace(refund, state=RefundState.unknown, asked=refund.asked + 1, code=reason)
        case Accepted():
            return replace(refund, state=RefundState.accepted)
        case Succeeded():
            return replace(refund, state=RefundState.succeeded, code="")
        case Failed(code=code):
            return replace(refund, state=RefundState.failed, code=code)
        case HandedOver():
            return replace(refund, state=RefundState.with_person)
        case _:
            assert_never(event)
