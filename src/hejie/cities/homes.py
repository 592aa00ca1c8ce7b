"""A dispute's home among the cities: the one that decides; what the others are told of how it stands."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Summary(Struct, frozen=True, kw_only=True):
    """How a dispute stands at its home, as far as another city may know; nothing personal."""

    home: str
    """The city that decides."""
    state: str
    due_at: datetime | None = None
    outcome: str = ""
    closed_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended there."""
        return self.closed_at is not None


def handover_of(dispute: str, turn: int) -> str:
    """The identifier of the hand-over that begins a dispute's `turn`: both cities know it without asking."""
    return f"{dispute}-{turn}"
