"""What stands of a dispute's way to 12315: consent, hand-off, what came back, and the time before it at an ODR firm."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.law.clock import deadline
from hejie.law.shipped import book, calendar


class HandoffState(StrEnum):
    """How far a hand-off is; no two of these are counted as one."""

    consented = "consented"
    """The consumer has agreed to exactly this package; nothing has left."""
    withdrawn = "withdrawn"
    """The consumer took the consent back before anything left."""
    handed = "handed"
    """It is decided that it goes; nothing has left yet."""
    sending = "sending"
    unknown = "unknown"
    """Whether it arrived is not known: it is asked for by its key."""
    received = "received"
    accepted = "accepted"
    refused = "refused"
    returned = "returned"
    concluded = "concluded"


UNCLEAR = frozenset({HandoffState.sending, HandoffState.unknown})
"""It has left, or may have; whether it arrived is not known."""
UNSENT = frozenset({HandoffState.consented, HandoffState.handed})
"""The consent may still be taken back."""
OVER = frozenset({HandoffState.withdrawn, HandoffState.refused, HandoffState.returned, HandoffState.concluded})
"""A new consent may begin another hand-off."""
REFUSALS = frozenset(f"N{number}" for number in range(1, 8))
"""Order 121 art. 16: the seven grounds of a refusal."""


class LawDue(Struct, frozen=True, kw_only=True):
    """When a limit of the law ends."""

    rule: str
    at: datetime
    """The first instant that is too late."""
    missing_years: tuple[int, ...] = ()
    """Years whose holidays are not known yet: with any, the day is provisional."""

    @property
    def provisional(self) -> bool:
        """Whether a notice that is not there yet may still move it."""
        return bool(self.missing_years)


def law_due(rule: str, start: datetime, city: str) -> LawDue:
    """When a rule's limit that begins at `start` ends, by the wording in force on that Shanghai day."""
    chosen = book().chosen(rule, start.astimezone(SHANGHAI).date(), f"{city[:2]}0000")
    found = deadline(chosen, start, calendar())
    return LawDue(rule=rule, at=found.due.at, missing_years=found.missing_years)


class Odr(Struct, frozen=True, kw_only=True):
    """The time in which a 12315 ODR enterprise negotiates first; it counts in none of the authority's limits (O2)."""

    since: datetime
    until: LawDue
    ended_at: datetime | None = None
    because: str = ""
    """`time` or `merchant`."""

    def runs(self, now: datetime) -> bool:
        """Whether the way to 12315 still waits for it."""
        return self.ended_at is None and now < self.until.at


class Handoff(Struct, frozen=True, kw_only=True):
    """One hand-off; its package's name is its key, stored before anything is sent and never used twice."""

    state: HandoffState
    package: str
    """Content identifier of the sealed package."""
    digest: str
    """SHA-256 of the package, hexadecimal: what the consumer agreed to."""
    consented_at: datetime
    handed_at: datetime | None = None
    officer: str = ""
    """Who handed it off; empty where the consent was enough."""
    doubted_at: datetime | None = None
    doubts: int = 0
    number: str = ""
    """What 12315 calls it."""
    received_at: datetime | None = None
    decide_by: LawDue | None = None
    accepted_at: datetime | None = None
    mediate_by: LawDue | None = None
    refusal: str = ""
    """One of N1 to N7."""
    ended_at: datetime | None = None
