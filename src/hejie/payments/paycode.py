"""A paycode (放心消费收款码): a shop's payment code with its promises, which an authority grants."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused
from hejie.payments.emvco_writer import acquired

MOST_WORDS = 200
"""Characters of a reason."""
NUMBER_LETTERS = 10
REPLACED = "replaced"
"""The reason where a newer one has taken its place."""
_NUMBER = re.compile(r"[0-9a-hjkmnp-tv-z]{10}", re.ASCII)


class State(StrEnum):
    """Where a paycode stands."""

    applied = "applied"
    granted = "granted"
    refused = "refused"
    ended = "ended"
    """By the officer or the merchant, granted or still asked for."""


class Paycode(Struct, frozen=True, kw_only=True):
    """A paycode's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    number: str
    """What its address and the code itself name it by; no secret."""
    merchant: str
    shop: str
    payload: str
    """The acquirer's own code, as it was given."""
    accounts: tuple[str, ...]
    """Into which the money goes, by that code."""
    promises: tuple[str, ...]
    """In the city's words of the day on which somebody reads them, or paid."""
    state: State
    applied_at: datetime
    granted_at: datetime | None = None
    granted_by: str = ""
    """The division whose authority granted it."""
    ended_at: datetime | None = None
    reason: str = ""
    """Why it was refused or ended."""
    changed_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it was in force at an instant."""
        return self.granted_at is not None and self.granted_at <= at and (self.ended_at is None or at < self.ended_at)

    @property
    def open(self) -> bool:
        """Whether it is asked for or in force."""
        return self.state in {State.applied, State.granted}


class Apply(Struct, frozen=True, kw_only=True):
    """The merchant asks for a paycode for one of its shops."""

    id: str
    number: str
    merchant: str
    shop: str
    payload: str
    promises: tuple[str, ...]


class Grant(Struct, frozen=True):
    """The authority grants it: from now on it is owed."""


class Refuse(Struct, frozen=True, kw_only=True):
    """The authority does not grant it."""

    reason: str


class EndPaycode(Struct, frozen=True, kw_only=True):
    """It opens nothing any more; what was paid before keeps its promises."""

    reason: str


Command = Apply | Grant | Refuse | EndPaycode


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class PaycodeAsked(Event, frozen=True, kw_only=True, tag=True):
    """A merchant asked for one."""

    city: str
    id: str
    number: str
    merchant: str
    shop: str
    payload: str
    accounts: tuple[str, ...]
    promises: tuple[str, ...]


class PaycodeGranted(Event, frozen=True, kw_only=True, tag=True):
    """It is in force."""

    by: str


class PaycodeRefused(Event, frozen=True, kw_only=True, tag=True):
    """It never came into force."""

    reason: str


class PaycodeEnded(Event, frozen=True, kw_only=True, tag=True):
    """It is over."""

    reason: str


AnyEvent = PaycodeAsked | PaycodeGranted | PaycodeRefused | PaycodeEnded


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    now: datetime
    by: str = ""
    """The division of the officer who acts."""
    offered: frozenset[str] = frozenset()
    """Promises that may be made today."""
    known: bool = False
    """The shop is the merchant's own."""
    barred: bool = False
    """A measure is in effect by which the merchant is granted none."""
    taken: bool = False
    """Another merchant's paycode that is in force leads to one of these accounts."""


def decide(paycode: Paycode | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    That a shop has one in force and asks for one at a time, the table itself holds (`paycode_granted_already`,
    `paycode_asked_already`). Errors: `Missing("paycode_unknown" | "shop_unknown")`, `Refused` with `paycode_decided`,
    `promise_none`, `promise_unknown`, `paycode_status_withdrawn`, `paycode_account_taken`, `text_empty` and the
    codes of `acquired`.
    """
    if isinstance(command, Apply):
        return [] if paycode is not None else [_asked(command, ground)]
    if paycode is None:
        raise Missing("paycode_unknown")
    match command:
        case Grant():
            return _granted(paycode, ground)
        case Refuse(reason=reason):
            _must_say(reason)
            if paycode.state is State.refused:
                return []
            if paycode.state is not State.applied:
                raise Refused("paycode_decided", state=paycode.state.value)
            return [PaycodeRefused(at=ground.now, reason=reason)]
        case EndPaycode(reason=reason):
            _must_say(reason)
            if paycode.state is State.ended:
                return []
            if not paycode.open:
                raise Refused("paycode_decided", state=paycode.state.value)
            return [PaycodeEnded(at=ground.now, reason=reason)]
        case _:
            assert_never(command)


def _asked(command: Apply, ground: Ground) -> PaycodeAsked:
    if _NUMBER.fullmatch(command.number) is None:
        raise AssertionError(f"no number of a paycode: {command.number}")
    if not ground.known:
        raise Missing("shop_unknown")
    if ground.barred:
        raise Refused("paycode_status_withdrawn")
    promises = tuple(dict.fromkeys(command.promises))
    _must_be_offered(promises, ground)
    code = acquired(command.payload)
    if ground.taken:
        raise Refused("paycode_account_taken")
    return PaycodeAsked(
        at=ground.now,
        city=ground.city,
        id=command.id,
        number=command.number,
        merchant=command.merchant,
        shop=command.shop,
        payload=command.payload,
        accounts=code.accounts,
        promises=promises,
    )


def _granted(paycode: Paycode, ground: Ground) -> list[AnyEvent]:
    """What was true when it was asked for must be so still."""
    if paycode.state is State.granted:
        return []
    if paycode.state is not State.applied:
        raise Refused("paycode_decided", state=paycode.state.value)
    if not ground.known:
        raise Missing("shop_unknown")
    if ground.barred:
        raise Refused("paycode_status_withdrawn")
    _must_be_offered(paycode.promises, ground)
    if ground.taken:
        raise Refused("paycode_account_taken")
    return [PaycodeGranted(at=ground.now, by=ground.by)]


def _must_be_offered(promises: tuple[str, ...], ground: Ground) -> None:
    if not promises:
        raise Refused("promise_none")
    if not ground.offered.issuperset(promises):
        raise Refused("promise_unknown")


def _must_say(reason: str) -> None:
    if not reason:
        raise Refused("text_empty")


def evolve(paycode: Paycode | None, event: AnyEvent) -> Paycode:
    """The row after one more event."""
    if paycode is None:
        if not isinstance(event, PaycodeAsked):
            raise AssertionError(f"a paycode begins with PaycodeAsked, not {type(event).__name__}")
        return Paycode(
            city=event.city,
            id=event.id,
            version=1,
            number=event.number,
            merchant=event.merchant,
            shop=event.shop,
            payload=event.payload,
            accounts=event.accounts,
            promises=event.promises,
            state=State.applied,
            applied_at=event.at,
            changed_at=event.at,
        )
    version = paycode.version + 1
    match event:
        case PaycodeGranted(at=at, by=by):
            changed = replace(paycode, state=State.granted, granted_at=at, granted_by=by)
        case PaycodeRefused(reason=reason):
            changed = replace(paycode, state=State.refused, reason=reason)
        case PaycodeEnded(at=at, reason=reason):
            changed = replace(paycode, state=State.ended, ended_at=at, reason=reason)
        case PaycodeAsked():
            raise AssertionError("a paycode is asked for once")
        case _:
            assert_never(event)
    return replace(changed, version=version, changed_at=event.at)
