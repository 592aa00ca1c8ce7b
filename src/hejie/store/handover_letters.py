"""What a hand-over's letters say: the same words for those who write them and those who read them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.cities.homes import Summary
from hejie.disputes.events import AnyEvent
from hejie.handovers.model import Bought, Payee

PIECE_BYTES = 120_000
"""Of content in one letter: sealed and in text it still fits."""
OFFER, PIECE = "handover_offer", "handover_piece"


class Line(Struct, frozen=True, kw_only=True):
    """One event of a dispute's record, and whose side it was."""

    role: str
    event: AnyEvent


class OfferLetter(Struct, frozen=True, kw_only=True):
    """The open part of an offer."""

    dispute: str
    turn: int
    because: str
    offered_at: datetime
    answer_by: datetime
    finish_by: datetime
    due_at: datetime | None
    payee: Payee
    payments: tuple[Bought, ...]
    pieces: tuple[str, ...]
    record: tuple[Line, ...]


class AnswerLetter(Struct, frozen=True, kw_only=True):
    """Yes, no, or free again."""

    code: str = ""


class ToldLetter(Struct, frozen=True, kw_only=True):
    """How the dispute stands at its home."""

    number: int
    summary: Summary


class Part(Struct, frozen=True, kw_only=True):
    """A part of one piece of content, as its letter's name says it."""

    content: str
    kind: str
    part: int
    parts: int

    @property
    def name(self) -> str:
        """`CONTENT:KIND:PART:PARTS`."""
        return f"{self.content}:{self.kind}:{self.part}:{self.parts}"


def part_of(name: str) -> Part:
    """The part that a name means; `Refused("letter_unreadable")`."""
    try:
        content, kind, part, parts = name.split(":")
        return Part(content=content, kind=kind, part=int(part), parts=int(parts))
    except ValueError:
        raise Refused("letter_unreadable") from None


def parts_of(content: str, kind: str, size: int) -> list[str]:
    """The names of the letters that content of so many bytes needs."""
    parts = max(1, -(-size // PIECE_BYTES))
    return [Part(content=content, kind=kind, part=part, parts=parts).name for part in range(parts)]


def cut(plain: bytes, part: int) -> str:
    """One part, as text."""
    return base64.b64encode(plain[part * PIECE_BYTES : (part + 1) * PIECE_BYTES]).decode()


def joined(pieces: Sequence[str], texts: dict[str, str]) -> Iterator[tuple[str, str, bytes]]:
    """Whole content again, as (identifier, kind, bytes); `Refused("letter_unreadable")` where a part is missing."""
    wanted: dict[tuple[str, str], dict[int, str]] = {}
    for name in pieces:
        part = part_of(name)
        wanted.setdefault((part.content, part.kind), {})[part.part] = name
    for (content, kind), parts in wanted.items():
        try:
            raw = [base64.b64decode(texts[parts[number]], validate=True) for number in range(len(parts))]
        except (KeyError, ValueError, TypeError):
            raise Refused("letter_unreadable") from None
        yield content, kind, b"".join(raw)


def told(letter: Struct) -> dict[str, Any]:
    """A letter's open members."""
    found: dict[str, Any] = msgspec.to_builtins(letter)
    return found
