"""What has happened around a merchant's "not my sale"."""

from __future__ import annotations

from datetime import datetime

from hejie.disputes.denying import DenialReason, Party
from hejie.disputes.event import Event
from hejie.disputes.model import Road


class SaleDenied(Event, frozen=True, kw_only=True, tag="SaleDenied"):
    """The merchant says that the sale was not its own. No clock stops or begins again."""

    by: str
    reason: DenialReason
    words: str
    to: Party | None
    until: datetime | None
    """Until when the named party is asked before an officer is."""


class PartyRefused(Event, frozen=True, kw_only=True, tag="PartyRefused"):
    """The named party says that it was not its sale either: an officer decides."""

    words: str


class PartySilent(Event, frozen=True, kw_only=True, tag="PartySilent"):
    """The named party has said nothing in its time: an officer decides."""


class DenialJudged(Event, frozen=True, kw_only=True, tag="DenialJudged"):
    """An officer has decided whether it was the merchant's sale."""

    officer: str
    upheld: bool
    """Whether the merchant was right."""
    words: str
    moves: bool = False
    """Whether the dispute goes to the right merchant in the same breath."""


class Moved(Event, frozen=True, kw_only=True, tag="Moved"):
    """The dispute is another merchant's now, with every due time as it was."""

    to: Party
    accepted: bool
    """Whether that merchant took it by itself; otherwise an officer has decided so."""
    claim_road: Road
    """How what is claimed would come back from there."""


DenialEvent = SaleDenied | PartyRefused | PartySilent | DenialJudged | Moved
