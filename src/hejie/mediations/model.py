"""What a mediation is: whose it is, how far it is, which clock of the law runs, and how it ended."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from hejie.base.actor import Role
from hejie.law.clock import Pause

_BESIDE = "m:"


def mediation_of(dispute: str) -> str:
    """The identifier of a dispute's mediation."""
    return f"{_BESIDE}{dispute}"


def dispute_of(identifier: str) -> str:
    """The dispute of a mediation's identifier; empty for any other identifier."""
    return identifier.removeprefix(_BESIDE) if identifier.startswith(_BESIDE) else ""


class State(StrEnum):
    """Where a mediation stands."""

    escalated = "escalated"
    """No competent authority has it yet: no clock of the law runs."""
    received = "received"
    """A competent authority has it and decides on acceptance (A1)."""
    accepted = "accepted"
    """The authority mediates (M1)."""
    agreed = "agreed"
    """What was agreed is being performed."""
    refused = "refused"
    performed = "performed"
    broken = "broken"
    """What was agreed was not performed."""
    terminated = "terminated"


ENDED = frozenset({State.refused, State.performed, State.broken, State.terminated})
"""States out of which nothing leads."""
AGREED = "agreed"
"""How an ended mediation is marked where both sides agreed; else one of the codes of termination."""


class Refusal(StrEnum):
    """Why a complaint is not accepted (Order 121 art. 16)."""

    N1 = "N1"
    N2 = "N2"
    N3 = "N3"
    N4 = "N4"
    N5 = "N5"
    N6 = "N6"
    N7 = "N7"


class Termination(StrEnum):
    """Why mediation ends without an agreement before the authority (Order 121 art. 23)."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"


class Way(StrEnum):
    """A way that stays open where mediation fails (Consumer Law art. 39)."""

    talk = "talk"
    council = "council"
    arbitration = "arbitration"
    court = "court"
    police = "police"


class Urgency(StrEnum):
    """How soon a person must look."""

    normal = "normal"
    urgent = "urgent"
    critical = "critical"


class Checked(StrEnum):
    """How it is known who complains."""

    document = "document"
    """The number of an identity document or a passport, as the consumer gave it."""
    counter = "counter"
    """An officer has seen the person and the document."""


class Face(StrEnum):
    """In which form an agreement is kept (Order 121 art. 24)."""

    document = "document"
    """Signed and sealed, three copies."""
    record = "record"
    """A record only: performed at once, or both waive the document."""


class Telling(StrEnum):
    """What shows that a side knows how it ended."""

    delivered = "delivered"
    """The message of the end was delivered."""
    opened = "opened"
    """It has opened the page that says so."""
    person = "person"
    """An officer told it in another way, and noted how."""


class Limit(Struct, frozen=True, kw_only=True):
    """A due time of law: `law.clock.deadline` of this rule from `start`, past these pauses, ends at `at`."""

    rule: str
    start: datetime
    at: datetime
    """UTC: the first instant that is too late."""
    pauses: tuple[Pause, ...] = ()

    def passed(self, now: datetime) -> bool:
        """Whether it is too late."""
        return now >= self.at


class Appraisal(Struct, frozen=True, kw_only=True):
    """An appraisal that runs, and stops the clock (M2)."""

    body: str
    """Who appraises."""
    named_by: Role
    """`officer` where the two sides did not agree on anybody; else `consumer`, for both."""
    since: date


class Recusal(Struct, frozen=True, kw_only=True):
    """A wish that somebody else mediates; until it is decided nothing else goes on (Order 121 art. 21)."""

    by: Role
    words: str
    """Content identifier."""
    asked_at: datetime


class Commission(Struct, frozen=True, kw_only=True):
    """Mediation by a registered body in the authority's place (Order 121 art. 19)."""

    body: str
    confirmable: bool
    """Whether a court may confirm what is agreed before it (Civil Procedure Law art. 205)."""


class Term(Struct, frozen=True, kw_only=True):
    """One thing agreed: who does what, by when."""

    who: Role
    """`consumer` or `merchant`."""
    what: str
    """Content identifier."""
    amount_fen: int = 0
    by: date


class Elsewhere(Struct, frozen=True, kw_only=True):
    """The same complaint in another system."""

    system: str
    """`12315` or `12345`."""
    number: str


class Judged(Struct, frozen=True, kw_only=True):
    """An officer's decision on a case that may be the same complaint."""

    dispute: str
    same: bool


class Mediation(Struct, frozen=True, kw_only=True):
    """A mediation's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    dispute: str
    consumer: str
    merchant: str
    wallet: str
    """In which it was paid."""
    state: State
    competent: tuple[str, ...]
    """County-level divisions whose authority may act, ascending; none where no place of the merchant is known."""
    bases: tuple[str, ...] = ()
    """By which place each of them is competent."""
    materials: tuple[str, ...] = ()
    """What is there of article 10, see `MATERIALS`."""
    identity: str = ""
    """Content identifier of name, address and document; empty until given."""
    checked: Checked | None = None
    urgency: Urgency = Urgency.normal
    authority: str = ""
    officer: str = ""
    received_at: datetime | None = None
    check_due_at: datetime | None = None
    checked_at: datetime | None = None
    accepted_at: datetime | None = None
    refused: str = ""
    words: str = ""
    """Content identifier of the reasons, or the closing words."""
    ways: tuple[Way, ...] = ()
    due: Limit | None = None
    """The clock that runs now."""
    consents: tuple[Role, ...] = ()
    """Who has agreed to mediation, ascending."""
    appraisal: Appraisal | None = None
    pauses: tuple[Pause, ...] = ()
    recusal: Recusal | None = None
    recused: tuple[str, ...] = ()
    """Officers who had to step back."""
    commission: Commission | None = None
    joined: tuple[str, ...] = ()
    """Other mediations handled together with this one."""
    representatives: tuple[str, ...] = ()
    """Those of them, or itself, whose consumers speak for the others."""
    face: Face | None = None
    terms: tuple[Term, ...] = ()
    facts: str = ""
    """Content identifier of what both agree has happened."""
    confirm_due: Limit | None = None
    """By when both may ask a court to confirm the agreement (O4)."""
    verify_due: Limit | None = None
    """By when a suspected violation is to be looked into (V1)."""
    violations: int = 0
    elsewhere: tuple[Elsewhere, ...] = ()
    duplicates: tuple[Judged, ...] = ()
    """The newest decision on each case, in the order in which they were first decided."""
    ended_at: datetime | None = None
    ended: str = ""
    performed_at: datetime | None = None
    told: tuple[Role, ...] = ()
    """Who is known to know how it ended, ascending."""
    told_at: datetime | None = None
    opened_at: datetime
    changed_at: datetime

    @property
    def due_at(self) -> datetime | None:
        """When the clock that runs now ends."""
        return self.due.at if self.due else None

    @property
    def due_rule(self) -> str:
        """By which rule."""
        return self.due.rule if self.due else ""

    @property
    def is_over(self) -> bool:
        """Whether nothing can follow but that both are told."""
        return self.state in ENDED


MATERIALS = ("name", "phone", "address", "document", "respondent", "respondent_address", "claim", "facts")
"""What article 10 of Order 121 asks of a complaint."""
ASKED = ("name", "address", "document")
"""What no record has: asked once, at escalation."""
