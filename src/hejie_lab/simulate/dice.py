"""All chance of a run, from its seed: streams by name, so that one more throw here moves nothing there."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """One stream."""

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}/{name}")

    def bytes(self, count: int) -> bytes:
        """So many bytes."""
        return self._random.randbytes(count)

    def unit(self) -> float:
        """From 0 up to 1."""
        return self._random.random()

    def falls(self, probability: float) -> bool:
        """True as often as that."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """Somewhere from low to high."""
        return self._random.uniform(low, high)

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def pick(self, among: Sequence[T]) -> T:
        """One of them."""
        return among[self._random.randrange(len(among))]

    def some(self, among: Sequence[T], count: int) -> list[T]:
        """So many different ones."""
        return self._random.sample(list(among), count)

    def weighed(self, weights: Mapping[T, float]) -> T:
        """One of the keys, by weight."""
        return self._random.choices(list(weights), list(weights.values()))[0]
