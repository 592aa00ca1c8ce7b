"""How a chain's head office works: who answers, how much a role may give, its own target, digest, replies and leave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.merchants.answering import AnsweringRule, Cover

FIELDS = ("shop", "item", "paid", "claim", "number", "due")
"""What a reply may name; each is filled from the dispute."""
_FIELD = re.compile(r"[{｛]\s*([^{}｛｝]*?)\s*[}｝]")
_BRACE = re.compile(r"[{}｛｝]")


class RoleLimit(Struct, frozen=True, kw_only=True):
    """Most that anybody of one rank may give away in one answer."""

    rank: str
    limit_fen: int


class Digest(Struct, frozen=True, kw_only=True):
    """Which messages wait for one daily message, and at which hour (Asia/Shanghai) it goes."""

    templates: tuple[str, ...]
    hour: int


class Reply(Struct, frozen=True, kw_only=True):
    """A prepared text in both languages; `{shop}` and its like are filled from the dispute."""

    id: str
    name: str
    zh: str
    en: str

    def within(self, language: str) -> str:
        """The English text for `en`, else the Chinese one."""
        return self.en if language == "en" else self.zh


class Office(Struct, frozen=True, kw_only=True):
    """What the head office has set; a merchant without one has set nothing."""

    answering: tuple[AnsweringRule, ...] = ()
    role_limits: tuple[RoleLimit, ...] = ()
    target_hours: int = 0
    """The chain's own, shorter time for a first answer; 0 for none. The city's clock runs beside it, unchanged."""
    digest: Digest | None = None
    digest_since: datetime | None = None
    """When the digest was set; a daily task made for another one ends."""
    replies: tuple[Reply, ...] = ()
    covers: tuple[Cover, ...] = ()

    def reply(self, identifier: str) -> Reply | None:
        """The reply of that identifier."""
        return next((reply for reply in self.replies if reply.id == identifier), None)

    def role_limit(self, rank: str) -> int:
        """Most that this rank may give in one answer, in fen; 0 where nothing is set."""
        return next((each.limit_fen for each in self.role_limits if each.rank == rank), 0)


def fields_of(text: str) -> tuple[str, ...]:
    """The fields that a text names, known or not."""
    return tuple(_FIELD.findall(text))


def check_reply(text: str) -> None:
    """`Refused("reply_field_unknown", field)` for a field nobody fills, `("reply_braces")` for a brace left alone."""
    for field in fields_of(text):
        if field not in FIELDS:
            raise Refused("reply_field_unknown", field=field)
    if _BRACE.search(_FIELD.sub("", text)):
        raise Refused("reply_braces")


def filled(text: str, values: Mapping[str, str]) -> str:
    """A reply with its fields filled; `Refused("reply_unfilled", field)` where the dispute has nothing for one."""
    for field in fields_of(text):
        if not values.get(field):
            raise Refused("reply_unfilled", field=field)
    return _FIELD.sub(lambda found: values[found[1]], text)


def must_be_filled(text: str) -> None:
    """`Refused("reply_unfilled", field)` for words that still carry a reply's field: they must not be sent."""
    for field in fields_of(text):
        if field in FIELDS:
            raise Refused("reply_unfilled", field=field)
