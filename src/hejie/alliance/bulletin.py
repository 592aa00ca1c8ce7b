"""A bulletin or early warning: written in one city, read and acknowledged in others; a noun on both sides."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.base.identifiers import birth_city

MOST_TITLE, MOST_WORDS = 80, 4000
"""Characters."""


class Level(StrEnum):
    """How much it presses."""

    notice = "notice"
    warning = "warning"


class Reader(Struct, frozen=True, kw_only=True):
    """A city that gets it, and whether its officers have acknowledged."""

    city: str
    seen_at: datetime | None = None
    office: str = ""


class Bulletin(Struct, frozen=True, kw_only=True):
    """Its row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    source: str
    """The city that wrote it."""
    level: Level
    title: str
    words: str
    """Content identifier."""
    until: date | None
    """The last day on which it matters."""
    written_at: datetime
    arrived_at: datetime
    """In the city that wrote it, the same."""
    readers: tuple[Reader, ...] = ()
    """Other cities; of one from elsewhere only one's own."""
    changed_at: datetime

    @property
    def own(self) -> bool:
        """Whether it was written here."""
        return self.source == self.city

    @property
    def unseen(self) -> bool:
        """Whether our own officers have still to acknowledge it."""
        return not self.own and self.readers[0].seen_at is None


class Write(Struct, frozen=True, kw_only=True):
    """An officer writes to chosen cities."""

    level: Level
    title: str
    words: str
    until: date | None
    readers: tuple[str, ...]


class Arrive(Struct, frozen=True, kw_only=True):
    """Another city's has come."""

    source: str
    level: Level
    title: str
    words: str
    until: date | None
    written_at: datetime


class Acknowledge(Struct, frozen=True):
    """An officer here has read it."""


class NoteSeen(Struct, frozen=True, kw_only=True):
    """Another city tells that its officers have read it."""

    reader: str
    office: str
    seen_at: datetime


Command = Write | Arrive | Acknowledge | NoteSeen


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class BulletinWritten(Event, frozen=True, kw_only=True, tag=True):
    """It goes to the cities named."""

    city: str
    id: str
    level: Level
    title: str
    words: str
    until: date | None
    readers: tuple[str, ...]


class BulletinArrived(Event, frozen=True, kw_only=True, tag=True):
    """It lies with us."""

    city: str
    id: str
    source: str
    level: Level
    title: str
    words: str
    until: date | None
    written_at: datetime


class BulletinSeen(Event, frozen=True, kw_only=True, tag=True):
    """A city's officers have acknowledged it."""

    reader: str
    office: str
    seen_at: datetime


AnyEvent = BulletinWritten | BulletinArrived | BulletinSeen


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    id: str
    now: datetime
    office: str = ""
    members: frozenset[str] = frozenset()
    """The other cities of the alliance."""


def decide(row: Bulletin | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Errors: `Missing("bulletin_unknown")`, `Refused` with `bulletin_title`, `bulletin_words_missing`,
    `bulletin_readers`, `bulletin_day`, `bulletin_not_theirs`, `bulletin_own`.
    """
    match command:
        case Write():
            return [] if row is not None else [_written(command, ground)]
        case Arrive():
            return _arrived(row, command, ground)
        case Acknowledge():
            if row is None:
                raise Missing("bulletin_unknown")
            if row.own:
                raise Refused("bulletin_own")
            told = BulletinSeen(at=ground.now, reader=ground.city, office=ground.office, seen_at=ground.now)
            return [told] if row.unseen else []
        case NoteSeen():
            return _noted(row, command, ground)
        case _:
            assert_never(command)


def _written(command: Write, ground: Ground) -> BulletinWritten:
    if not 0 < len(command.title) <= MOST_TITLE:
        raise Refused("bulletin_title", most=MOST_TITLE)
    if not command.words:
        raise Refused("bulletin_words_missing")
    if not command.readers or not ground.members.issuperset(command.readers):
        raise Refused("bulletin_readers")
    if command.until is not None and command.until < ground.now.astimezone(SHANGHAI).date():
        raise Refused("bulletin_day")
    return BulletinWritten(
        at=ground.now,
        city=ground.city,
        id=ground.id,
        level=command.level,
        title=command.title,
        words=command.words,
        until=command.until,
        readers=tuple(sorted(set(command.readers))),
    )


def _arrived(row: Bulletin | None, command: Arrive, ground: Ground) -> list[AnyEvent]:
    """One that a city calls its own by its identifier, once."""
    if birth_city(ground.id) != command.source or command.source == ground.city:
        raise Refused("bulletin_not_theirs")
    if row is not None:
        return []
    if not 0 < len(command.title) <= MOST_TITLE:
        raise Refused("bulletin_title", most=MOST_TITLE)
    return [
        BulletinArrived(
            at=ground.now,
            city=ground.city,
            id=ground.id,
            source=command.source,
            level=command.level,
            title=command.title,
            words=command.words,
            until=command.until,
            written_at=command.written_at,
        )
    ]


def _noted(row: Bulletin | None, command: NoteSeen, ground: Ground) -> list[AnyEvent]:
    reader = next((each for each in row.readers if each.city == command.reader), None) if row and row.own else None
    if reader is None:
        raise Refused("bulletin_not_theirs")
    if reader.seen_at is not None:
        return []
    office = command.office[:MOST_TITLE]
    return [BulletinSeen(at=ground.now, reader=command.reader, office=office, seen_at=command.seen_at)]


def evolve(row: Bulletin | None, event: AnyEvent) -> Bulletin:
    """The row after one more event."""
    if row is None:
        return _first(event)
    assert isinstance(event, BulletinSeen), "a bulletin begins once"  # noqa: S101  a log says nothing else
    seen = Reader(city=event.reader, seen_at=event.seen_at, office=event.office)
    readers = tuple(seen if each.city == event.reader else each for each in row.readers)
    return replace(row, readers=readers, version=row.version + 1, changed_at=event.at)


def _first(event: AnyEvent) -> Bulletin:
    match event:
        case BulletinWritten():
            source, written_at, readers = event.city, event.at, event.readers
        case BulletinArrived():
            source, written_at, readers = event.source, event.written_at, (event.city,)
        case _:
            raise AssertionError(f"a bulletin does not begin with {type(event).__name__}")
    return Bulletin(
        city=event.city,
        id=event.id,
        version=1,
        source=source,
        level=event.level,
        title=event.title,
        words=event.words,
        until=event.until,
        written_at=written_at,
        arrived_at=event.at,
        readers=tuple(Reader(city=each) for each in readers),
        changed_at=event.at,
    )
