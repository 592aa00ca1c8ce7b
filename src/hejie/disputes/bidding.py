"""What a dispute keeps of blind bidding: who has named a secret limit in which round, never the limit."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Role


class Named(Struct, frozen=True, kw_only=True):
    """One side has named its limit in this round."""

    commitment: str
    public: str
    closed: str = ""
    """Content identifier of the limit, closed for the other side: only the second to name one leaves it here."""


class Bidding(Struct, frozen=True, kw_only=True):
    """One round: the consumer's least, the merchant's most."""

    round: int
    consumer: Named | None = None
    merchant: Named | None = None

    def by(self, side: Role) -> Named | None:
        """What a side has named."""
        return self.consumer if side is Role.consumer else self.merchant

    def other(self, side: Role) -> Named | None:
        """What the other side has named."""
        return self.merchant if side is Role.consumer else self.consumer

    def named(self, side: Role, limit: Named) -> Bidding:
        """A side has named a limit: what the other had closed for it is closed for nobody any more."""
        other = self.other(side)
        unclosed = replace(other, closed="") if other else None
        if side is Role.consumer:
            return Bidding(round=self.round, consumer=limit, merchant=unclosed)
        return Bidding(round=self.round, consumer=unclosed, merchant=limit)

    @property
    def closed(self) -> str:
        """Content identifier of the limit that waits closed for the other side, empty for none."""
        return next((each.closed for each in (self.consumer, self.merchant) if each and each.closed), "")


def place(dispute: str, number: int, side: Role) -> str:
    """To what a commitment is bound."""
    return f"{dispute}/{number}/{side.value}"
