"""A clock whose offset from the system's time lies in the database, so that all processes move together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from psycopg import Error

from hejie.store.pool import Pool

REFRESH_SECONDS = 0.2


class DatabaseClock:
    """The system's time plus the offset last read; read again five times a second."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._task: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The present instant, moved."""
        return datetime.now(UTC) + self._offset

    async def start(self, pool: Pool) -> None:
        """Read the offset now, and keep reading it."""
        await self.read(pool)
        self._task = asyncio.create_task(self._keep(pool))

    async def read(self, pool: Pool) -> None:
        """Read the offset once."""
        async with pool.connection() as connection:
            row = await (await connection.execute("select seconds from clock_offset")).fetchone()
        self._offset = timedelta(seconds=row[0] if row else 0)

    async def stop(self) -> None:
        """Read no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self, pool: Pool) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            with suppress(Error, OSError):
                await self.read(pool)
