"""What a dispute keeps of a merchant's "not my sale": why, whom it names, and who has to say something now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class DenialReason(StrEnum):
    """Why a merchant says that it did not make the sale."""

    not_our_shop = "not_our_shop"
    we_only_collect = "we_only_collect"
    """It takes the money for others, as a mall or market does."""
    franchisee_sold = "franchisee_sold"
    sold_by_tenant = "sold_by_tenant"
    other = "other"


class Party(Struct, frozen=True, kw_only=True):
    """A merchant of this city, and its shop where that is known."""

    merchant: str
    shop: str = ""
    district: str = ""
    """The shop's division code."""


class Denial(Struct, frozen=True, kw_only=True):
    """A denial that nobody has decided yet."""

    by: str
    """The merchant that denies."""
    reason: DenialReason
    at: datetime
    to: Party | None = None
    """Who is said to have made the sale."""
    until: datetime | None = None
    """Until when that party is asked alone; none where an officer looks at it from the start."""
    with_officer: bool = False
    refused: bool = False
    """The named party has said that it was not its sale either."""

    @property
    def asks(self) -> str:
        """The merchant that is asked whether the sale was its own; empty for none."""
        return self.to.merchant if self.to and not self.refused else ""


class Former(Struct, frozen=True, kw_only=True):
    """Who had the dispute before it moved: the record up to `version` stays theirs to see."""

    merchant: str
    shop: str
    version: int
