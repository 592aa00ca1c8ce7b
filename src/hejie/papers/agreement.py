"""What an agreement on paper says, and its canonical form: the bytes whose digest stands on its face."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.identifiers import Chance
from hejie.base.seals import canonical

SCHEMA = "hejie-agreement/1"
MOST_FEN = 10**13
"""No agreement is about more: a hundred billion yuan."""
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_NUMBER = re.compile(r"(HJ|TJ)([0-9]{6})([0-9]{4})([0-9A-HJKMNP-TV-Z]{5})([0-9A-HJKMNP-TV-Z]{5})")


class Kind(StrEnum):
    """Which agreement it is."""

    settlement = "settlement"
    """和解协议: between the two, by themselves."""
    mediation = "mediation"
    """调解协议书: reached before an authority or a mediation body (Order 121, art. 24)."""


_SHORT = {Kind.settlement: "HJ", Kind.mediation: "TJ"}


class Side(StrEnum):
    """Whose duty or name it is."""

    consumer = "consumer"
    merchant = "merchant"


class Party(Struct, frozen=True, kw_only=True):
    """One side; whoever fills it in decides what is told in full and what masked, empty for what is not told."""

    side: Side
    name: str
    number: str = ""
    """Credit code, or number of an identity document."""
    address: str = ""
    phone: str = ""
    represented_by: str = ""


class Term(Struct, frozen=True, kw_only=True):
    """One thing that is agreed: who does what by when; amounts in fen."""

    who: Side
    what: str
    by: datetime | None = None
    amount_fen: int | None = None


class Agreement(Struct, frozen=True, kw_only=True):
    """Everything the document says; `number`, `made_at` and `salt` are given when it is made."""

    schema: str = SCHEMA
    kind: Kind
    city: str
    noun: str
    """What was settled: `dispute`, or another noun."""
    subject: str
    """Its identifier."""
    edition: int
    """The version of the subject's log at which it was agreed: agreed anew is a new document."""
    language: str
    """`zh` or `en`; the Chinese one governs."""
    parties: tuple[Party, ...]
    facts: tuple[str, ...]
    terms: tuple[Term, ...]
    agreed_at: datetime
    agency: str = ""
    mediator: str = ""
    sealed_copies: int = 0
    """How many are signed and sealed by hand besides."""
    number: str = ""
    made_at: datetime | None = None
    salt: str = ""
    """Random: nobody can guess the content from its digest."""


def must_be_whole(agreement: Agreement) -> None:
    """Whether it can be put on paper.

    Errors: `Refused` with `agreement_party_missing`, `agreement_term_missing`, `agreement_amount_wrong`,
    `agreement_agency_missing` (a mediation names agency and mediator: Order 121, art. 24).
    """
    if {each.side for each in agreement.parties if each.name.strip()} != set(Side):
        raise Refused("agreement_party_missing")
    if not agreement.terms or not all(each.what.strip() for each in agreement.terms):
        raise Refused("agreement_term_missing")
    if any(each.amount_fen is not None and not 0 < each.amount_fen <= MOST_FEN for each in agreement.terms):
        raise Refused("agreement_amount_wrong")
    if agreement.kind is Kind.mediation and not (agreement.agency.strip() and agreement.mediator.strip()):
        raise Refused("agreement_agency_missing")


def attachment(agreement: Agreement) -> bytes:
    """The canonical JSON (RFC 8785) that travels inside the document."""
    return canonical(agreement)


def digest(raw: bytes) -> str:
    """SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def fresh_number(kind: Kind, city: str, year: int, chance: Chance) -> str:
    """`HJ-330100-2026-7K3FM-92QDA`: 50 bits of chance, so that nobody can count or guess them."""
    rest = int.from_bytes(chance(7), "big") >> 6
    letters = "".join(_LETTERS[rest >> 5 * at & 31] for at in range(10))
    return f"{_SHORT[kind]}-{city}-{year}-{letters[:5]}-{letters[5:]}"


def read_number(typed: str) -> str:
    """A number as somebody typed it, in the form it is kept in; `Refused("paper_number_unreadable")`."""
    bare = re.sub(r"[\s\-–—]+", "", typed[:80]).upper()
    found = _NUMBER.fullmatch(bare[:12] + bare[12:].translate(_MISREAD))
    if found is None:
        raise Refused("paper_number_unreadable")
    return "-".join(found.groups())
