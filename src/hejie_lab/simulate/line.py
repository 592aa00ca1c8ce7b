"""A city's one connection, in the place of the product's pool; it is cut where the run says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast

import psycopg
from psycopg import AsyncConnection, waiting
from psycopg._preparing import PrepareManager
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow, tuple_row

from hejie.store.pool import Pool
from hejie_lab.simulate.world import DiedError, World

_WITHIN = (TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.ACTIVE)
_TIME = "select set_config('sim.now', %s, false), set_config('sim.quiet', %s, false)"


_WAIT_SECONDS = 0.1


class Blow:
    """One crash that is to come: after so many statements, or after the commit that follows them."""

    def __init__(self, kind: str, statements: int, *, after_commit: bool) -> None:
        self.kind, self.left, self.after_commit = kind, statements, after_commit

    def error(self) -> BaseException:
        """What the product meets."""
        return DiedError(self.kind) if self.kind == "died" else psycopg.OperationalError("the connection is lost")


class _Prepared(PrepareManager):
    """Statements stay prepared over a rollback: no run changes a table, and planning anew is half of its time."""

    prepare_threshold = 0
    prepared_max = 5000

    def _should_discard(self, prep: Any, results: Any, *_more: Any) -> bool:
        del prep, results
        return False


class SimulatedConnection(AsyncConnection[TupleRow]):
    """A real connection on which a blow may fall at any statement."""

    blow: Blow | None = None
    struck: Callable[[Blow], None]

    async def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        """The statement, unless the blow falls first."""
        blow = self.blow
        if blow is not None:
            blow.left -= 1
            if blow.left < 0 and not blow.after_commit:
                self.strike(blow)
        return await super().execute(query, params, **more)

    async def wait(self, gen: Any, interval: float = _WAIT_SECONDS, timeout: float | None = None) -> Any:  # noqa: ASYNC109  as the driver has it
        """Without the loop: one operation goes at a time, so nobody else could go on meanwhile."""
        return waiting.wait(gen, self.pgconn.socket, interval=interval, timeout=timeout)

    def strike(self, blow: Blow) -> None:
        """Now."""
        self.blow = None
        self.struck(blow)
        if blow.kind == "cut":
            self.pgconn.finish()
        raise blow.error()


class Line:
    """The database as one process of a city reaches it: one connection, one transaction at a time."""

    def __init__(self, world: World, now: Callable[[], datetime], url: str) -> None:
        self._world, self._now, self._url = world, now, url
        self._held: SimulatedConnection | None = None
        self._told: datetime | None = None
        self._one = asyncio.Lock()
        self.dead = False
        self.touched = True
        """Whether anything was asked since this was last looked at."""
        self.on_death: Callable[[], None] = lambda: None

    @property
    def pool(self) -> Pool:
        """For the product."""
        return cast("Pool", self)

    def strike_later(self, blow: Blow) -> None:
        """Let it fall on what comes."""
        if self._held is not None:
            self._held.blow = blow

    def spare(self) -> None:
        """Nothing falls any more; a connection that was left within a transaction goes, as with its process."""
        if self._held is None:
            return
        self._held.blow = None
        if self._held.info.transaction_status in _WITHIN:
            self._held.pgconn.finish()

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[SimulatedConnection]:  # noqa: ASYNC109  as the pool has it
        """As of the product's pool."""
        del timeout
        self._must_live()
        await self._world.gate()
        self._must_live()
        async with self._one:
            held = await self.open()
            self.touched = True
            yield held
            if held.blow is not None and held.blow.after_commit and held.blow.left < 0:
                held.strike(held.blow)

    async def open(self) -> SimulatedConnection:
        """The connection, made anew where it was cut, with the city's time told to the server."""
        if self._held is None or self._held.closed:
            made = await SimulatedConnection.connect(self._url, autocommit=True, row_factory=tuple_row)
            made._prepared = _Prepared()  # noqa: SLF001
            made.struck = self._struck
            self._held, self._told = made, None
        if self._told != self._now():
            self._told = self._now()
            await AsyncConnection.execute(
                self._held, _TIME, [self._told.isoformat(), "on" if self._world.quiet else "off"]
            )
        return self._held

    def _struck(self, blow: Blow) -> None:
        self._world.hit(f"{blow.kind} {'after' if blow.after_commit else 'before'} commit")
        if blow.kind == "died":
            self.dead = True
            self.on_death()

    def _must_live(self) -> None:
        if self.dead:
            raise DiedError("of a process that has ended")

    def handed_on(self, world: World, now: Callable[[], datetime]) -> Line:
        """The same connection for the next process or the next seed."""
        fresh = Line(world, now, self._url)
        fresh._held, fresh._one = self._held, self._one
        if fresh._held is not None:
            fresh._held.blow = None
            fresh._held.struck = fresh._struck
        return fresh

    async def close(self) -> None:
        """For good."""
        if self._held is not None:
            await self._held.close()
