"""One city sees one city: on every table, on reused connections, for the ordinary role only."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg import errors, sql

from hejie.base.errors import Refused
from hejie.store.migrate import ROLES
from hejie.store.pool import city_transaction, open_pool

pytestmark = pytest.mark.postgres(18, 15)

HERE, THERE = "330100", "510100"
_LOG = """
insert into log values (%s, 'dispute', 'D1', %s, '2026-11-22', 'system', 'x', 'Filed', '{}', %s, %s)
"""
_TASK = """
insert into task (city, kind, noun, subject, destination, due_at, payload)
values (%s, 'notify', 'dispute', 'D1', 'sms', '2026-11-22', '{}')
"""
_PERSON = "insert into person values (%s, 'P1', 'h', 'zh', '2026-11-22')"


def log_line(city: str, version: int = 1) -> list[object]:
    return [city, version, b"s" * 16, b"d" * 32]


@asynccontextmanager
async def pool_of(url: str, size: int = 1):
    pool = await open_pool(url, size)
    try:
        yield pool
    finally:
        await pool.close()


async def test_one_city_neither_sees_nor_touches_another(database):
    async with pool_of(database.app_url) as pool:
        for city in (HERE, THERE):
            async with city_transaction(pool, city) as connection:
                await connection.execute(_LOG, log_line(city))
                await connection.execute(_TASK, [city])
                await connection.execute(_PERSON, [city])
        async with city_transaction(pool, HERE) as connection:
            for table in ("log", "task", "person"):
                seen = await (await connection.execute(f"select distinct city from {table}")).fetchall()
                assert seen == [(HERE,)]
            assert (await connection.execute("delete from person where city = %s", [THERE])).rowcount == 0
            assert (await connection.execute("update task set kind = 'x' where city = %s", [THERE])).rowcount == 0
        for statement, values in ((_LOG, log_line(THERE, 2)), (_TASK, [THERE]), (_PERSON, [THERE])):
            with pytest.raises(errors.InsufficientPrivilege):
                async with city_transaction(pool, HERE) as connection:
                    await connection.execute(statement, values)
        with pytest.raises(errors.InsufficientPrivilege):
            async with city_transaction(pool, HERE) as connection:
                await connection.execute("update task set city = %s", [THERE])


async def test_a_reused_connection_forgets_its_city(database):
    async with pool_of(database.app_url, 1) as pool:
        async with city_transaction(pool, HERE) as connection:
            await connection.execute(_PERSON, [HERE])
            first = connection.info.backend_pid
        async with pool.connection() as connection:
            assert connection.info.backend_pid == first
            assert await (await connection.execute("select * from person")).fetchall() == []
        async with city_transaction(pool, THERE) as connection:
            assert connection.info.backend_pid == first
            assert await (await connection.execute("select * from person")).fetchall() == []
        with pytest.raises(RuntimeError, match="stop"):
            async with city_transaction(pool, HERE):
                raise RuntimeError("stop")
        async with pool.connection() as connection:
            assert await (await connection.execute("select * from person")).fetchall() == []


@pytest.mark.parametrize("city", ["", "330101", "330100' or true --", "%"])
async def test_a_missing_or_strange_city_sees_no_row(database, city):
    async with pool_of(database.app_url, 1) as pool:
        async with city_transaction(pool, HERE) as connection:
            await connection.execute(_PERSON, [HERE])
        async with city_transaction(pool, city) as connection:
            assert await (await connection.execute("select * from person")).fetchall() == []


def test_without_a_city_nothing_can_be_written(database):
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        for statement, values in ((_LOG, log_line(HERE)), (_TASK, [HERE]), (_PERSON, [HERE])):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement, values)


def test_every_table_is_closed_and_forced(database):
    with psycopg.connect(database.owner_url) as connection:
        open_tables = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and relname <> 'migration' and not (relrowsecurity and relforcerowsecurity)"
        ).fetchall()
        unled = connection.execute(
            "select t.table_name from information_schema.tables t where t.table_schema = 'public'"
            " and t.table_type = 'BASE TABLE' and t.table_name not in ('migration', 'clock_offset') and not exists"
            " (select 1 from information_schema.columns c where c.table_name = t.table_name"
            "  and c.column_name = 'city' and c.ordinal_position = 1)"
        ).fetchall()
    assert open_tables == []
    assert unled == []


def test_even_the_owner_sees_no_log_without_a_city(database):
    with psycopg.connect(database.app_url, autocommit=True) as connection, connection.transaction():
        connection.execute("select set_config('hejie.city', %s, true)", [HERE])
        connection.execute(_LOG, log_line(HERE))
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("select * from log").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "update log set event = 'x'",
        "delete from log",
        "truncate log",
        "drop table log",
        "alter table log disable row level security",
        "update city_setting set version = 9",
        "delete from city_setting",
        "delete from clock_offset",
        "set role hejie_owner",
        "set row_security = off; select * from log",
        "create table mine (x int)",
    ],
)
def test_the_ordinary_role_changes_neither_log_nor_rules(database, statement):
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute("select set_config('hejie.city', %s, true)", [HERE])
            connection.execute(_LOG, log_line(HERE))
        connection.execute("select set_config('hejie.city', %s, false)", [HERE])
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(sql.SQL(statement))


@pytest.mark.parametrize("who", ["owner_url", "superuser_url"])
async def test_no_stronger_role_may_serve(database, who):
    with pytest.raises(Refused, match="role_too_strong"):
        await open_pool(getattr(database, who), 1)


async def test_a_role_that_bypasses_rows_may_not_serve(database):
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("create role hejie_bypass login password 'b' bypassrls in role hejie_app")
        try:
            url = database.app_url.split("@")[1]
            with pytest.raises(Refused, match="role_too_strong"):
                await open_pool(f"postgresql://hejie_bypass:b@{url}", 1)
        finally:
            connection.execute("drop role hejie_bypass")


async def test_an_empty_database_is_not_served(cluster):
    with pytest.raises(Refused, match="database_not_migrated"):
        await open_pool(cluster.app_url, 1)


async def test_the_cities_are_told_without_their_settings(database):
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for city in (THERE, HERE):
            connection.execute("insert into city values (%s, 1, '城', 'City', %s)", [city, json.dumps({})])
    async with pool_of(database.app_url) as pool, pool.connection() as connection:
        told = await (await connection.execute("select * from cities_here()")).fetchall()
        assert told == [(HERE, "城", "City"), (THERE, "城", "City")]


def test_the_roles_an_administrator_makes_are_ordinary():
    made = [line for line in ROLES.splitlines() if line.startswith("create role")]
    assert len(made) == 2
    assert all("nosuperuser nobypassrls" in line for line in made)
