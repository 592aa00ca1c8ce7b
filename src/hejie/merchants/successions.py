"""A registered succession: one merchant goes on with the business of another under a new credit code, from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused

MOST_WORDS = 200
"""Characters that say why."""


class Succession(Struct, frozen=True, kw_only=True):
    """A succession's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    former: str
    """The merchant whose business it was."""
    later: str
    """The merchant that goes on with it."""
    former_code: str
    """Their credit codes when it was registered."""
    later_code: str
    begins: datetime
    """From this instant on."""
    note: str
    """What it rests on, in the officer's words."""
    undone: bool
    """It never was."""
    reason: str = ""
    """Why it was undone."""
    changed_at: datetime


class Succeed(Struct, frozen=True, kw_only=True):
    """Register that one merchant succeeds another."""

    id: str
    former: str
    later: str
    begins: datetime
    note: str


class UndoSuccession(Struct, frozen=True, kw_only=True):
    """It was a mistake from the begin."""

    reason: str


Command = Succeed | UndoSuccession


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class Succeeded(Event, frozen=True, kw_only=True, tag=True):
    """One merchant has succeeded another."""

    city: str
    id: str
    former: str
    later: str
    former_code: str
    later_code: str
    begins: datetime
    note: str


class SuccessionUndone(Event, frozen=True, kw_only=True, tag=True):
    """It never was."""

    reason: str


AnyEvent = Succeeded | SuccessionUndone


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    now: datetime
    codes: Mapping[str, str] = {}
    """Merchant → its credit code, for those of the two that are registered here."""
    standing: tuple[Succession, ...] = ()
    """Every succession of the city that is not undone."""


def decide(row: Succession | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    A merchant has one successor at most: where a business was divided, a person says whose each number is.
    Errors: `Missing("succession_unknown" | "party_unknown")`, `Refused` with `succession_self`, `succession_ahead`,
    `succession_taken`, `succession_circle`, `succession_order`, `text_empty`.
    """
    match command:
        case Succeed():
            return [] if row is not None else [_succeed(command, ground)]
        case UndoSuccession(reason=reason):
            if row is None:
                raise Missing("succession_unknown")
            if not reason:
                raise Refused("text_empty")
            return [] if row.undone else [SuccessionUndone(at=ground.now, reason=reason)]
        case _:
            assert_never(command)


def _succeed(command: Succeed, ground: Ground) -> Succeeded:
    former, later = command.former, command.later
    if not command.note:
        raise Refused("text_empty")
    if former == later:
        raise Refused("succession_self")
    if former not in ground.codes or later not in ground.codes:
        raise Missing("party_unknown")
    if command.begins > ground.now:
        raise Refused("succession_ahead")
    if any(each.former == former for each in ground.standing):
        raise Refused("succession_taken")
    if former in _after(ground.standing, later):
        raise Refused("succession_circle")
    too_late = any(each.later == former and each.begins > command.begins for each in ground.standing)
    too_early = any(each.former == later and each.begins < command.begins for each in ground.standing)
    if too_late or too_early:
        raise Refused("succession_order")
    return Succeeded(
        at=ground.now,
        city=ground.city,
        id=command.id,
        former=former,
        later=later,
        former_code=ground.codes[former],
        later_code=ground.codes[later],
        begins=command.begins,
        note=command.note,
    )


def _after(standing: Iterable[Succession], merchant: str) -> list[str]:
    """All that came after a merchant, the next first."""
    next_of = {each.former: each.later for each in standing}
    found: list[str] = []
    while (merchant := next_of.get(merchant, "")) and merchant not in found:
        found.append(merchant)
    return found


def evolve(row: Succession | None, event: AnyEvent) -> Succession:
    """The row after one more event."""
    if row is None:
        if not isinstance(event, Succeeded):
            raise AssertionError(f"a succession begins with Succeeded, not {type(event).__name__}")
        return Succession(
            city=event.city,
            id=event.id,
            version=1,
            former=event.former,
            later=event.later,
            former_code=event.former_code,
            later_code=event.later_code,
            begins=event.begins,
            note=event.note,
            undone=False,
            changed_at=event.at,
        )
    match event:
        case SuccessionUndone(reason=reason):
            return replace(row, undone=True, reason=reason, version=row.version + 1, changed_at=event.at)
        case Succeeded():
            raise AssertionError("a succession is registered once")
        case _:
            assert_never(event)


class Term(Struct, frozen=True):
    """A merchant's time in a line of successions."""

    merchant: str
    begins: datetime
    ends: datetime | None = None


class Lines:
    """Who goes on with whose business, and since when; an undone succession counts for nothing."""

    def __init__(self, successions: Iterable[Succession] = ()) -> None:
        self._next = {each.former: each for each in successions if not each.undone}

    @property
    def codes(self) -> list[tuple[str, str]]:
        """Former and later credit code of each."""
        return [(each.former_code, each.later_code) for each in self._next.values()]

    def terms(self, merchant: str, since: datetime) -> list[Term]:
        """Whose business it was from an instant on, the first first, where it was this merchant's or came from it."""
        while (passed := self._next.get(merchant)) and passed.begins <= since:
            merchant = passed.later
        found = []
        while passed := self._next.get(merchant):
            if since < passed.begins:
                found.append(Term(merchant, since, passed.begins))
            merchant, since = passed.later, passed.begins
        return [*found, Term(merchant, since)]

    def holder(self, merchant: str, at: datetime) -> str:
        """Whose business it was at an instant."""
        return self.terms(merchant, at)[0].merchant
