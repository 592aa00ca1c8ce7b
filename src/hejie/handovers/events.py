"""What has happened to a hand-over; folding these alone gives the row."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.cities.homes import Summary
from hejie.handovers.model import Bought, Payee


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class Begun(Event, frozen=True, kw_only=True):
    """What both sides' first event says."""

    city: str
    id: str
    dispute: str
    sender: str
    receiver: str
    turn: int
    because: str
    words: str
    officer: str = ""
    offered_at: datetime
    answer_by: datetime
    finish_by: datetime
    due_at: datetime | None
    payments: tuple[Bought, ...]
    payee: Payee
    pieces: tuple[str, ...]


class Offered(Begun, frozen=True, kw_only=True, tag="Offered"):
    """This city offered it; letters 1 to n are its pieces, the next one is the offer itself."""


class Received(Begun, frozen=True, kw_only=True, tag="Received"):
    """It was offered to this city."""


class Accepted(Event, frozen=True, kw_only=True, tag="Accepted"):
    """This city said yes: from here on the sender cannot have it back."""

    merchant: str
    shop: str
    officer: str


class Taken(Event, frozen=True, kw_only=True, tag="Taken"):
    """The dispute has its home at the receiver; the letter that says so is `number`, at the receiver."""

    number: int = 0


class Refused(Event, frozen=True, kw_only=True, tag="Refused"):
    """The receiver said no."""

    code: str
    words: str
    officer: str = ""
    number: int = 0


class RecallAsked(Event, frozen=True, kw_only=True, tag="RecallAsked"):
    """The sender asks for it back."""

    officer: str
    number: int


class Recalled(Event, frozen=True, kw_only=True, tag="Recalled"):
    """The receiver had not said yes, and gives it free."""

    number: int = 0


class Told(Event, frozen=True, kw_only=True, tag="Told"):
    """The receiver told how the dispute stands; `number` counts these words, `letter` is that of the letter here."""

    number: int
    letter: int = 0
    summary: Summary


class Noted(Event, frozen=True, kw_only=True, tag="Noted"):
    """A line between officers."""

    ours: bool
    words: str
    officer: str = ""
    number: int = 0


class Unanswered(Event, frozen=True, kw_only=True, tag="Unanswered"):
    """The time to answer is over, and nothing was heard: a person is told."""


AnyEvent = Offered | Received | Accepted | Taken | Refused | RecallAsked | Recalled | Told | Noted | Unanswered
