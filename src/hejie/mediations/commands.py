"""Everything that can be asked of a mediation."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.base.actor import Role
from hejie.mediations.model import Checked, Face, Refusal, Telling, Term, Termination, Urgency, Way


class Open(Struct, frozen=True, kw_only=True):
    """A dispute was escalated; what the record has of article 10 comes with it."""

    dispute: str
    consumer: str
    merchant: str
    wallet: str
    competent: tuple[str, ...]
    bases: tuple[str, ...]
    materials: tuple[str, ...]


class GiveIdentity(Struct, frozen=True, kw_only=True):
    """Real name, address and document; `identity` names the sealed content."""

    identity: str
    checked: Checked


class Receive(Struct, frozen=True, kw_only=True):
    """The competent authority has it; `authority` only where the city's own bureau says whose it is."""

    authority: str = ""


class TakeOver(Struct, frozen=True):
    """Another officer of the authority goes on with it."""


class Grade(Struct, frozen=True, kw_only=True):
    """How urgent it is."""

    urgency: Urgency


class LinkElsewhere(Struct, frozen=True, kw_only=True):
    """The same complaint stands in 12315 or 12345 under this number."""

    system: str
    number: str


class JudgeDuplicate(Struct, frozen=True, kw_only=True):
    """Another case here is the same complaint, or is not."""

    dispute: str
    same: bool


class Accept(Struct, frozen=True):
    """The authority accepts the complaint."""


class Refuse(Struct, frozen=True, kw_only=True):
    """It does not, by this ground and with these reasons, and names the ways that stay open."""

    ground: Refusal
    words: str
    ways: tuple[Way, ...]


class Consent(Struct, frozen=True, kw_only=True):
    """One side agrees to mediation."""

    by: Role


class AskRecusal(Struct, frozen=True, kw_only=True):
    """One side wishes that somebody else mediates."""

    by: Role
    words: str


class DecideRecusal(Struct, frozen=True, kw_only=True):
    """Another officer decides whether this one steps back."""

    granted: bool


class BeginAppraisal(Struct, frozen=True, kw_only=True):
    """An appraisal begins; `named_by` the officer where the two sides did not agree on a body."""

    body: str
    named_by: Role


class EndAppraisal(Struct, frozen=True):
    """Its result is there."""


class Join(Struct, frozen=True, kw_only=True):
    """Handle others together with this one, as all of them wish; at most two speak for the rest."""

    others: tuple[str, ...]
    representatives: tuple[str, ...] = ()


class CommissionTo(Struct, frozen=True, kw_only=True):
    """A registered body mediates, as both sides agree."""

    body: str
    both_agree: bool
    confirmable: bool


class SplitOff(Struct, frozen=True, kw_only=True):
    """What looks like a violation is looked into by itself, whatever the two settle."""

    words: str


class Agree(Struct, frozen=True, kw_only=True):
    """Both sides have agreed."""

    face: Face
    facts: str
    terms: tuple[Term, ...]


class NotePerformance(Struct, frozen=True, kw_only=True):
    """What was agreed has been performed, or has not."""

    performed: bool
    words: str
    ways: tuple[Way, ...] = ()


class Terminate(Struct, frozen=True, kw_only=True):
    """Mediation ends without an agreement."""

    code: Termination
    words: str
    ways: tuple[Way, ...]


class RunOut(Struct, frozen=True, kw_only=True):
    """A clock has run out; does nothing if another one runs by now."""

    rule: str
    at: datetime


class Follow(Struct, frozen=True, kw_only=True):
    """The dispute has ended by itself: taken back, settled or closed."""

    agreed: bool
    withdrawn: bool


class NoteTold(Struct, frozen=True, kw_only=True):
    """One side knows how it ended, and what shows it."""

    side: Role
    how: Telling
    words: str = ""


ByOfficer = (
    Accept
    | Refuse
    | BeginAppraisal
    | EndAppraisal
    | Join
    | CommissionTo
    | SplitOff
    | Agree
    | NotePerformance
    | Terminate
    | Grade
    | LinkElsewhere
    | JudgeDuplicate
)
OnExisting = GiveIdentity | Receive | TakeOver | Consent | AskRecusal | DecideRecusal | RunOut | Follow | NoteTold
Command = Open | OnExisting | ByOfficer
