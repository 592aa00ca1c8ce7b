"""Assisted filing: who filed for whom, on what proof, and which private links on paper still open the dispute."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

OFFLINE = "offline"
"""Stands in a wallet's place for a purchase that no wallet vouches for."""


class Channel(StrEnum):
    """How the person came to the helper."""

    counter = "counter"
    telephone = "telephone"
    paper = "paper"


class Proof(StrEnum):
    """What shows the purchase; none of them is the wallet's word."""

    receipt = "receipt"
    photograph = "photograph"
    witness = "witness"
    none = "none"


class Holder(StrEnum):
    """Whose private link it is."""

    person = "person"
    relative = "relative"


class Assist(Struct, frozen=True, kw_only=True):
    """A filing for somebody else."""

    channel: Channel
    proof: Proof
    helper: str = ""
    """The officer's or clerk's identifier."""
    office: str = ""
    """The helper's organisation."""
    name: str = ""
    """Content identifier of the person's name."""
    mandate: str = ""
    """Content identifier of a relative's mandate: who acts, and what it covers."""
    mandate_until: datetime | None = None
    mandate_withdrawn_at: datetime | None = None
    read_back_at: datetime | None = None
    """When the whole text was read to the person, who agreed."""
    person_slip: int = 1
    """Only the newest slip opens the dispute."""
    relative_slip: int = 1

    def slip(self, holder: Holder) -> int:
        """The number of the holder's newest slip."""
        return self.person_slip if holder is Holder.person else self.relative_slip

    def mandate_stands(self, now: datetime) -> bool:
        """Whether a relative may act now."""
        ended = self.mandate_until is not None and now >= self.mandate_until
        return bool(self.mandate) and self.mandate_withdrawn_at is None and not ended

    def opens(self, holder: Holder, slip: int, now: datetime) -> bool:
        """Whether a slip of this number still opens the dispute for its holder."""
        return slip == self.slip(holder) and (holder is Holder.person or self.mandate_stands(now))
