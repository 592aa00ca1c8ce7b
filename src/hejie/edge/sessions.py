"""Sessions: a random token in a cookie, its digest in the database, one city and one role each."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Actor, Role
from hejie.base.clock import SystemClock
from hejie.base.errors import Missing
from hejie.base.identifiers import Chance
from hejie.store.pool import Connection, Pool, city_pipeline

_REAL = SystemClock()
_TOKEN_BYTES = 32
_TOUCH = 0.1
"""A session is written anew when this part of its idle time has passed, not at every step."""


class Life(Struct, frozen=True):
    """How long a session lives without a step, and at most."""

    idle: timedelta
    most: timedelta


LIVES: Mapping[Role, Life] = {
    Role.consumer: Life(timedelta(hours=2), timedelta(hours=12)),
    Role.merchant: Life(timedelta(hours=2), timedelta(hours=12)),
    Role.officer: Life(timedelta(minutes=30), timedelta(hours=8)),
    Role.clerk: Life(timedelta(minutes=30), timedelta(hours=8)),
}


class Viewer(Struct, frozen=True, kw_only=True):
    """Who looks and acts, as a session knows it."""

    city: str
    role: Role
    person: str
    """A person's or a member's identifier; for a case link, `link:DISPUTE`."""
    organisation: str = ""
    """The merchant, or the officer's authority."""
    scope: str = ""
    """The only dispute this session may touch; empty for no such bound."""
    facts: dict[str, str] = {}
    """What the sign-in said besides, small and not personal."""
    secret: bytes = b""
    digest: bytes = b""

    @property
    def actor(self) -> Actor:
        """The same as the desk knows it."""
        return Actor(self.role, self.person, self.organisation)

    def must_reach(self, dispute: str) -> None:
        """`Missing("dispute_unknown")` for a dispute outside a case link's scope."""
        if self.scope and self.scope != dispute:
            raise Missing("dispute_unknown")


class _Kept(Struct, frozen=True):
    """What the `facts` column holds."""

    until: datetime
    said: dict[str, str]


@asynccontextmanager
async def passing(pool: Pool, city: str) -> AsyncIterator[Connection]:
    """A transaction of one city for sessions and counters: its commit does not wait for the disk."""
    async with city_pipeline(pool, city, durable=False) as connection:
        yield connection


async def begin(
    connection: Connection,
    chance: Chance,
    viewer: Viewer,
) -> str:
    """Keep a new session; the token for the cookie, 43 letters."""
    token = _text(chance(_TOKEN_BYTES))
    now, life = _REAL.now(), LIVES[viewer.role]
    kept = msgspec.json.encode(_Kept(now + life.most, viewer.facts)).decode()
    await connection.execute(
        "insert into session (city, token, role, person, organisation, scope, secret, facts, ends_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)",
        [
            viewer.city,
            _digest(token),
            viewer.role.value,
            viewer.person,
            viewer.organisation,
            viewer.scope,
            chance(_TOKEN_BYTES),
            kept,
            now + life.idle,
        ],
    )
    return token


def with_fact(viewer: Viewer, name: str, word: str) -> Viewer:
    """The viewer with one more fact in their session."""
    return replace(viewer, facts={**viewer.facts, name: word})


async def find(connection: Connection, city: str, tokens: Sequence[str], *, touch: bool = True) -> dict[Role, Viewer]:
    """The live sessions behind these tokens, by role; `touch` puts off their end."""
    digests = [_digest(token) for token in tokens]
    if not digests:
        return {}
    now = _REAL.now()
    cursor = await connection.execute(
        "select token, role, person, organisation, scope, secret, facts::text, ends_at from session"
        " where city = %s and token = any(%s) and ends_at > %s",
        [city, digests, now],
    )
    found: dict[Role, Viewer] = {}
    for digest, word, person, organisation, scope, secret, facts, ends_at in await cursor.fetchall():
        role, kept = Role(word), msgspec.json.decode(facts, type=_Kept)
        if touch:
            await _touch(connection, city, digest, role, kept.until, ends_at, now)
        found[role] = Viewer(
            city=city,
            role=role,
            person=person,
            organisation=organisation,
            scope=scope,
            facts=kept.said,
            secret=secret,
            digest=digest,
        )
    return found


async def end(connection: Connection, city: str, digest: bytes) -> None:
    """Forget one session."""
    await connection.execute("delete from session where city = %s and token = %s", [city, digest])


async def end_all(connection: Connection, city: str, role: Role, person: str) -> None:
    """Forget every session of a person, as after a changed password."""
    await connection.execute(
        "delete from session where city = %s and role = %s and person = %s", [city, role.value, person]
    )


async def end_opened(connection: Connection, city: str, dispute: str, fact: str, begins: str) -> None:
    """Forget the sessions of one dispute alone whose fact of that name begins so."""
    await connection.execute(
        "delete from session where city = %s and scope = %s and starts_with(facts->'said'->>%s, %s)",
        [city, dispute, fact, begins],
    )


def csrf_of(secret: bytes) -> str:
    """The token that every form of a session carries; it is no secret of another session."""
    return hmac.new(secret, b"csrf", "sha256").hexdigest()


async def _touch(
    connection: Connection, city: str, digest: Any, role: Role, until: datetime, ends_at: datetime, now: datetime
) -> None:
    idle = LIVES[role].idle
    later = min(now + idle, until)
    if later - ends_at > idle * _TOUCH:
        await connection.execute(
            "update session set ends_at = %s where city = %s and token = %s", [later, city, digest]
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
