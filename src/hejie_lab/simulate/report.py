"""What many seeds gave, in words and as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from hejie_lab.bench.measure import commit
from hejie_lab.errors import LabError
from hejie_lab.simulate.run import SETTLE, Outcome


class Figures(Struct, frozen=True, kw_only=True):
    """Of a set of seeds."""

    commit: str
    seeds: int
    first: int
    last: int
    failed: tuple[int, ...]
    years: float
    """Simulated, the time to settle included."""
    seconds: float
    """Spent on the seeds, all processes together."""
    per_second: float
    """Seeds in a second of one process."""
    logs: int
    """Seeds in which the cities' logs were tended and cosigned."""
    messages: int
    """Seeds in which people were sent messages."""
    counts: Mapping[str, float]
    """A seed's mean, by kind."""
    faults: Mapping[str, float]

    @property
    def good(self) -> bool:
        """Whether no seed fails."""
        return not self.failed


def figures(found: Sequence[Outcome]) -> Figures:
    """Means and sums; `LabError` where there are none."""
    if not found:
        raise LabError("There are no seeds to report.")
    counts: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    for each in found:
        counts.update(each.counts)
        faults.update(each.faults)
    size, seconds = len(found), sum(each.seconds for each in found)
    days = sum(each.days + SETTLE.days + 1 for each in found)
    return Figures(
        commit=commit(),
        seeds=size,
        first=min(each.seed for each in found),
        last=max(each.seed for each in found),
        failed=tuple(each.seed for each in found if each.wrong),
        years=round(days / 365, 1),
        seconds=round(seconds, 1),
        per_second=round(size / seconds, 2) if seconds else 0.0,
        logs=sum(each.log for each in found),
        messages=sum(each.messages for each in found),
        counts={kind: round(count / size, 2) for kind, count in sorted(counts.items())},
        faults={kind: round(count / size, 2) for kind, count in sorted(faults.items())},
    )


def words(told: Figures) -> str:
    """For a terminal."""
    lines = [
        f"{told.seeds} seeds ({told.first} to {told.last}), commit {told.commit or 'unknown'}",
        f"{told.years} simulated years in {told.seconds} s: {told.per_second} seeds a second and process",
        f"logs tended in {told.logs} seeds, messages sent in {told.messages}",
        f"a seed: {_told(told.counts)}",
        f"faults a seed: {_told(told.faults)}",
        f"seeds that fail: {', '.join(map(str, told.failed)) or 'none'}",
    ]
    return "\n".join(lines)


def page(told: Figures) -> str:
    """The same in Markdown."""
    rows = [
        ("commit", told.commit or "unknown"),
        ("seeds", f"{told.seeds} ({told.first} to {told.last})"),
        ("seeds that fail", ", ".join(map(str, told.failed)) or "none"),
        ("simulated years", told.years),
        ("seconds spent on them", told.seconds),
        ("seeds in a second of one process", told.per_second),
        ("seeds with the logs tended", told.logs),
        ("seeds with messages", told.messages),
        ("faults, mean of a seed", round(sum(told.faults.values()), 1)),
        *((f"{kind}, mean of a seed", count) for kind, count in told.counts.items()),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += [
        "| fault | mean of a seed |",
        "|---|---|",
        *(f"| {kind} | {count} |" for kind, count in told.faults.items()),
    ]
    return "\n".join(lines)


def _told(counts: Mapping[str, float]) -> str:
    return ", ".join(f"{kind} {count:g}" for kind, count in counts.items())
