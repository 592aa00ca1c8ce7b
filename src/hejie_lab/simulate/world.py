"""What all cities of a run share: time, chance, the operation under way, the trace, and the count of faults."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from hejie_lab.simulate.dice import Dice

START = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
PAST, FAR = START - timedelta(days=3650), START + timedelta(days=3650)
KEPT_LINES = 4000
TENDER_TIMES = 3
_TENDER = ("follow_home", "take_letter", "take_dispute", "let_dispute_go", "keep_dispute", "refund")
"""What is held up more often: it reads first and acts later, and another may have done it meanwhile."""


class DiedError(BaseException):
    """A process of a city ends at this very point: nothing of the product catches it."""


class CityClock:
    """The world's time as one city's machine has it."""

    def __init__(self, world: World, skew: timedelta) -> None:
        self._world, self.skew = world, skew
        self.turned_back = timedelta()
        """By how much in all, so far: an instant written down later may lie before an earlier one by as much."""

    def now(self) -> datetime:
        """The present instant."""
        return self._world.at + self.skew

    def turn_back(self, span: timedelta) -> None:
        """It goes behind from now on."""
        self.skew -= span
        self.turned_back += span


class Operation:
    """One thing a process does; it may be held up between two steps while others go on."""

    def __init__(self, name: str, work: Coroutine[Any, Any, str], *, may_stall: bool) -> None:
        self.name, self.work, self.may_stall = name, work, may_stall
        self.task: asyncio.Task[str] | None = None
        self._halted: asyncio.Future[None] | None = None
        self._resumed: asyncio.Future[None] | None = None

    async def go(self) -> bool:
        """Begin or go on until it is done or held up; whether it is done."""
        self._halted = asyncio.get_running_loop().create_future()
        if self.task is None:
            self.task = asyncio.ensure_future(self.work)
            self.task.add_done_callback(lambda _: self._halt())
        elif self._resumed is not None:
            self._resumed.set_result(None)
        await self._halted
        return self.task.done()

    def _halt(self) -> None:
        if self._halted is not None and not self._halted.done():
            self._halted.set_result(None)

    async def stall(self) -> None:
        """Be held up here."""
        self._resumed = asyncio.get_running_loop().create_future()
        self._halt()
        await self._resumed


class World:
    """One run's."""

    def __init__(self, seed: int, codes: tuple[str, ...]) -> None:
        self.seed, self.codes = seed, codes
        self.at = START
        self.step = 0
        self.stormy = False
        """Whether faults fall."""
        self.hangs = False
        """Whether what bears it worst is still held up, after the storm."""
        self.plan = Dice(seed, "plan")
        self.fate = Dice(seed, "fate")
        self.product = Dice(seed, "product")
        self.quiet = self.plan.falls(0.75)
        """Whether nobody is sent messages, so that more happens between cities in the same time."""
        self.operation: Operation | None = None
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.stall_share = self.fate.pick((0.0, 0.02, 0.04))
        self._names = dict(zip(codes, "ABCDEF", strict=True))
        self._digest = hashlib.sha256()
        self.lines: list[str] = []
        self.wrong: list[str] = []
        """What must never be, and was."""

    def violate(self, what: str) -> None:
        """Something is wrong: the run ends after this operation."""
        self.wrong.append(self.plain(what))
        self.tell(f"WRONG {what}")

    def plain(self, text: str) -> str:
        """A text in which cities stand by their letters: the same for a seed whatever codes it got."""
        for code, letter in self._names.items():
            text = text.replace(code, letter)
        return text

    def tell(self, text: str) -> None:
        """A line of the trace."""
        line = f"{self.step:04} {(self.at - START).total_seconds():.3f} {self.plain(text)}"
        self._digest.update(line.encode() + b"\n")
        self.lines.append(line)
        del self.lines[:-KEPT_LINES]

    @property
    def digest(self) -> str:
        """Of the whole trace."""
        return self._digest.hexdigest()

    def hit(self, fault: str) -> None:
        """Count a fault, and note it."""
        self.faults[fault] += 1
        self.tell(f"! {fault}")

    async def gate(self) -> None:
        """Between two steps of an operation: here it may be held up."""
        operation = self.operation
        if operation is None or not operation.may_stall or not (self.stormy or self.hangs):
            return
        tender = operation.name.startswith(_TENDER)
        if self.fate.falls(self.stall_share * (TENDER_TIMES if tender else self.stormy)):
            self.hit("stall")
            await operation.stall()
            self.operation = operation
