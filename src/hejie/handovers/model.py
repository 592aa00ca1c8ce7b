"""What a hand-over is: who gives what to whom, how far it is, and what was told since."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hejie.cities.homes import Summary


class State(StrEnum):
    """How far it is; both sides use the same words."""

    offered = "offered"
    accepted = "accepted"
    """The receiver has said yes, and is taking the dispute into its house."""
    taken = "taken"
    """The receiver has the dispute."""
    refused = "refused"
    recalled = "recalled"
    """The sender asked for it back, and the receiver had not said yes."""


REFUSALS = ("not_here", "merchant_unknown", "not_competent", "open_here", "record_broken", "other")
"""Why a city says no."""
WAITS = frozenset({State.offered, State.accepted})


class Bought(Struct, frozen=True, kw_only=True):
    """One disputed payment, as the receiving city must know it to give money back."""

    wallet: str
    trade_no: str
    order_no: str = ""
    account: str
    payee: str = ""
    """Whom the bill names."""
    item: str = ""
    paid_fen: int
    before_fen: int
    """What had gone back of it by the time it was handed over."""
    paid_at: datetime
    proven: bool


class Payee(Struct, frozen=True, kw_only=True):
    """Who was paid, as far as the sender knows; the receiver looks for it in its own register."""

    credit_code: str = ""
    name: str = ""
    place: str = ""
    """The shop's division."""


class Note(Struct, frozen=True, kw_only=True):
    """A line between the two cities' officers; the words lie sealed beside it."""

    at: datetime
    ours: bool
    words: str
    number: int = 0
    """Of the letter that brings it, for ours."""


class Handover(Struct, frozen=True, kw_only=True):
    """One side's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    dispute: str
    sender: str
    receiver: str
    turn: int
    because: str
    words: str = ""
    """Content identifier of the sender's reason."""
    officer: str = ""
    """Who offered it there; empty where it went by itself."""
    state: State
    offered_at: datetime
    answer_by: datetime
    """The sender's clock: by then the receiver shall have answered."""
    finish_by: datetime
    """By then the dispute shall have come to an end."""
    due_at: datetime | None = None
    """The dispute's own clock, which has never stopped."""
    payments: tuple[Bought, ...] = ()
    payee: Payee = Payee()
    pieces: tuple[str, ...] = ()
    """Content that goes with it, each under its name."""
    merchant: str = ""
    """Of the receiving city, once it has accepted."""
    shop: str = ""
    refusal: str = ""
    refusal_words: str = ""
    answered_at: datetime | None = None
    recall_asked_at: datetime | None = None
    unanswered_at: datetime | None = None
    sent: int = 0
    """Letters of ours in this matter so far: each has the next number."""
    told: int = 0
    """The number of the latest word on how it stands: told by the receiver, heard by the sender."""
    summary: Summary | None = None
    notes: tuple[Note, ...] = ()
    changed_at: datetime

    @property
    def ours(self) -> bool:
        """Whether it was this city that offered it."""
        return self.city == self.sender

    @property
    def peer(self) -> str:
        """The other city."""
        return self.receiver if self.ours else self.sender

    @property
    def waits(self) -> bool:
        """Whether the receiver has not answered yet."""
        return self.state in WAITS
