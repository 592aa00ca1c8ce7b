"""Publicity about a merchant's disputes: an officer's decision, announced to it, objected to, corrected, taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused

MOST_WORDS = 500
"""Characters of a reason, an objection, an answer or a correction."""


class State(StrEnum):
    """Where it stands."""

    announced = "announced"
    """The merchant has been told, and may object."""
    published = "published"
    withdrawn = "withdrawn"
    """Taken back, before or after it was published."""


class Objection(Struct, frozen=True, kw_only=True):
    """What the merchant said against it, and an officer's answer."""

    at: datetime
    words: str
    """Content identifier, as of all words here."""
    decided_at: datetime | None = None
    upheld: bool = False
    answer: str = ""


class Correction(Struct, frozen=True, kw_only=True):
    """What an officer sets right beside the figures."""

    at: datetime
    words: str


class Publicity(Struct, frozen=True, kw_only=True):
    """Its row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    merchant: str
    state: State
    reason: str
    agency: str
    """The division whose officer decided."""
    announced_at: datetime
    objection_until: datetime
    objections: tuple[Objection, ...] = ()
    published_at: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    ended_at: datetime | None = None
    ending: str = ""
    """Why it was taken back."""
    changed_at: datetime

    @property
    def undecided(self) -> bool:
        """Whether an objection waits for an answer."""
        return bool(self.objections) and self.objections[-1].decided_at is None

    @property
    def words(self) -> tuple[str, ...]:
        """Content identifiers of everything written about it."""
        objections = [part for each in self.objections for part in (each.words, each.answer)]
        found = [self.reason, *objections, *(each.words for each in self.corrections), self.ending]
        return tuple(each for each in found if each)


class Announce(Struct, frozen=True, kw_only=True):
    """An officer means to publish a merchant's figures, and why."""

    id: str
    merchant: str
    reason: str


class Object(Struct, frozen=True, kw_only=True):
    """The merchant says what is wrong about it."""

    words: str


class DecideObjection(Struct, frozen=True, kw_only=True):
    """An officer answers; where the merchant is right, nothing is published any more."""

    upheld: bool
    words: str


class Publish(Struct, frozen=True):
    """It is shown to everybody from now on."""


class Correct(Struct, frozen=True, kw_only=True):
    """An officer sets something right, for everybody to read."""

    words: str


class Withdraw(Struct, frozen=True, kw_only=True):
    """It is taken back, and why."""

    words: str


Command = Announce | Object | DecideObjection | Publish | Correct | Withdraw


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class PublicityAnnounced(Event, frozen=True, kw_only=True, tag=True):
    """The merchant is told, and why."""

    city: str
    id: str
    merchant: str
    reason: str
    agency: str
    objection_until: datetime


class PublicityObjected(Event, frozen=True, kw_only=True, tag=True):
    """The merchant objected."""

    words: str


class ObjectionDecided(Event, frozen=True, kw_only=True, tag=True):
    """An officer answered."""

    upheld: bool
    words: str


class Published(Event, frozen=True, kw_only=True, tag=True):
    """Everybody can read it."""


class PublicityCorrected(Event, frozen=True, kw_only=True, tag=True):
    """Something was set right."""

    words: str


class PublicityWithdrawn(Event, frozen=True, kw_only=True, tag=True):
    """It was taken back."""

    words: str


AnyEvent = (
    PublicityAnnounced | PublicityObjected | ObjectionDecided | Published | PublicityCorrected | PublicityWithdrawn
)


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    now: datetime
    agency: str = ""
    known: bool = True
    """Whether the merchant is registered here."""
    on: bool = True
    """Whether the city publishes at all on this day."""
    objection_days: int = 10
    allowed: bool = True
    """Whether a measure of the city's ladder lets the figures be published, where that is one of its steps."""


def decide(row: Publicity | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Errors: `Missing("merchant_unknown" | "publicity_unknown")`, `Refused` with `publicity_off`,
    `publicity_step_missing`, `publicity_words_missing`, `publicity_over`, `publicity_objection_open`,
    `publicity_objection_none`, `publicity_objection_runs`, `publicity_not_shown`.
    """
    if isinstance(command, Announce):
        return [] if row is not None else [_announced(command, ground)]
    if row is None:
        raise Missing("publicity_unknown")
    if isinstance(command, Withdraw) and row.state is State.withdrawn:
        return []
    if row.state is State.withdrawn:
        raise Refused("publicity_over")
    if not isinstance(command, Publish) and not command.words:
        raise Refused("publicity_words_missing")
    return _decided(row, command, ground)


def _decided(
    row: Publicity, command: Object | DecideObjection | Publish | Correct | Withdraw, ground: Ground
) -> list[AnyEvent]:
    match command:
        case Object(words=words):
            if row.undecided:
                raise Refused("publicity_objection_open")
            return [PublicityObjected(at=ground.now, words=words)]
        case DecideObjection(upheld=upheld, words=words):
            if not row.undecided:
                raise Refused("publicity_objection_none")
            return [ObjectionDecided(at=ground.now, upheld=upheld, words=words)]
        case Publish():
            return _published(row, ground)
        case Correct(words=words):
            if row.state is not State.published:
                raise Refused("publicity_not_shown")
            return [PublicityCorrected(at=ground.now, words=words)]
        case Withdraw(words=words):
            return [PublicityWithdrawn(at=ground.now, words=words)]
        case _:
            assert_never(command)


def _announced(command: Announce, ground: Ground) -> PublicityAnnounced:
    if not ground.on:
        raise Refused("publicity_off")
    if not ground.known:
        raise Missing("merchant_unknown")
    if not ground.allowed:
        raise Refused("publicity_step_missing")
    if not command.reason:
        raise Refused("publicity_words_missing")
    return PublicityAnnounced(
        at=ground.now,
        city=ground.city,
        id=command.id,
        merchant=command.merchant,
        reason=command.reason,
        agency=ground.agency,
        objection_until=ground.now + timedelta(days=ground.objection_days),
    )


def _published(row: Publicity, ground: Ground) -> list[AnyEvent]:
    if row.state is State.published:
        return []
    if not ground.on:
        raise Refused("publicity_off")
    if row.undecided:
        raise Refused("publicity_objection_open")
    if ground.now < row.objection_until:
        raise Refused("publicity_objection_runs")
    return [Published(at=ground.now)]


def evolve(row: Publicity | None, event: AnyEvent) -> Publicity:
    """The row after one more event."""
    if row is None:
        if not isinstance(event, PublicityAnnounced):
            raise AssertionError(f"publicity begins with PublicityAnnounced, not {type(event).__name__}")
        return Publicity(
            city=event.city,
            id=event.id,
            version=1,
            merchant=event.merchant,
            state=State.announced,
            reason=event.reason,
            agency=event.agency,
            announced_at=event.at,
            objection_until=event.objection_until,
            changed_at=event.at,
        )
    return replace(_after(row, event), version=row.version + 1, changed_at=event.at)


def _after(row: Publicity, event: AnyEvent) -> Publicity:
    match event:
        case PublicityObjected(at=at, words=words):
            return replace(row, objections=(*row.objections, Objection(at=at, words=words)))
        case ObjectionDecided(at=at, upheld=upheld, words=words):
            last = replace(row.objections[-1], decided_at=at, upheld=upheld, answer=words)
            decided = replace(row, objections=(*row.objections[:-1], last))
            return replace(decided, state=State.withdrawn, ended_at=at) if upheld else decided
        case Published(at=at):
            return replace(row, state=State.published, published_at=at)
        case PublicityCorrected(at=at, words=words):
            return replace(row, corrections=(*row.corrections, Correction(at=at, words=words)))
        case PublicityWithdrawn(at=at, words=words):
            return replace(row, state=State.withdrawn, ended_at=at, ending=words)
        case PublicityAnnounced():
            raise AssertionError("publicity is announced once")
        case _:
            assert_never(event)
