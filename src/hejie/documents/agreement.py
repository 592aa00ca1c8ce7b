"""An agreement as a PDF: its number and digest on its face, its canonical JSON attached inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.documents.fonts import chain
from hejie.documents.paper import can_print, paper
from hejie.documents.square import square
from hejie.papers.agreement import Agreement, attachment, digest, must_be_whole

ATTACHED = "agreement.json"
_STANDARDS = ("ua-1", "a-3a")
"""For screen readers, and for keeping with a file inside (ISO 19005-3)."""
_MOST_NAMED = 5


class Made(Struct, frozen=True, kw_only=True):
    """A document as it is given out."""

    raw: bytes
    json_sha256: str
    pdf_sha256: str


def agreement_paper(agreement: Agreement, face: Mapping[str, Any], address: str, at: datetime) -> Made:
    """The document: `face` is what it says, in words, as the template reads it; `address` is where it is checked.

    The same agreement, words, fonts and `at` give the same bytes.
    Errors: those of `must_be_whole`; `Refused("paper_missing")` where `can_print()` is false;
    `Refused("paper_character", characters)` where no font has a character: a contract is not printed with gaps.
    """
    must_be_whole(agreement)
    if not can_print():
        raise Refused("paper_missing")
    inside = attachment(agreement)
    seal = digest(inside)
    data = {**face, "number": agreement.number, "digest": seal, "address": address, "attached": ATTACHED}
    must_be_printable(data)
    beside = {ATTACHED: inside, "check.svg": square(address)}
    raw = paper("agreement", data, beside, at, standards=_STANDARDS)
    return Made(raw=raw, json_sha256=seal, pdf_sha256=digest(raw))


def must_be_printable(data: object) -> None:
    """`Refused("paper_character", characters)` names the first characters that no font of this machine has."""
    known = chain().characters
    lacking = dict.fromkeys(sign for sign in _signs(data) if ord(sign) not in known and not sign.isspace())
    if lacking:
        named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in list(lacking)[:_MOST_NAMED])
        raise Refused("paper_character", characters=named)


def _signs(value: object) -> Iterator[str]:
    match value:
        case str():
            yield from value
        case dict():
            for each in value.values():
                yield from _signs(each)
        case list() | tuple():
            for each in value:
                yield from _signs(each)
