"""The one road in: `Desk.act` takes a command on a noun and leaves row, log, tasks and content in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from psycopg import errors

from hejie.base.actor import Actor
from hejie.base.clock import Clock, milliseconds
from hejie.base.errors import Refused, Stale
from hejie.base.identifiers import Chance, mint
from hejie.base.seals import Vault, commitment
from hejie.desk.book import Book, Event, Row, Situation
from hejie.store import codes
from hejie.store.contents import first_data_key, open_data_key
from hejie.store.pool import Connection, Pool, city_pipeline
from hejie.store.writing import Joined, LogLine, Writes, news_of, write_content, write_log, write_tasks

C = TypeVar("C")
T = TypeVar("T")

MOST_CONTENT_BYTES = 2_100_000
"""Of one piece of content: a picture after re-encoding, or a text."""


class Content(Struct, frozen=True, kw_only=True):
    """Something personal that comes with a command and is kept sealed, outside the events."""

    id: str
    kind: str
    """`text`, `jpg`, `png`, `phone`, ..."""
    plain: bytes


class Once(Struct, frozen=True):
    """An idempotency key: the same key with the same digest gets the same answer.

    What is kept of the digest is keyed by the city: a request is often so short that its plain digest could be guessed.
    """

    key: str
    digest: bytes


class Done(Struct, Generic[T], frozen=True):
    """What an act left behind."""

    row: T | None
    """The row afterwards; None where an earlier answer is given again."""
    id: str
    version: int
    again: bool = False
    """The same request was answered before."""


class Desk:
    """Takes commands; the only writer of nouns."""

    def __init__(self, pool: Pool, clock: Clock, vaults: Callable[[str], Vault], chance: Chance) -> None:
        self.pool = pool
        self.clock = clock
        self.vaults = vaults
        self.chance = chance

    def mint(self, city: str) -> str:
        """A fresh identifier born in this city."""
        return mint(city, milliseconds(self.clock.now()), self.chance)

    async def act(
        self,
        book: Book[Row, C, Event],
        city: str,
        identifier: str,
        command: C,
        actor: Actor,
        *,
        contents: Sequence[Content] = (),
        once: Once | None = None,
        version: int | None = None,
        hands: Sequence[str] = (),
    ) -> Done[Row]:
        """Do one thing to one noun.

        `version` is what the actor saw last. `hands` are the sides of what happened in another city that tells it
        now: of all events but the last, counted from there. Errors: `Missing`, `Refused(code)`, `Stale("stale")`
        where the noun has moved on since, `Stale("in_flight")` and `Refused("key_reused")` for a repeated key. On
        any error nothing is stored.
        """
        return await self._all(book, city, [(identifier, command)], actor, contents, once, version, hands)

    async def act_together(
        self,
        book: Book[Row, C, Event],
        city: str,
        acts: Sequence[tuple[str, C]],
        actor: Actor,
        *,
        once: Once | None = None,
    ) -> Done[Row]:
        """Do several things to nouns of one book, each by its identifier, in this order and in one transaction.

        Either all of them are done or, on any error, none. The answer is the last one's. Errors as in `act`.
        """
        return await self._all(book, city, acts, actor, (), once, None)

    async def _all(
        self,
        book: Book[Row, C, Event],
        city: str,
        acts: Sequence[tuple[str, C]],
        actor: Actor,
        contents: Sequence[Content],
        once: Once | None,
        version: int | None,
        hands: Sequence[str] = (),
    ) -> Done[Row]:
        now, (*before, (identifier, command)) = self.clock.now(), acts
        try:
            async with city_pipeline(self.pool, city) as connection:
                if once is not None:
                    once = self._keyed(city, once)
                    answered = await _answered_before(connection, city, actor, once)
                    if answered is not None:
                        return Done(row=None, id=answered[0], version=answered[1], again=True)
                for first, begins in before:
                    await self._in(
                        Situation(connection, Joined(), city, first, actor, now), book, begins, (), None, None
                    )
                at = Situation(connection, Joined(), city, identifier, actor, now)
                return await self._in(at, book, command, contents, once, version, hands)
        except (errors.UniqueViolation, errors.ExclusionViolation) as error:
            raise codes.meaning(error) from error
        except (errors.DeadlockDetected, errors.SerializationFailure) as error:
            raise Stale from error

    def _keyed(self, city: str, once: Once) -> Once:
        return Once(once.key, self.vaults(city).handle("once", once.digest.hex()))

    async def _in(
        self,
        at: Situation,
        book: Book[Row, C, Event],
        command: C,
        contents: Sequence[Content],
        once: Once | None,
        version: int | None,
        hands: Sequence[str] = (),
    ) -> Done[Row]:
        before = await book.load(at)
        if version is not None and before is not None and book.version(before) != version:
            raise Stale
        events = await book.decide(at, before, command)
        row, lines, tasks = before, [], []
        for event, side in zip(events, _sides(hands, len(events)), strict=False):
            row = book.evolve(row, event)
            lines.append(self._line(book.version(row), event, side))
            tasks += book.tasks(row, event)
        sealed = await self._sealed(at, book.noun, contents if events else (), new=before is None)
        reached, news = book.version(row) if row is not None else 0, ""
        if row is not None and events:
            await book.save(at, row, before)
            await write_log(at.writes, at.city, book.noun, at.id, at.now, at.actor.role.value, at.actor.id, lines)
            await write_tasks(at.writes, at.city, at.now, tasks)
            await write_content(at.writes, at.city, subject_of(book.noun, at.id), at.now, sealed)
            news = news_of(at.city, at.id, reached)
        if once is not None:
            await _remember(at.writes, at.city, at.actor, once, at.id, reached, at.now)
        await at.writes.send(at.connection, news)
        return Done(row=row, id=at.id, version=reached)

    def _line(self, version: int, event: Struct, side: str | None) -> LogLine:
        body = msgspec.json.encode(event)
        salt = self.chance(16)
        digest = commitment(salt, msgspec.json.decode(body))
        at = getattr(event, "at", None) if side else None
        return LogLine(version, type(event).__name__, body.decode(), salt, digest, at, side)

    async def _sealed(
        self, at: Situation, noun: str, contents: Sequence[Content], *, new: bool
    ) -> list[tuple[str, str, bytes]]:
        if not contents:
            return []
        subject = subject_of(noun, at.id)
        vault = self.vaults(at.city)
        if new:
            key = await first_data_key(at.writes, vault, at.city, subject)
        else:
            key = await open_data_key(at.connection, vault, at.city, subject)
        sealed = []
        for content in contents:
            if len(content.plain) > MOST_CONTENT_BYTES:
                raise Refused("content_too_large")
            sealed.append((content.id, content.kind, vault.seal(key, f"content/{subject}/{content.id}", content.plain)))
        return sealed


def _sides(hands: Sequence[str], count: int) -> list[str | None]:
    """Whose each of so many events was, where another city tells it; None for what is done here and now."""
    told = hands[max(0, len(hands) + 1 - count) :]
    return [*[None] * (count - 1 - len(told)), *told, None]


def subject_of(noun: str, identifier: str) -> str:
    """Under whose data key a noun's content lies."""
    return f"{noun}:{identifier}"


_LOCK = "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
_LOOK = "select encode(digest, 'hex'), answer from once where city = %s and actor = %s and key = %s"


async def _answered_before(connection: Connection, city: str, actor: Actor, once: Once) -> tuple[str, int] | None:
    who = f"{actor.role.value}:{actor.id}"
    lock = await connection.execute(_LOCK, [f"{city}/{who}/{once.key}"])
    look = await connection.execute(_LOOK, [city, who, once.key])  # a statement of its own: it sees what was waited for
    locked: Any = await lock.fetchone()
    found: Any = await look.fetchone()
    if not locked[0]:
        raise Stale("in_flight")
    if found is None:
        return None
    digest, answer = found
    if digest != once.digest.hex():
        raise Refused("key_reused")
    return answer["id"], answer["version"]


async def _remember(
    writes: Writes, city: str, actor: Actor, once: Once, identifier: str, version: int, now: datetime
) -> None:
    answer = msgspec.json.encode({"id": identifier, "version": version}).decode()
    who = f"{actor.role.value}:{actor.id}"
    await writes.execute(
        "insert into once (city, actor, key, digest, answer, made_at) values (%s, %s, %s, %s, %s::jsonb, %s)",
        [city, who, once.key, once.digest, answer, now],
    )
