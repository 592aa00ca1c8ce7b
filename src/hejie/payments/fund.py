"""A fund that pays consumers in advance (先行赔付): who promised it, up to how much, and what went into it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused

MOST_NAME, MOST_REFERENCE = 60, 64
"""Characters of a fund's name, and of the number by which a bank knows a transfer."""


class Promiser(StrEnum):
    """Who has promised to pay in advance."""

    city = "city"
    market = "market"
    platform = "platform"
    head_office = "head_office"


class Fund(Struct, frozen=True, kw_only=True):
    """A fund's row; amounts in fen."""

    city: str
    id: str
    version: int
    name: str
    promiser: Promiser
    principal: str
    """The merchant that promised it, whose own sales and members it covers; empty for the city's, which covers all."""
    cap_fen: int
    """The most for one dispute."""
    contributed_fen: int = 0
    begins: date
    """First and last day (Asia/Shanghai) of payments that it covers."""
    ends: date | None = None
    reference: str = ""
    """Of the latest transfer into it."""
    changed_at: datetime

    def covers(self, day: date) -> bool:
        """Whether what was paid on a day is covered."""
        return self.begins <= day and (self.ends is None or day <= self.ends)


class Found(Struct, frozen=True, kw_only=True):
    """An officer enters a promise that somebody has made."""

    name: str
    promiser: Promiser
    principal: str
    cap_fen: int
    begins: date


class Contribute(Struct, frozen=True, kw_only=True):
    """Money has come into the fund; `reference` is the bank's number of the transfer."""

    amount_fen: int
    reference: str


class Close(Struct, frozen=True, kw_only=True):
    """The promise ends with a day; what was paid until then stays covered."""

    last: date


Command = Found | Contribute | Close


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened to a fund."""

    at: datetime


class FundFounded(Event, frozen=True, kw_only=True, tag=True):
    """Somebody has promised."""

    city: str
    id: str
    name: str
    promiser: Promiser
    principal: str
    cap_fen: int
    begins: date


class Contributed(Event, frozen=True, kw_only=True, tag=True):
    """Money came in."""

    amount_fen: int
    reference: str


class FundClosed(Event, frozen=True, kw_only=True, tag=True):
    """It has a last day now."""

    last: date


AnyEvent = FundFounded | Contributed | FundClosed


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    id: str
    now: datetime
    known: bool = False
    """Whether the principal is registered here."""


def decide(fund: Fund | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """What follows.

    Errors: `Missing("fund_unknown" | "party_unknown")`, `Refused` with `fund_known`, `fund_name`, `fund_principal`,
    `fund_days`, `fund_over`, `amount_not_positive`, `reference_missing`.
    """
    if isinstance(command, Found):
        return [_found(fund, command, ground)]
    if fund is None:
        raise Missing("fund_unknown")
    today = ground.now.astimezone(SHANGHAI).date()
    match command:
        case Contribute(amount_fen=amount, reference=reference):
            must_be_money(amount, reference)
            return [Contributed(at=ground.now, amount_fen=amount, reference=reference)]
        case Close(last=last):
            if fund.ends is not None and fund.ends < today:
                raise Refused("fund_over")
            if last < max(today, fund.begins):
                raise Refused("fund_days")
            return [] if last == fund.ends else [FundClosed(at=ground.now, last=last)]
        case _:
            assert_never(command)


def must_be_money(amount_fen: int, reference: str) -> None:
    """A transfer has an amount and the bank's number; `Refused("amount_not_positive" | "reference_missing")`."""
    if amount_fen <= 0:
        raise Refused("amount_not_positive")
    if not reference or len(reference) > MOST_REFERENCE:
        raise Refused("reference_missing")


def _found(fund: Fund | None, command: Found, ground: Ground) -> FundFounded:
    if fund is not None:
        raise Refused("fund_known")
    if not command.name or len(command.name) > MOST_NAME:
        raise Refused("fund_name")
    if (command.promiser is Promiser.city) == bool(command.principal):
        raise Refused("fund_principal")
    if command.principal and not ground.known:
        raise Missing("party_unknown")
    if command.cap_fen <= 0:
        raise Refused("amount_not_positive")
    return FundFounded(
        at=ground.now,
        city=ground.city,
        id=ground.id,
        name=command.name,
        promiser=command.promiser,
        principal=command.principal,
        cap_fen=command.cap_fen,
        begins=command.begins,
    )


def evolve(fund: Fund | None, event: AnyEvent) -> Fund:
    """The row after one more event."""
    if isinstance(event, FundFounded):
        return Fund(
            city=event.city,
            id=event.id,
            version=1,
            name=event.name,
            promiser=event.promiser,
            principal=event.principal,
            cap_fen=event.cap_fen,
            begins=event.begins,
            changed_at=event.at,
        )
    if fund is None:
        raise AssertionError(f"a fund begins with FundFounded, not {type(event).__name__}")
    now = replace(fund, version=fund.version + 1, changed_at=event.at)
    match event:
        case Contributed(amount_fen=amount, reference=reference):
            return replace(now, contributed_fen=fund.contributed_fen + amount, reference=reference)
        case FundClosed(last=last):
            return replace(now, ends=last)
        case _:
            assert_never(event)
