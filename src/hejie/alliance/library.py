"""The case library: a settled dispute without anybody in it, written by an officer, told to members; a noun."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, assert_never

from msgspec import Meta, Struct
from msgspec.structs import replace

from hejie.alliance.anonymous import Leak, leaks
from hejie.base.errors import Missing, Refused
from hejie.base.identifiers import birth_city

CASE = "case"
"""The kind of letter."""
MOST_WORDS, LEAST_WORDS = 600, 20
MOST_DAYS = 365
"""Longer ones count as this long."""
_TOP, _STEP = 200, 5


class Band(StrEnum):
    """How much was paid."""

    to_50 = "to_50"
    to_200 = "to_200"
    to_1000 = "to_1000"
    to_5000 = "to_5000"
    over_5000 = "over_5000"


_BANDS = ((50_00, Band.to_50), (200_00, Band.to_200), (1000_00, Band.to_1000), (5000_00, Band.to_5000))
"""Fen, included → band."""


def band(paid_fen: int) -> Band:
    """The band of a sum in fen."""
    return next((each for most, each in _BANDS if paid_fen <= most), Band.over_5000)


def share(agreed_fen: int, paid_fen: int) -> int:
    """Percent of what was paid, in steps of five."""
    return min(_TOP, round(agreed_fen * 100 / paid_fen / _STEP) * _STEP)


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of a settled dispute: nothing that is finer than many others share."""

    problem: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    trade: Annotated[str, Meta(pattern=r"^([0-9]{2})?$")]
    """Two digits of GB/T 4754; empty where it is not known, or too few cases share it."""
    remedy: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    paid: Band
    share: Annotated[int, Meta(ge=0, le=_TOP)] | None
    """Percent of what was paid that was agreed, in steps of five; none for a deed."""
    days: Annotated[int, Meta(ge=0, le=MOST_DAYS)]
    """From the filing to the end."""
    kept: bool | None
    """Whether what was agreed was done; none where nobody said so."""
    month: Annotated[str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    """In which it ended."""


class LibraryCase(Struct, frozen=True, kw_only=True):
    """Its row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    source: str
    """The city that wrote it."""
    dispute: str
    """Of our own only; never told."""
    facts: Facts
    summary: str
    """Checked to name nobody; empty once it is taken back."""
    published_at: datetime
    withdrawn_at: datetime | None = None
    changed_at: datetime

    @property
    def own(self) -> bool:
        """Whether it was written here."""
        return self.source == self.city


class Publish(Struct, frozen=True, kw_only=True):
    """An officer tells a settled dispute in general words."""

    dispute: str
    summary: str


class Arrive(Struct, frozen=True, kw_only=True):
    """Another city tells one of its own, or that it takes it back."""

    source: str
    facts: Facts
    summary: str
    withdrawn: bool


class Withdraw(Struct, frozen=True, kw_only=True):
    """An officer takes one of ours back."""


Command = Publish | Arrive | Withdraw


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class CasePublished(Event, frozen=True, kw_only=True, tag=True):
    """It is told, here or in the city that wrote it."""

    city: str
    id: str
    source: str
    dispute: str
    facts: Facts
    summary: str


class CaseWithdrawn(Event, frozen=True, kw_only=True, tag=True):
    """It is taken back."""


AnyEvent = CasePublished | CaseWithdrawn


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    id: str
    now: datetime
    facts: Facts | None = None
    """Of the dispute that is to be told; none where it has not settled here."""
    known: tuple[str, ...] = ()
    """Names and places of its parties."""


def decide(row: LibraryCase | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    That a dispute is told once, the table itself holds (`case_told_already`). Errors: `Missing("case_unknown")`,
    `Refused` with `case_not_settled`, `case_words`, `case_identifies` (with what was found), `case_not_ours`.
    """
    match command:
        case Publish(dispute=dispute, summary=summary):
            if row is not None:
                return []
            if ground.facts is None:
                raise Refused("case_not_settled")
            _must_name_nobody(summary, ground.known)
            return [_published(ground, ground.city, dispute, ground.facts, summary)]
        case Arrive():
            return _arrived(row, command, ground)
        case Withdraw():
            if row is None:
                raise Missing("case_unknown")
            if not row.own:
                raise Refused("case_not_ours")
            return [] if row.withdrawn_at else [CaseWithdrawn(at=ground.now)]
        case _:
            assert_never(command)


def _arrived(row: LibraryCase | None, command: Arrive, ground: Ground) -> list[AnyEvent]:
    if birth_city(ground.id) != command.source or command.source == ground.city:
        raise Refused("case_not_ours")
    if command.withdrawn:
        return [CaseWithdrawn(at=ground.now)] if row is not None and row.withdrawn_at is None else []
    if row is not None:
        return []
    _must_name_nobody(command.summary, ())
    return [_published(ground, command.source, "", command.facts, command.summary)]


def _published(ground: Ground, source: str, dispute: str, facts: Facts, summary: str) -> CasePublished:
    return CasePublished(
        at=ground.now, city=ground.city, id=ground.id, source=source, dispute=dispute, facts=facts, summary=summary
    )


def _must_name_nobody(summary: str, known: tuple[str, ...]) -> None:
    if not LEAST_WORDS <= len(summary) <= MOST_WORDS:
        raise Refused("case_words", least=LEAST_WORDS, most=MOST_WORDS)
    found: list[Leak] = leaks(summary, known)
    if found:
        raise Refused("case_identifies", found=" · ".join(each.found for each in found))


def evolve(row: LibraryCase | None, event: AnyEvent) -> LibraryCase:
    """The row after one more event."""
    match event:
        case CasePublished():
            return LibraryCase(
                city=event.city,
                id=event.id,
                version=1,
                source=event.source,
                dispute=event.dispute,
                facts=event.facts,
                summary=event.summary,
                published_at=event.at,
                changed_at=event.at,
            )
        case CaseWithdrawn():
            if row is None:
                raise AssertionError("a case of the library begins with CasePublished")
            version = row.version + 1
            return replace(row, version=version, summary="", withdrawn_at=event.at, changed_at=event.at)
        case _:
            assert_never(event)
