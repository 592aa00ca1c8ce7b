"""Pressure's door: what a dispute keeps of a merchant's word that a claim is pressure, until a person has decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


class Reason(StrEnum):
    """What the merchant says of the claim."""

    pressure = "pressure"
    """It is made to press for money (恶意索赔)."""
    not_daily_use = "not_daily_use"
    """What was bought is not for daily consumption (非生活消费)."""


class Pressure(Struct, frozen=True, kw_only=True):
    """A merchant's call, and a person's decision on it."""

    reason: Reason
    called_at: datetime
    late: bool = False
    """It came when the merchant's time had already run out: that silence was before it."""
    ran_until: datetime | None = None
    """When the merchant's time would have run out, where it ran."""
    judged_at: datetime | None = None
    upheld: bool = False

    @property
    def holds(self) -> bool:
        """Whether the merchant's standing is held: nobody has decided yet, or the call was right."""
        return self.judged_at is None or self.upheld

    def excuses(self, at: datetime) -> bool:
        """Whether an answer at that instant is not late, though the clock says so.

        A call that was not right gives back what was left of the merchant's time, from the decision on.
        """
        if self.late:
            return False
        if self.judged_at is None or self.upheld:
            return True
        return self.ran_until is not None and at <= self.judged_at + (self.ran_until - self.called_at)

    def judged(self, at: datetime, *, upheld: bool) -> Pressure:
        """With a person's decision."""
        return replace(self, judged_at=at, upheld=upheld)
