"""The ways in which a walk is walked: all of them in `make soak`, one by turns in `make test`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from zlib import crc32

import pytest

Walk = Callable[..., Any]
T = TypeVar("T")


def turn_of(name: str, ways: Sequence[T]) -> Sequence[T]:
    """All of them in `make soak`, else the one that falls to this name."""
    return ways if "HEJIE_SOAK" in os.environ else [ways[crc32(name.encode()) % len(ways)]]


def by_turns(names: Sequence[str], ways: Sequence[Sequence[str]]) -> Callable[[Walk], Walk]:
    """Parametrise a walk; which of the ways is its own depends on its name alone, so that all are walked by some."""

    def give(walk: Walk) -> Walk:
        return pytest.mark.parametrize(tuple(names), turn_of(walk.__name__, ways))(walk)

    return give


both = by_turns(("size", "language"), [("phone", "zh"), ("desk", "en")])
languages = by_turns(("language",), [("zh",), ("en",)])
anyhow = by_turns(("size", "language"), [("phone", "zh"), ("phone", "en"), ("desk", "zh"), ("desk", "en")])
