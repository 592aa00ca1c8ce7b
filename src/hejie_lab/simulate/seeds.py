"""Many seeds in one process: connections, web applications and databases are kept from one to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import psycopg

from hejie_lab.simulate.ground import CITIES, Ground
from hejie_lab.simulate.line import Line
from hejie_lab.simulate.run import Outcome, Run
from hejie_lab.simulate.town import fronts
from hejie_lab.simulate.world import START, World

FIRST_CODE = 100_000
EMPTY_AFTER = 150
"""So many seeds share databases before they are made anew; each has codes of its own."""


class Seeds:
    """One worker's hands; seeds come one after the other."""

    def __init__(self, ground: Ground, days: float) -> None:
        self._ground, self._days = ground, days
        self._fronts = fronts(CITIES)
        self._lines: list[Line] = []
        self._links: list[psycopg.Connection[Any]] = []
        self._codes = _codes()
        self._left = 0

    async def run(self, seed: int) -> Outcome:
        """One seed."""
        if not self._left:
            await self._anew()
        self._left -= 1
        codes = tuple(next(self._codes) for _ in range(CITIES))
        run = Run(seed, self._days, codes, self._lines, self._links, self._fronts)
        outcome = await run.whole()
        self._lines = [town.line for town in run.towns]
        for link, code in zip(self._links, codes, strict=True):
            link.execute("delete from task where city = %s", [code])
        return outcome

    async def _anew(self) -> None:
        await self.close()
        self._ground.renew()
        world = World(0, tuple(str(FIRST_CODE + n) for n in range(CITIES)))
        self._lines = [Line(world, lambda: START, url) for url in self._ground.app_urls]
        for line in self._lines:
            await line.open()
        self._links = [psycopg.connect(url, autocommit=True, prepare_threshold=1) for url in self._ground.admin_urls]
        self._codes, self._left = _codes(), EMPTY_AFTER

    async def close(self) -> None:
        """Give the connections back."""
        for line in self._lines:
            await line.close()
        for link in self._links:
            link.close()
        self._lines, self._links = [], []


def each(ground: Ground, days: float, seeds: Sequence[int]) -> Iterator[Outcome]:
    """The outcomes of seeds, one by one as they come."""
    with asyncio.Runner() as runner:
        hands = Seeds(ground, days)
        try:
            for seed in seeds:
                yield runner.run(hands.run(seed))
        finally:
            runner.run(hands.close())


def _codes() -> Iterator[str]:
    """Codes for cities, each a district's: one that ends in 00 would hold others."""
    return (str(code) for code in count(FIRST_CODE + 1) if code % 100)
