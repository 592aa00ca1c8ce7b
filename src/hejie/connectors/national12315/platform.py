"""The interface of docs/protocol/12315.md over HTTP, with the message signatures that acquirers speak too."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.national12315.protocol import HandoffAnswer, Standing
from hejie.connectors.signed_calls import SignedCalls, Told
from hejie.connectors.signing import Key

TAG = "hejie-12315"
MOST_WORDS = 1000
_TAKES_NOT = frozenset({400, 413, 422})
"""Answers after which nothing was taken; a key in use with another package (409) is none of them."""
_GROUNDS = frozenset(f"N{number}" for number in range(1, 8))
_NUMBERED = frozenset({Standing.received, Standing.accepted, Standing.concluded})


class _Submission(Struct, frozen=True, kw_only=True):
    """A package as it travels: its bytes stand in the body as they are."""

    key: str
    sha256: str
    package: msgspec.Raw


class _Told(Struct, frozen=True, kw_only=True):
    """A hand-off as it is told."""

    key: str
    state: Literal["pending", "received", "accepted", "refused", "returned", "concluded"]
    number: str = ""
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    code: str = ""
    words: str = ""
    settled: bool = False


class Platform(SignedCalls):
    """Fulfils `protocol.National`."""

    def __init__(self, gateway: str, own: Key, keys: dict[str, Key], clock: Clock, client: httpx.AsyncClient) -> None:
        super().__init__(f"{gateway.rstrip('/')}/v1", own, keys, clock, client, TAG)

    async def submit(self, key: str, package: bytes) -> HandoffAnswer:
        """Hand a package over under its key, which is the idempotency key too."""
        digest = hashlib.sha256(package).hexdigest()
        told = await self.post("/handoffs", _Submission(key=key, sha256=digest, package=msgspec.Raw(package)), key)
        if told.stands:
            return _read(told, key)
        if told.status in _TAKES_NOT:
            raise Refused("handoff_not_taken", said=told.code)
        raise Unknown("handoff_unsure", said=told.code)

    async def ask(self, key: str) -> HandoffAnswer:
        """How the hand-off of a key stands."""
        told = await self.get(f"/handoffs/{quote(key, safe='')}")
        if told.stands:
            return _read(told, key)
        if told.code == "handoff_unknown":
            return HandoffAnswer(standing=Standing.absent)
        raise Unknown("handoff_unsure", said=told.code)


def _read(answer: Told, key: str) -> HandoffAnswer:
    """An answer about this very key, whole; whatever else it is leaves things open."""
    told = answer.read(_Told)
    if told.key != key:
        raise Unknown("reply_mismatch", field="key")
    standing = Standing(told.state)
    if standing in _NUMBERED and not 0 < len(told.number) <= 64:  # noqa: PLR2004  characters
        raise Unknown("reply_unreadable", field="number")
    if standing is Standing.refused and told.code not in _GROUNDS:
        raise Unknown("reply_unreadable", field="code")
    if len(told.words) > MOST_WORDS:
        raise Unknown("reply_unreadable", field="words")
    return HandoffAnswer(
        standing=standing,
        number=told.number,
        received_at=_at(told.received_at),
        accepted_at=_at(told.accepted_at),
        code=told.code,
        words=told.words,
        settled=told.settled,
    )


def _at(instant: datetime | None) -> datetime | None:
    if instant is None:
        return None
    if instant.tzinfo is None:
        raise Unknown("reply_unreadable", field="at")
    return instant.astimezone(UTC)
