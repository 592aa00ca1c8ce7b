"""What may be asked of a dispute on its way to 12315."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class ConsentHandoff(Struct, frozen=True, kw_only=True):
    """The consumer agrees that exactly this package goes."""

    package: str
    """Content identifier of the package, and the key under which it will be sent."""
    digest: str


class WithdrawHandoffConsent(Struct, frozen=True):
    """The consumer takes that back."""


class HandOff(Struct, frozen=True):
    """The officer who has the case hands it off."""


class EndOdr(Struct, frozen=True, kw_only=True):
    """The merchant says that no agreement comes; or the time of that instant is over."""

    at: datetime | None = None


class Step(StrEnum):
    """What is to be noted of a hand-off."""

    sending = "sending"
    unknown = "unknown"
    received = "received"
    accepted = "accepted"
    refused = "refused"
    returned = "returned"
    concluded = "concluded"


class NoteHandoff(Struct, frozen=True, kw_only=True):
    """How far the hand-off under a key is; what is known already changes nothing."""

    key: str
    step: Step
    at: datetime | None = None
    """12315's own instant of a receipt or an acceptance."""
    number: str = ""
    code: str = ""
    """The ground of a refusal, or why nothing is known."""
    settled: bool = False
    words: str = ""


HandoffCommand = ConsentHandoff | WithdrawHandoffConsent | HandOff | EndOdr | NoteHandoff
