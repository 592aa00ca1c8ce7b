"""What has happened on a dispute's way to 12315."""

from __future__ import annotations

from datetime import datetime

from hejie.disputes.event import Event
from hejie.disputes.handoff import LawDue


class HandoffConsented(Event, frozen=True, kw_only=True, tag="HandoffConsented"):
    """The consumer agreed that exactly this package goes to 12315."""

    package: str
    digest: str


class HandoffConsentWithdrawn(Event, frozen=True, kw_only=True, tag="HandoffConsentWithdrawn"):
    """The consumer took that back before anything had left."""


class OdrBegun(Event, frozen=True, kw_only=True, tag="OdrBegun"):
    """The merchant is a 12315 ODR enterprise and negotiates first."""

    until: LawDue


class OdrEnded(Event, frozen=True, kw_only=True, tag="OdrEnded"):
    """Its time is over, or it said that no agreement comes."""

    because: str


class HandedOff(Event, frozen=True, kw_only=True, tag="HandedOff"):
    """It was decided that the package goes, under its key."""

    key: str
    officer: str
    """Empty where the city lets the consumer's consent be enough."""


class HandoffSending(Event, frozen=True, kw_only=True, tag="HandoffSending"):
    """It is about to leave; the consent can no longer be taken back."""

    person_at: datetime | None = None
    """When a person is asked, if it is still not known whether it arrived."""


class HandoffDoubted(Event, frozen=True, kw_only=True, tag="HandoffDoubted"):
    """Whether it arrived is not known."""

    reason: str


class HandoffReceived(Event, frozen=True, kw_only=True, tag="HandoffReceived"):
    """12315 has it, under a number of its own."""

    number: str
    received_at: datetime
    decide_by: LawDue


class HandoffAccepted(Event, frozen=True, kw_only=True, tag="HandoffAccepted"):
    """The authority took the complaint up."""

    accepted_at: datetime
    mediate_by: LawDue


class HandoffRefused(Event, frozen=True, kw_only=True, tag="HandoffRefused"):
    """The authority does not take it up, and says on which ground."""

    refusal: str
    words: str


class HandoffReturned(Event, frozen=True, kw_only=True, tag="HandoffReturned"):
    """It came back to us, with the reason."""

    words: str


class HandoffConcluded(Event, frozen=True, kw_only=True, tag="HandoffConcluded"):
    """What came of it there."""

    settled: bool
    words: str


HandoffEvent = (
    HandoffConsented | HandoffConsentWithdrawn | OdrBegun | OdrEnded | HandedOff | HandoffSending | HandoffDoubted
    | HandoffReceived | HandoffAccepted | HandoffRefused | HandoffReturned | HandoffConcluded
)  # fmt: skip
