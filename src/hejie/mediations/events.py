"""Everything that can have happened to a mediation."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from hejie.base.actor import Role
from hejie.law.clock import Pause
from hejie.mediations.model import Checked, Face, Limit, Refusal, Telling, Term, Termination, Urgency, Way


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class MediationOpened(Event, frozen=True, kw_only=True, tag=True):
    """A dispute was escalated."""

    city: str
    id: str
    dispute: str
    consumer: str
    merchant: str
    wallet: str
    competent: tuple[str, ...]
    bases: tuple[str, ...]
    materials: tuple[str, ...]


class IdentityGiven(Event, frozen=True, kw_only=True, tag=True):
    """It is known who complains."""

    identity: str
    checked: Checked
    by: Role


class RespondentChanged(Event, frozen=True, kw_only=True, tag=True):
    """The dispute has become another merchant's, who has not been asked yet; who received it keeps it."""

    merchant: str
    competent: tuple[str, ...]
    bases: tuple[str, ...]


class ComplaintReceived(Event, frozen=True, kw_only=True, tag=True):
    """A competent authority has it; its time to decide begins (A1)."""

    authority: str
    officer: str
    due: Limit


class TakenOver(Event, frozen=True, kw_only=True, tag=True):
    """Another officer has it."""

    officer: str


class Graded(Event, frozen=True, kw_only=True, tag=True):
    """It is more, or less, urgent."""

    urgency: Urgency


class LinkedElsewhere(Event, frozen=True, kw_only=True, tag=True):
    """It stands in another system too."""

    system: str
    number: str


class DuplicateJudged(Event, frozen=True, kw_only=True, tag=True):
    """An officer has decided whether another case is the same complaint; nothing else follows."""

    dispute: str
    same: bool


class ComplaintAccepted(Event, frozen=True, kw_only=True, tag=True):
    """The authority has accepted it; the time to mediate begins (M1)."""

    officer: str
    due: Limit


class ComplaintRefused(Event, frozen=True, kw_only=True, tag=True):
    """The authority has not accepted it."""

    officer: str
    ground: Refusal
    words: str
    ways: tuple[Way, ...]


class Consented(Event, frozen=True, kw_only=True, tag=True):
    """One side agrees to mediation; `noted_by` an officer, or empty for its own word."""

    by: Role
    noted_by: str


class RecusalAsked(Event, frozen=True, kw_only=True, tag=True):
    """One side wishes that somebody else mediates."""

    by: Role
    words: str


class RecusalDecided(Event, frozen=True, kw_only=True, tag=True):
    """Whether the officer steps back."""

    granted: bool
    officer: str


class AppraisalBegun(Event, frozen=True, kw_only=True, tag=True):
    """The clock stands still from this day on."""

    body: str
    named_by: Role
    day: date


class AppraisalEnded(Event, frozen=True, kw_only=True, tag=True):
    """The clock runs on after this pause."""

    pause: Pause
    due: Limit


class Joined(Event, frozen=True, kw_only=True, tag=True):
    """Others are handled together with it."""

    others: tuple[str, ...]
    representatives: tuple[str, ...]


class Commissioned(Event, frozen=True, kw_only=True, tag=True):
    """A registered body mediates."""

    body: str
    confirmable: bool


class ViolationSplitOff(Event, frozen=True, kw_only=True, tag=True):
    """A suspected violation is looked into by itself (V1)."""

    words: str
    due: Limit


class AgreementReached(Event, frozen=True, kw_only=True, tag=True):
    """Both sides have agreed; `due` is when the last thing is to be done."""

    face: Face
    facts: str
    terms: tuple[Term, ...]
    officer: str
    authority: str
    due: Limit
    confirm_due: Limit | None


class AgreementPerformed(Event, frozen=True, kw_only=True, tag=True):
    """What was agreed is done."""

    officer: str
    words: str


class AgreementBroken(Event, frozen=True, kw_only=True, tag=True):
    """It was not done."""

    officer: str
    words: str
    ways: tuple[Way, ...]


class MediationTerminated(Event, frozen=True, kw_only=True, tag=True):
    """It has ended without an agreement; by when both are told (M4), where an authority had it."""

    code: Termination
    words: str
    ways: tuple[Way, ...]
    officer: str
    due: Limit | None


class SettledAside(Event, frozen=True, kw_only=True, tag=True):
    """The dispute itself has ended with an agreement of both sides."""


class SideTold(Event, frozen=True, kw_only=True, tag=True):
    """One side knows how it ended."""

    side: Role
    how: Telling
    words: str


class BothTold(Event, frozen=True, kw_only=True, tag=True):
    """Both sides have been told how it ended."""


AnyEvent = (
    MediationOpened | RespondentChanged | IdentityGiven | ComplaintReceived | TakenOver | Graded | LinkedElsewhere
    | DuplicateJudged
    | ComplaintAccepted | ComplaintRefused | Consented | RecusalAsked | RecusalDecided | AppraisalBegun | AppraisalEnded
    | Joined | Commissioned | ViolationSplitOff | AgreementReached | AgreementPerformed | AgreementBroken
    | MediationTerminated | SettledAside | SideTold | BothTold
)  # fmt: skip
