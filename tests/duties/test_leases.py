"""A lease that ran out while its duty still worked: whoever holds the task now is not disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.town import Town, town

from hejie.base.errors import Refused
from hejie.worker import LaterError, Work, Worker

HELD = "select kind, attempts, leased_until > clock_timestamp() from task where kind = 'slow'"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def _overtaken(here: Town, error: Exception | None, attempts: int = 0) -> None:
    """A duty during which the lease runs out and another worker claims the task; it ends with an error or well."""

    async def slow(_: Work) -> None:
        await here.rows(
            "update task set leased_until = clock_timestamp() + interval '1 minute', attempts = attempts + 1"
            " where kind = 'slow' returning id"
        )
        if error is not None:
            raise error

    await here.task("slow", "S", {})
    await here.rows("update task set attempts = %s where kind = 'slow' returning id", attempts)
    worker = Worker(here.app.pool, here.app.clock, {"slow": slow}, here.app.settings)
    await worker.drain()


@pytest.mark.parametrize("error", [None, LaterError(0), Refused("wallet_refused")])
async def test_the_earlier_holder_neither_ends_nor_releases_the_task(here: Town, error: Exception | None):
    await _overtaken(here, error)
    assert await here.rows(HELD) == [("slow", 2, True)]


async def test_the_earlier_holders_last_try_parks_nothing_and_tells_nobody(here: Town):
    await _overtaken(here, Refused("wallet_refused"), attempts=99)
    assert await here.rows(HELD) == [("slow", 101, True)]
    assert await here.rows("select id from work_item") == []


async def test_what_is_done_is_taken_out_together_and_nothing_is_left_at_the_end(here: Town):
    stop, done = asyncio.Event(), list[str]()

    async def quick(work: Work) -> None:
        done.append(work.subject)
        if len(done) == 40:
            stop.set()

    for number in range(40):
        await here.task("quick", f"{number}", {})
    worker = Worker(here.app.pool, here.app.clock, {"quick": quick}, here.app.settings)
    await asyncio.wait_for(worker.run(stop), 30)
    assert sorted(done) == sorted(f"{number}" for number in range(40))
    assert await here.rows("select id from task where kind = 'quick'") == []


async def test_what_is_done_and_not_taken_out_comes_again(here: Town, monkeypatch: pytest.MonkeyPatch):
    """As where the process ends in between."""
    done = list[str]()

    async def quick(work: Work) -> None:
        done.append(work.subject)

    worker = Worker(here.app.pool, here.app.clock, {"quick": quick}, here.app.settings)
    await here.task("quick", "Q", {})
    with monkeypatch.context() as broken:
        broken.setattr("hejie.worker._DONE", "no statement %s %s %s")
        await worker.drain()
    assert await here.rows("select attempts from task where kind = 'quick'") == [(1,)]
    await here.rows(
        "update task set leased_until = clock_timestamp() - interval '1 second' where kind = 'quick' returning id"
    )
    await worker.drain()
    assert done == ["Q", "Q"]
    assert await here.rows("select id from task where kind = 'quick'") == []
