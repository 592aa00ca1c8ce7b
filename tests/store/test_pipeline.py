"""A pipeline is one transaction of one city: all of it or nothing, and nothing left behind for the next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from tests.conftest import Database

from hejie.store.pool import Connection, Pool, city_pipeline, city_transaction, open_pool

pytestmark = pytest.mark.postgres(18, 15)
CITY, OTHER = "330100", "330200"
_ITEM = """
insert into work_item (city, id, kind, noun, subject, body, opened_at)
values (%s, %s, 'kind', 'dispute', %s, '{}', '2026-01-01 00:00Z')
"""


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    opened = await open_pool(database.app_url, 2)
    yield opened
    await opened.close()


async def _one(connection: Connection, query: str) -> Any:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return row[0]


async def _items(pool: Pool) -> list[str]:
    async with city_transaction(pool, CITY) as connection:
        return [name for (name,) in await (await connection.execute("select id from work_item order by id")).fetchall()]


async def test_it_sees_one_city_and_leaves_no_trace(pool: Pool):
    for _ in range(7):  # often enough for the driver to prepare its statements
        for city in (CITY, OTHER):
            async with city_pipeline(pool, city) as connection:
                await connection.execute(_ITEM, [city, f"item-{_}", f"subject-{_}"])
                assert await _one(connection, "select distinct city from work_item") == city
    async with pool.connection() as connection:
        assert await _one(connection, "select reader_city()") is None
        assert await _one(connection, "select count(*) from work_item") == 0
    assert len(await _items(pool)) == 7


@pytest.mark.parametrize("looks", [False, True])
async def test_an_exception_of_the_block_takes_everything_back_without_a_warning(pool: Pool, *, looks: bool):
    notices: list[str] = []

    async def broken_off() -> None:
        async with city_pipeline(pool, CITY) as connection:
            connection.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
            await connection.execute(_ITEM, [CITY, "a", "a"])
            if looks:
                assert await _one(connection, "select count(*) from work_item") == 1
            raise LookupError

    with pytest.raises(LookupError):
        await broken_off()
    assert await _items(pool) == []
    assert notices == []


@pytest.mark.parametrize("looks", [False, True])
async def test_an_error_of_one_statement_takes_everything_back(pool: Pool, *, looks: bool):
    async with city_pipeline(pool, CITY) as connection:
        await connection.execute(_ITEM, [CITY, "a", "a"])

    async def a_second_time() -> None:
        async with city_pipeline(pool, CITY) as connection:
            await connection.execute(_ITEM, [CITY, "b", "b"])
            await connection.execute(_ITEM, [CITY, "a", "c"])
            if looks:
                await _one(connection, "select 1")

    with pytest.raises(psycopg.errors.UniqueViolation):
        await a_second_time()
    assert await _items(pool) == ["a"]


async def test_a_lock_is_held_to_its_end_and_no_longer(pool: Pool):
    lock = "select pg_try_advisory_xact_lock(12315)"
    async with city_pipeline(pool, CITY) as first, city_pipeline(pool, CITY) as second:
        assert await _one(first, lock)
        assert not await _one(second, lock)
    async with city_pipeline(pool, CITY) as connection:
        assert await _one(connection, lock)


async def test_only_a_passing_one_does_not_wait_for_the_disk(pool: Pool):
    waits = {}
    for durable in (True, False):
        async with city_pipeline(pool, CITY) as connection:
            before = await _one(connection, "show synchronous_commit")
        async with city_pipeline(pool, CITY, durable=durable) as connection:
            waits[durable] = await _one(connection, "show synchronous_commit") == before
    assert waits[True]
    async with city_pipeline(pool, CITY, durable=False) as connection:
        assert await _one(connection, "show synchronous_commit") == "off"
