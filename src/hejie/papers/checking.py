"""Whether a file is still the document that was given out: both digests are held against the record."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.seals import canonical
from hejie.papers.agreement import SCHEMA, digest, read_number
from hejie.papers.paper import Paper


class Verdict(StrEnum):
    """What is to be said of a file."""

    unchanged = "unchanged"
    """Every byte is the one that was given out."""
    resaved = "resaved"
    """The bytes are others, what is attached says the same: what the pages show may have been altered."""
    altered = "altered"
    """What is attached is not what is recorded under its number."""
    other_number = "other_number"
    """The number on the paper is not the one inside the file."""
    unknown = "unknown"
    """Nothing was given out under this number."""


class Held(Struct, frozen=True, kw_only=True):
    """What a file holds."""

    number: str
    json_sha256: str
    """Of the canonical form of what is attached, however it is written."""
    pdf_sha256: str


def held(raw: bytes, said: object) -> Held:
    """What a file holds, `said` being its attachment as strict JSON.

    Errors: `Refused("paper_not_ours")` for JSON that is no agreement of this house's form.
    """
    if not isinstance(said, dict) or said.get("schema") != SCHEMA or not isinstance(said.get("number"), str):
        raise Refused("paper_not_ours")
    try:
        return Held(number=read_number(said["number"]), json_sha256=digest(canonical(said)), pdf_sha256=digest(raw))
    except ValueError:  # a number beyond 2^53: no agreement has one
        raise Refused("paper_not_ours") from None
    except Refused:
        raise Refused("paper_not_ours") from None


def judge(found: Held, recorded: Paper | None, typed: str = "") -> Verdict:
    """The verdict; `typed` is the number on the paper's face, where somebody typed it."""
    if typed and typed != found.number:
        return Verdict.other_number
    if recorded is None or recorded.number != found.number:
        return Verdict.unknown
    if recorded.json_sha256 != found.json_sha256:
        return Verdict.altered
    return Verdict.unchanged if recorded.pdf_sha256 == found.pdf_sha256 else Verdict.resaved
