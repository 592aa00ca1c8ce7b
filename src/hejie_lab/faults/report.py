"""What a fault run has to say, as JSON and in words."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hejie.base.money import yuan


class Report(Struct, frozen=True, kw_only=True):
    """One run's figures; it is good where every checker found nothing."""

    seed: int
    disputes: int
    kinds: Mapping[str, int]
    seconds: float
    """Real time, the platform's start included."""
    hours: int
    """Business time that passed."""
    kills: Mapping[str, int]
    aimed: Mapping[str, int]
    """Of them, those between the wallet's commit and our receipt, by what was killed."""
    injected: Mapping[str, int]
    """Each fault of the sandbox by its own count."""
    acts: Mapping[str, int]
    """Acts of people: sent, sent again after a kill, refused by code."""
    doubts: int
    """Times that the outcome of a refund was unknown."""
    refunds: Mapping[str, int]
    """By state and source."""
    refunded_fen: int
    """By the wallet's own ledger."""
    states: Mapping[str, int]
    work_items: Mapping[str, int]
    rows_folded: int
    events_folded: int
    messages: int
    found: Mapping[str, list[str]]
    """Checker → what it found wrong."""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.found.values())

    def words(self) -> str:
        """The same for a person."""
        lines = [
            f"{self.disputes} disputes, {len(self.kinds)} kinds, seed {self.seed}: {self.hours} h in {self.seconds} s",
            f"killed {sum(self.kills.values())}: {_counts(self.kills)}",
            f"aimed between the wallet's commit and our receipt: {_counts(self.aimed) or 'none'}",
            f"injected: {_counts(self.injected)}",
            f"acts: {_counts(self.acts)}",
            f"refunds: {_counts(self.refunds)}; {yuan(self.refunded_fen)} yuan; unknown outcomes {self.doubts}",
            f"disputes at rest: {_counts(self.states)}; for persons: {_counts(self.work_items) or 'nothing'}",
            f"folded {self.events_folded} events into {self.rows_folded} rows; {self.messages} messages, each once",
        ]
        for checker, wrong in self.found.items():
            lines.append(f"{checker}: {'good' if not wrong else f'{len(wrong)} wrong'}")
            lines += [f"  {each}" for each in wrong[:20]]
        return "\n".join(lines)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
