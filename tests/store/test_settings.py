"""A city's settings are kept once read, each database's apart."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import psycopg
from msgspec.structs import replace
from tests.conftest import Database

from hejie.cities.reading import read_city, shipped
from hejie.store.pool import city_transaction, open_pool
from hejie.store.settings import settings_at

CITY = "330100"
SINCE, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)


async def _door(url: str) -> str:
    pool = await open_pool(url, 1)
    try:
        async with city_transaction(pool, CITY) as connection:
            return (await settings_at(connection, CITY, NOW)).door.phone
    finally:
        await pool.close()


async def _apply(url: str, phone: str) -> None:
    row = read_city(shipped(CITY))
    row = replace(row, version=1, door=replace(row.door, phone=phone))
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        body = msgspec.json.encode(row).decode()
        await admin.execute("insert into city_setting values (%s, 1, %s, %s::jsonb)", [CITY, SINCE, body])


async def test_two_databases_in_one_process_do_not_mix(database: Database, module_database: Database):
    await _apply(database.superuser_url, "12315")
    await _apply(module_database.superuser_url, "12345")
    assert await _door(database.app_url) == "12315"
    assert await _door(module_database.app_url) == "12345"
