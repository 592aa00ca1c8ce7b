"""An advance to a consumer out of a fund (先行赔付) after an officer's finding, and its recovery from the merchant."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused
from hejie.payments.fund import Fund, must_be_money


class AdvanceState(StrEnum):
    """How far an advance is."""

    granted = "granted"
    """The fund owes it to the consumer."""
    paid = "paid"
    """The merchant owes it to the fund."""
    closed = "closed"
    """Recovered, or what is missing given up."""
    cancelled = "cancelled"
    """Called off before anything was paid."""


class Advance(Struct, frozen=True, kw_only=True):
    """The one advance of a dispute, under the dispute's own identifier; amounts in fen."""

    city: str
    id: str
    version: int
    fund: str
    merchant: str
    amount_fen: int
    finding: str
    """Content: what the officer found, and why."""
    state: AdvanceState = AdvanceState.granted
    recovered_fen: int = 0
    lost_fen: int = 0
    reference: str = ""
    """Of the latest transfer."""
    reason: str = ""
    """Content: why it was called off, or given up."""
    granted_at: datetime
    changed_at: datetime

    @property
    def owed_fen(self) -> int:
        """What the merchant owes the fund."""
        paid = self.amount_fen if self.state in {AdvanceState.paid, AdvanceState.closed} else 0
        return paid - self.recovered_fen - self.lost_fen


class GrantAdvance(Struct, frozen=True, kw_only=True):
    """An officer has found that the consumer is owed so much and that the promise covers it."""

    fund: str
    amount_fen: int
    finding: str


class PayOut(Struct, frozen=True, kw_only=True):
    """The fund's bank has paid the consumer."""

    reference: str


class Recover(Struct, frozen=True, kw_only=True):
    """The merchant has paid some of it back to the fund."""

    amount_fen: int
    reference: str


class WriteOff(Struct, frozen=True, kw_only=True):
    """What is still owed is given up."""

    reason: str


class CancelAdvance(Struct, frozen=True, kw_only=True):
    """It is called off before anything was paid."""

    reason: str


Command = GrantAdvance | PayOut | Recover | WriteOff | CancelAdvance


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened to an advance."""

    at: datetime


class AdvanceGranted(Event, frozen=True, kw_only=True, tag=True):
    """The fund owes it."""

    city: str
    id: str
    fund: str
    merchant: str
    amount_fen: int
    finding: str


class PaidOut(Event, frozen=True, kw_only=True, tag=True):
    """The consumer has it."""

    reference: str


class Recovered(Event, frozen=True, kw_only=True, tag=True):
    """Some came back."""

    amount_fen: int
    reference: str


class WrittenOff(Event, frozen=True, kw_only=True, tag=True):
    """The rest is given up."""

    amount_fen: int
    reason: str


class AdvanceCancelled(Event, frozen=True, kw_only=True, tag=True):
    """It was called off."""

    reason: str


AnyEvent = AdvanceGranted | PaidOut | Recovered | WrittenOff | AdvanceCancelled


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row; amounts in fen."""

    city: str
    id: str
    now: datetime
    fund: Fund | None = None
    merchant: str = ""
    ended: bool = False
    """Whether the dispute was closed without an agreement."""
    covered: bool = False
    """Whether the promise was made for this merchant's sales."""
    paid_on: date = date.min
    """The latest Shanghai day of the disputed payments."""
    left_fen: int = 0
    """What of the payments has not gone back."""
    cash_fen: int = 0
    """What the fund has and owes nobody."""


def decide(advance: Advance | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """What follows.

    Errors: `Missing("fund_unknown" | "advance_unknown")`, `Refused` with `advance_made`, `advance_not_ended`,
    `advance_not_covered`, `advance_above_cap`, `advance_above_left`, `fund_short`, `amount_not_positive`,
    `reference_missing`, `words_missing`, `advance_out_of_order`, `advance_above_owed`.
    """
    if isinstance(command, GrantAdvance):
        return [_grant(advance, command, ground)]
    if advance is None:
        raise Missing("advance_unknown")
    wanted = AdvanceState.granted if isinstance(command, PayOut | CancelAdvance) else AdvanceState.paid
    if advance.state is not wanted:
        raise Refused("advance_out_of_order", state=advance.state.value)
    match command:
        case PayOut(reference=reference):
            must_be_money(advance.amount_fen, reference)
            return [PaidOut(at=ground.now, reference=reference)]
        case Recover(amount_fen=amount, reference=reference):
            must_be_money(amount, reference)
            if amount > advance.owed_fen:
                raise Refused("advance_above_owed", owed_fen=advance.owed_fen)
            return [Recovered(at=ground.now, amount_fen=amount, reference=reference)]
        case WriteOff(reason=reason):
            _must_have_words(reason)
            return [WrittenOff(at=ground.now, amount_fen=advance.owed_fen, reason=reason)]
        case CancelAdvance(reason=reason):
            _must_have_words(reason)
            return [AdvanceCancelled(at=ground.now, reason=reason)]
        case _:
            assert_never(command)


def _grant(advance: Advance | None, command: GrantAdvance, ground: Ground) -> AdvanceGranted:
    if advance is not None and advance.state is not AdvanceState.cancelled:
        raise Refused("advance_made")
    if ground.fund is None:
        raise Missing("fund_unknown")
    if not ground.ended:
        raise Refused("advance_not_ended")
    if not ground.covered or not ground.fund.covers(ground.paid_on):
        raise Refused("advance_not_covered")
    if command.amount_fen <= 0:
        raise Refused("amount_not_positive")
    if command.amount_fen > ground.fund.cap_fen:
        raise Refused("advance_above_cap", cap_fen=ground.fund.cap_fen)
    if command.amount_fen > ground.left_fen:
        raise Refused("advance_above_left", left_fen=ground.left_fen)
    if command.amount_fen > ground.cash_fen:
        raise Refused("fund_short", cash_fen=max(0, ground.cash_fen))
    _must_have_words(command.finding)
    return AdvanceGranted(
        at=ground.now,
        city=ground.city,
        id=ground.id,
        fund=command.fund,
        merchant=ground.merchant,
        amount_fen=command.amount_fen,
        finding=command.finding,
    )


def _must_have_words(content: str) -> None:
    if not content:
        raise Refused("words_missing")


def evolve(advance: Advance | None, event: AnyEvent) -> Advance:
    """The row after one more event."""
    version = 1 if advance is None else advance.version + 1
    if isinstance(event, AdvanceGranted):
        return Advance(
            city=event.city,
            id=event.id,
            version=version,
            fund=event.fund,
            merchant=event.merchant,
            amount_fen=event.amount_fen,
            finding=event.finding,
            granted_at=event.at,
            changed_at=event.at,
        )
    if advance is None:
        raise AssertionError(f"an advance begins with AdvanceGranted, not {type(event).__name__}")
    now = replace(advance, version=version, changed_at=event.at)
    match event:
        case PaidOut(reference=reference):
            return replace(now, state=AdvanceState.paid, reference=reference)
        case Recovered(amount_fen=amount, reference=reference):
            done = amount == advance.owed_fen
            return replace(
                now,
                recovered_fen=advance.recovered_fen + amount,
                reference=reference,
                state=AdvanceState.closed if done else AdvanceState.paid,
            )
        case WrittenOff(amount_fen=amount, reason=reason):
            return replace(now, lost_fen=amount, reason=reason, state=AdvanceState.closed)
        case AdvanceCancelled(reason=reason):
            return replace(now, state=AdvanceState.cancelled, reason=reason)
        case _:
            assert_never(event)
