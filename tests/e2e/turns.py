"""The ways in which a walk is walked: all of them in `make soak`, one by turns in `make test`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import pytest

Walk = Callable[..., Any]


def by_turns(names: Sequence[str], ways: Sequence[Sequence[str]]) -> Callable[[Walk], Walk]:
    """Parametrise a walk; which of the ways is its own depends on its name alone, so that all are walked by some."""

    def give(walk: Walk) -> Walk:
        own = [ways[crc32(walk.__name__.encode()) % len(ways)]]
        return pytest.mark.parametrize(tuple(names), ways if "HEJIE_SOAK" in os.environ else own)(walk)

    return give


both = by_turns(("size", "language"), [("phone", "zh"), ("desk", "en")])
languages = by_turns(("language",), [("zh",), ("en",)])
anyhow = by_turns(("size", "language"), [("phone", "zh"), ("phone", "en"), ("desk", "zh"), ("desk", "en")])
