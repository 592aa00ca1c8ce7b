"""What officers, duties and the other city may ask of a hand-over."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.cities.homes import Summary
from hejie.handovers.model import Bought, Payee


class Offer(Struct, frozen=True, kw_only=True):
    """The dispute rests; tell the other city."""

    dispute: str
    receiver: str
    turn: int
    because: str
    words: str = ""
    officer: str = ""
    due_at: datetime | None
    payments: tuple[Bought, ...]
    payee: Payee
    pieces: tuple[str, ...]


class Receive(Struct, frozen=True, kw_only=True):
    """The other city's offer has come, with all its pieces."""

    dispute: str
    sender: str
    turn: int
    because: str
    words: str = ""
    offered_at: datetime
    answer_by: datetime
    finish_by: datetime
    due_at: datetime | None
    payments: tuple[Bought, ...]
    payee: Payee
    pieces: tuple[str, ...]


class Accept(Struct, frozen=True, kw_only=True):
    """Take it, for this merchant; an officer, or the house where it knows the merchant by what was paid."""

    merchant: str
    shop: str = ""


class Refuse(Struct, frozen=True, kw_only=True):
    """Say no, with a reason that the other city reads."""

    code: str
    words: str = ""


class Take(Struct, frozen=True):
    """The dispute is in the house now."""


class Recall(Struct, frozen=True):
    """Ask for it back; it comes unless the other city has said yes."""


class Hear(Struct, frozen=True, kw_only=True):
    """The other city's answer to the offer, or to the recall."""

    what: str
    """`taken`, `refused` or `recalled`."""
    code: str = ""
    words: str = ""


class HearRecall(Struct, frozen=True):
    """The other city asks for it back."""


class Tell(Struct, frozen=True, kw_only=True):
    """How the dispute stands here, where that has changed."""

    summary: Summary


class HearTold(Struct, frozen=True, kw_only=True):
    """How it stands there."""

    number: int
    summary: Summary


class AddNote(Struct, frozen=True, kw_only=True):
    """A line to the other city's officers."""

    words: str


class HearNote(Struct, frozen=True, kw_only=True):
    """A line from them."""

    words: str


class RunOut(Struct, frozen=True, kw_only=True):
    """The time to answer is over."""

    at: datetime


Command = (
    Offer | Receive | Accept | Refuse | Take | Recall | Hear | HearRecall
    | Tell | HearTold | AddNote | HearNote | RunOut
)  # fmt: skip
