"""Claims due tasks of every city and hands them to the duties that app gave it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import structlog
from msgspec import Struct

from hejie.base.clock import Clock
from hejie.base.errors import HejieError
from hejie.settings import Settings
from hejie.store.pool import Moved, Pool, city_pipeline, city_transaction

_log = structlog.get_logger("hejie.worker")

IDLE_SECONDS = 0.25
TOGETHER_SECONDS = 0.005
"""How long what has ended waits for company: they are taken out in one transaction, the next ones claimed in one."""
MOST_AT_ONCE = 32
MOST_EACH = 8
"""Tasks under way towards one destination: a dead one takes no more of the worker than this."""
JITTER = 0.2


class Work(Struct, frozen=True):
    """One claimed task."""

    city: str
    id: int
    kind: str
    noun: str
    subject: str
    payload: dict[str, Any]
    attempts: int
    due_at: datetime
    leased_until: datetime
    """Real time; who holds the task is known by it."""


class LaterError(Exception):
    """Not done yet, and nothing is wrong: again after so many seconds of real time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class AgainError(Exception):
    """Not done yet: again at this instant of business time."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


Duty = Callable[[Work], Awaitable[None]]

_CLAIM = "select city, id, set_config('synchronous_commit', 'off', true) from claim_tasks(%s, %s, %s, %s)"
"""The disk is not waited for: a lease that a crash of the server forgets is no loss."""
_READ = """
select id, kind, noun, subject, payload::text, attempts, due_at, leased_until from task
where city = %s and id = any(%s) and leased_until is not null
"""
_HELD = "city = %s and id = %s and leased_until = %s"
"""A task is marked only by its holder: whose lease ran out meanwhile must not touch the next one's."""
_DONE = """
delete from task t using unnest(%s::bigint[], %s::timestamptz[]) as d (id, leased_until)
where t.city = %s and t.id = d.id and t.leased_until = d.leased_until
"""
_LATER = f"""
update task set leased_until = null, attempts = 0, ready_at = clock_timestamp() + make_interval(secs => %s)
where {_HELD}
"""
_AGAIN = f"update task set leased_until = null, attempts = 0, due_at = %s where {_HELD}"
_RETRY = f"""
update task set leased_until = null, last_error = %s, ready_at = clock_timestamp() + make_interval(secs => %s)
where {_HELD}
"""
_PARK = f"""
with parked as (
  update task set leased_until = null, parked = true, last_error = %s where {_HELD} returning city, noun, subject
)
insert into work_item (city, id, kind, noun, subject, body, opened_at)
select city, %s, 'task_parked', noun, subject, %s::jsonb, %s from parked on conflict do nothing
"""
"""In one statement: nothing is ever parked that no person is told of."""


class Worker:
    """Runs until told to stop; several may run at once, on one machine or many."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        duties: Mapping[str, Duty],
        settings: Settings,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`jitter` is a source of chance from 0 to 1, for back-off."""
        self._jitter = jitter
        self._pool = pool
        self._clock = clock
        self._duties = duties
        self._settings = settings
        self._running: set[asyncio.Task[None]] = set()
        self._over: list[Work] = []
        """Done, and not taken out yet."""

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and work until `stop` is set; what is under way is finished first."""
        while not stop.is_set():
            await self._take_out()
            claimed = await self._claim_safely()
            for work in claimed:
                running = asyncio.create_task(self._attend(work))
                self._running.add(running)
                running.add_done_callback(self._running.discard)
            await self._breathe(stop, busy=bool(claimed))
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._take_out()

    async def drain(self) -> int:
        """Work off all that is due now and what follows from it; the number of tasks done."""
        count = 0
        while claimed := await self.claim(MOST_AT_ONCE):
            await asyncio.gather(*(self.do(work) for work in claimed))
            count += len(claimed)
        return count

    async def _breathe(self, stop: asyncio.Event, *, busy: bool) -> None:
        if self._running and (busy or len(self._running) >= MOST_AT_ONCE):
            await asyncio.wait(self._running, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(TOGETHER_SECONDS)
        else:
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                return

    async def _claim_safely(self) -> list[Work]:
        try:
            return await self.claim(MOST_AT_ONCE - len(self._running))
        except Exception:  # noqa: BLE001  the database may be away for a while; the worker waits for it
            _log.exception("claim_failed")
            return []

    async def claim(self, most: int) -> list[Work]:
        """Lease up to `most` due tasks of every city: nobody else gets them while the lease runs."""
        if most <= 0:
            return []
        values = [self._clock.now(), self._settings.lease_seconds, most, MOST_EACH]
        async with self._pool.connection() as connection:
            claimed = await (await connection.execute(_CLAIM, values)).fetchall()
        tasks: dict[str, list[int]] = {}
        for city, task, _ in claimed:
            tasks.setdefault(city, []).append(task)
        return [work for city, mine in tasks.items() for work in await self._read(city, mine)]

    async def _read(self, city: str, tasks: list[int]) -> list[Work]:
        try:
            async with city_pipeline(self._pool, city) as connection:
                rows = await (await connection.execute(_READ, [city, tasks])).fetchall()
        except Moved:
            return []
        return [
            Work(city, task, kind, noun, subject, msgspec.json.decode(payload), *more)
            for task, kind, noun, subject, payload, *more in rows
        ]

    async def do(self, work: Work) -> None:
        """Do one claimed task and mark it; whatever it meets, nothing is raised and the task is not lost."""
        await self._attend(work)
        await self._take_out()

    async def _attend(self, work: Work) -> None:
        where = _held(work)
        try:
            async with asyncio.timeout(self._settings.lease_seconds * 0.8):
                await self._duties[work.kind](work)
        except LaterError as later:
            await self._mark(work, _LATER, [later.seconds, *where])
        except AgainError as again:
            await self._mark(work, _AGAIN, [again.at, *where])
        except Exception as error:  # noqa: BLE001  whatever a duty meets, its task is kept
            await self._failed(work, error)
        else:
            self._over.append(work)

    async def _take_out(self) -> None:
        """What is over goes; the disk is not waited for, as a task that comes again is borne."""
        over, self._over = self._over, []
        for city in dict.fromkeys(work.city for work in over):
            held = [(work.id, work.leased_until) for work in over if work.city == city]
            try:
                async with city_pipeline(self._pool, city, durable=False) as connection:
                    await connection.execute(_DONE, [*map(list, zip(*held, strict=True)), city])
            except Exception:  # noqa: BLE001  the leases run out and the tasks come again
                _log.exception("mark_failed", tasks=[work.id for work in over])

    async def _mark(self, work: Work, statement: str, values: list[object]) -> None:
        try:
            async with city_transaction(self._pool, work.city) as connection:
                await connection.execute(statement, values)
        except Exception:  # noqa: BLE001  the lease runs out and the task comes again; duties bear repetition
            _log.exception("mark_failed", task=work.id, kind=work.kind)

    async def _failed(self, work: Work, error: Exception) -> None:
        why = error.code if isinstance(error, HejieError) else type(error).__name__
        _log.warning("duty_failed", kind=work.kind, task=work.id, attempts=work.attempts, why=why)
        if not isinstance(error, HejieError | TimeoutError | OSError):
            _log.error("duty_broke", kind=work.kind, task=work.id, exc_info=error)
        waits = self._settings.retry_seconds
        where = _held(work)
        if work.attempts <= len(waits):
            wait = waits[work.attempts - 1] * (1 - JITTER + 2 * JITTER * self._jitter())
            await self._mark(work, _RETRY, [why, wait, *where])
            return
        body = msgspec.json.encode({"kind": work.kind, "task": work.id, "why": why}).decode()
        item = [f"{work.city}-task-{work.id}", body, self._clock.now()]
        await self._mark(work, _PARK, [why, *where, *item])


def _held(work: Work) -> list[object]:
    return [work.city, work.id, work.leased_until]
