"""Time in a fault run: stories wait for an instant, and the one clock moves there when nobody has more to do before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from hejie_lab.faults.passing import STEP_SECONDS

Mover = Callable[[float], Awaitable[None]]


class TimeLine:
    """Hours since the run began, by the platform's and the sandbox's clock."""

    def __init__(self, move: Mover) -> None:
        self.hours = 0.0
        self._move = move
        self._busy = 0
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """A story that has something to do now: time stands still until it waits or ends."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    async def after(self, hours: float) -> None:
        """Wait until this many hours since the run began have passed."""
        if hours <= self.hours:
            return
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((hours, reached))
        self._busy -= 1
        try:
            await reached
        finally:
            self._busy += 1

    @property
    def busy_now(self) -> int:
        """How many stories have something to do."""
        return self._busy

    @property
    def awaited(self) -> bool:
        """Whether a story waits for a later hour."""
        return bool(self._waiting)

    async def settle(self) -> None:
        """Wait until all stories have ended or wait for a later hour."""
        while self._busy:  # noqa: ASYNC110  stories go in and out of waiting; an event would have to follow each
            await asyncio.sleep(STEP_SECONDS)

    async def step(self) -> None:
        """Move to the next hour that somebody waits for, and wake those."""
        await self.to(min(hours for hours, _ in self._waiting))

    async def to(self, hours: float) -> None:
        """Move the clock to this many hours since the run began."""
        await self._move(hours * 3600)
        self.hours = hours
        due = [reached for at, reached in self._waiting if at <= hours]
        self._waiting = [(at, reached) for at, reached in self._waiting if at > hours]
        for reached in due:
            reached.set_result(None)
        await asyncio.sleep(STEP_SECONDS)
