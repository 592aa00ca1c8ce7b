"""A document that was given out (a noun): its number, what it is about, and the digests of its very bytes."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.papers.agreement import Kind

CONTENT = "pdf"
"""Under which name the bytes lie sealed, and of which kind they are."""
MOST_BYTES = 2_000_000


class Paper(Struct, frozen=True, kw_only=True):
    """A document's row; it never changes."""

    city: str
    id: str
    version: int
    number: str
    kind: Kind
    noun: str
    subject: str
    edition: int
    language: str
    json_sha256: str
    pdf_sha256: str
    made_at: datetime


class Issue(Struct, frozen=True, kw_only=True):
    """Keep a document that has just been made; its bytes come as content."""

    number: str
    kind: Kind
    noun: str
    subject: str
    edition: int
    language: str
    json_sha256: str
    pdf_sha256: str
    made_at: datetime
    size: int
    """Bytes."""


class Issued(Struct, frozen=True, kw_only=True, tag_field="event", tag="Issued"):
    """It was made."""

    at: datetime
    city: str
    id: str
    number: str
    kind: Kind
    noun: str
    subject: str
    edition: int
    language: str
    json_sha256: str
    pdf_sha256: str
    made_at: datetime


def paper_of(noun: str, subject: str, kind: Kind, edition: int, language: str) -> str:
    """The identifier: of one agreement there is one document in each language."""
    return f"{noun}:{subject}:{kind.value}:{edition}:{language}"


def decide(row: Paper | None, command: Issue, *, city: str, key: str, agreed: int, now: datetime) -> list[Issued]:
    """What follows: nothing where the document is there already. `agreed` is the edition that the subject stands at.

    Errors: `Refused` with `agreement_missing` where the subject has no such agreement, `paper_too_large`.
    """
    if row is not None:
        return []
    if not agreed or command.edition != agreed:
        raise Refused("agreement_missing")
    if command.size > MOST_BYTES:
        raise Refused("paper_too_large", most=MOST_BYTES // 1_000_000)
    if key != paper_of(command.noun, command.subject, command.kind, command.edition, command.language):
        raise AssertionError("a document is kept under what it is about")
    return [
        Issued(
            at=now,
            city=city,
            id=key,
            number=command.number,
            kind=command.kind,
            noun=command.noun,
            subject=command.subject,
            edition=command.edition,
            language=command.language,
            json_sha256=command.json_sha256,
            pdf_sha256=command.pdf_sha256,
            made_at=command.made_at,
        )
    ]


def evolve(row: Paper | None, event: Issued) -> Paper:
    """The row after it was made."""
    return Paper(
        city=event.city,
        id=event.id,
        version=1 if row is None else row.version + 1,
        number=event.number,
        kind=event.kind,
        noun=event.noun,
        subject=event.subject,
        edition=event.edition,
        language=event.language,
        json_sha256=event.json_sha256,
        pdf_sha256=event.pdf_sha256,
        made_at=event.made_at,
    )
