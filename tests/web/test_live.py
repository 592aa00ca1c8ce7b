"""Live streams over a real port: told at once, after a gap, after a lost connection, and ended at a stop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
import uvicorn
from tests.web.shell_portal import signed_in

from hejie.base.actor import Role
from hejie.cli.serve import _Server
from hejie.mediations.model import mediation_of
from hejie.store.pool import city_transaction
from hejie.store.writing import announce

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CITY = "330100"


@pytest.fixture
async def server(app, house) -> AsyncIterator[tuple[str, _Server]]:
    """The application on a free port, as `hejie serve` runs it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="on", ws="none", timeout_graceful_shutdown=5)
        running = _Server(config, house.live)
        task = asyncio.create_task(running.serve([listening]))
        await asyncio.wait_for(house.live.ready.wait(), 10)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", running
        running.should_exit = True
        await asyncio.wait_for(task, 10)


@asynccontextmanager
async def watching(house, url: str, path: str = "/live/D1?seen=3", **headers: str):
    """The lines of one stream, comments left out."""
    cookie = f"hejie-consumer={await signed_in(house, CITY, Role.consumer, 'p1')}"
    async with (
        httpx.AsyncClient(timeout=10, trust_env=False) as client,
        client.stream("GET", f"{url}/{CITY}{path}", headers={"cookie": cookie, **headers}) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        first = await anext(lines)

        async def event() -> tuple[str, str]:
            said = first if first.startswith("id:") and not event_seen else ""
            event_seen.append(True)
            while not said.startswith("id:"):
                said = await asyncio.wait_for(anext(lines), 10)
            return said, await anext(lines)

        event_seen: list[bool] = []
        yield event


async def change(house, identifier: str, version: int) -> None:
    async with city_transaction(house.pool, CITY) as connection:
        await announce(connection, CITY, identifier, version)


async def test_a_change_is_told_to_who_watches_it_and_to_the_city(house, server):
    url, _ = server
    async with watching(house, url) as one, watching(house, url, "/live/D2?seen=3") as other:
        await change(house, "D1", 4)
        assert await one() == ("id: 4", "event: changed")
        await change(house, "D2", 9)
        assert await other() == ("id: 9", "event: changed")


async def test_a_step_of_its_mediation_rings_who_watches_a_dispute(house, server):
    url, _ = server
    async with watching(house, url) as one, watching(house, url, "/live/D2?seen=3") as other:
        await change(house, mediation_of("D1"), 40)
        assert await one() == ("id: 3", "event: changed")
        await change(house, "D2", 4)
        assert await other() == ("id: 4", "event: changed")


async def test_who_comes_back_late_is_told_at_once(house, server):
    url, _ = server
    async with watching(house, url, **{"last-event-id": "2"}) as event:
        assert await event() == ("id: 3", "event: changed")
    async with watching(house, url, "/live/D1?seen=1") as event:
        assert await event() == ("id: 3", "event: changed")


async def test_a_change_between_a_page_and_its_stream_is_told_at_once(house, server):
    url, _ = server
    async with watching(house, url) as event:
        await change(house, "D1", 4)
        assert await event() == ("id: 4", "event: changed")
    async with watching(house, url) as later:  # its page read version 3, just before
        assert await later() == ("id: 4", "event: changed")


async def test_a_lost_connection_is_made_again_and_nothing_is_missed(house, server, database):
    url, _ = server
    async with watching(house, url) as event:
        house.live.ready.clear()
        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'hejie live' and datname = current_database()"
            )
        assert (await event())[1] == "event: changed", "what may have been missed is looked at"
        await asyncio.wait_for(house.live.ready.wait(), 10)
        await change(house, "D1", 5)
        assert await event() == ("id: 5", "event: changed")


async def test_a_stop_ends_open_streams_at_once(house, server):
    url, running = server
    async with watching(house, url) as event:
        running.should_exit = True
        with pytest.raises(StopAsyncIteration):
            await event()


async def test_a_watcher_that_left_is_forgotten(house, server):
    url, _ = server
    async with watching(house, url):
        assert house.live._watches
    for _ in range(100):
        if not house.live._watches:
            break
        await asyncio.sleep(0.05)
    assert not house.live._watches
