"""Groups counted against the truth: pairs of one group that are one entity's, and pairs that are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from msgspec import Struct

from hejie.merchants.linking import Sighting


class Score(Struct, frozen=True, kw_only=True):
    """Pairwise precision, recall and their harmonic mean, four places."""

    precision: float
    recall: float
    f1: float
    true_pairs: int


def of_groups(groups: Iterable[Sequence[str]], truth: Mapping[str, Hashable]) -> Score:
    """All pairs inside the groups against all pairs of the truth."""
    found = right = 0
    for group in groups:
        found += _pairs(len(group))
        right += sum(_pairs(count) for count in Counter(truth[name] for name in group).values())
    return of_counts(found, right, sum(_pairs(count) for count in Counter(truth.values()).values()))


def of_pairs(pairs: Iterable[tuple[str, str]], truth: Mapping[str, Hashable]) -> Score:
    """Single pairs, each once, against all pairs of the truth."""
    unique = {tuple(sorted(pair)) for pair in pairs}
    right = sum(truth[one] == truth[other] for one, other in unique)
    return of_counts(len(unique), right, sum(_pairs(count) for count in Counter(truth.values()).values()))


def of_counts(found: int, right: int, true: int) -> Score:
    """From how many were found, how many of them are right, and how many there are."""
    precision, recall = right / found if found else 0.0, right / true if true else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Score(precision=round(precision, 4), recall=round(recall, 4), f1=round(f1, 4), true_pairs=true)


def exact(rows: Sequence[Sighting], truth: Mapping[str, Hashable]) -> dict[str, Score]:
    """What a look-up does: the very same code, or the very same name; pair by pair, and with all that follows."""
    keys: tuple[Callable[[Sighting], str], ...] = (lambda row: row.code, lambda row: row.name)
    blocks = [block for key in keys for block in _blocks(rows, key)]
    pairs = {(one, other) for block in blocks for at, one in enumerate(block) for other in block[at + 1 :]}
    above = {row.id: row.id for row in rows}

    def root(name: str) -> str:
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for block in blocks:
        for name in block[1:]:
            above[root(name)] = root(block[0])
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(root(row.id), []).append(row.id)
    return {"pairs": of_pairs(pairs, truth), "closed": of_groups(groups.values(), truth)}


def _blocks(rows: Sequence[Sighting], key: Callable[[Sighting], str]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        if key(row):
            found.setdefault(key(row), []).append(row.id)
    return list(found.values())


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
