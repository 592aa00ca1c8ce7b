"""The sequencer numbers every committed line once and skips none, whoever else works or is killed meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256

import psycopg
import pytest

from hejie.base.merkle import leaf_hash, verify_consistency, verify_inclusion
from hejie.queries.log_tree import consistency, inclusion, root_at, tree_size
from hejie.store.log_numbers import number_all
from hejie.store.pool import city_transaction, open_pool
from hejie.transparency.entries import Step, entry_of, entry_salt, instant
from hejie.transparency.tiles import appended

CITY, OTHER = "330100", "510100"
AT = datetime(2026, 12, 1, 8, tzinfo=UTC)
LINE = (
    "insert into log select %s, 'dispute', %s, n, %s, 'consumer', 'P1', 'Said', '{}',"
    " substr(sha256(('salt' || n)::bytea), 1, 16), sha256(('digest' || n)::bytea) from generate_series(%s::int, %s) n"
)
NUMBERING = """
import asyncio, sys
from hejie.store.log_numbers import number_all
from hejie.store.pool import open_pool

async def main():
    pool = await open_pool(sys.argv[1], 2)
    print("up", flush=True)
    while True:
        await number_all(pool, sys.argv[2], 7)

asyncio.run(main())
"""


@pytest.fixture
async def pool(app_url):
    opened = await open_pool(app_url, 6)
    yield opened
    await opened.close()


async def write(pool, identifier, first, last, city=CITY):
    async with city_transaction(pool, city) as connection:
        await connection.execute(LINE, [city, identifier, AT, first, last])


async def numbered(pool, city=CITY):
    query = "select number, id, version, entry from log_number where city = %s order by number"
    async with city_transaction(pool, city) as connection:
        return await (await connection.execute(query, [city])).fetchall()


async def waiting(pool, city=CITY):
    async with city_transaction(pool, city) as connection:
        return (await (await connection.execute("select count(*) from log_waiting")).fetchone())[0]


def entry(identifier, version):
    salt, digest = sha256(f"salt{version}".encode()).digest()[:16], sha256(f"digest{version}".encode()).hexdigest()
    step = Step(city=CITY, noun="dispute", id=identifier, version=version, at=instant(AT), by="consumer", event="Said",
                digest=digest)  # fmt: skip
    return entry_of(step, entry_salt(salt))


@pytest.mark.postgres(18, 15)
async def test_lines_get_numbers_in_their_order_and_the_tree_is_of_their_entries(pool):
    await write(pool, "A", 1, 300)
    assert await number_all(pool, CITY, 100) == 300
    await write(pool, "A", 301, 302)
    await write(pool, "B", 1, 1)
    assert await number_all(pool, CITY) == 3
    assert await number_all(pool, CITY) == 0
    rows = await numbered(pool)
    assert [(number, identifier, version) for number, identifier, version, _ in rows] == [
        *((n - 1, "A", n) for n in range(1, 303)),
        (302, "B", 1),
    ]
    assert [bytes(each) for *_, each in rows] == [entry(name, version) for _, name, version, _ in rows]
    leaves = [leaf_hash(bytes(each)) for *_, each in rows]
    async with city_transaction(pool, CITY) as connection:
        kept = await (await connection.execute("select level, tile, hashes from log_tile")).fetchall()
        assert {(level, tile): bytes(raw) for level, tile, raw in kept} == appended(0, {}, leaves)
        size, old = await tree_size(connection, CITY), 257
        roots = [await root_at(connection, CITY, each) for each in (old, size)]
        assert verify_consistency(old, size, *roots, await consistency(connection, CITY, old, size))
        indexes = [0, 255, 256, 302]
        for index, path in zip(indexes, await inclusion(connection, CITY, indexes, size), strict=True):
            assert verify_inclusion(index, size, leaves[index], path, roots[1])


async def test_what_is_not_committed_waits_and_is_not_skipped(pool):
    async with city_transaction(pool, CITY) as slow:
        await slow.execute(LINE, [CITY, "SLOW", AT, 1, 2])
        await write(pool, "QUICK", 1, 2)
        assert await number_all(pool, CITY) == 2
    assert await number_all(pool, CITY) == 2
    assert [row[1] for row in await numbered(pool)] == ["QUICK", "QUICK", "SLOW", "SLOW"]
    async with city_transaction(pool, CITY) as undone, undone.transaction(force_rollback=True):
        await undone.execute(LINE, [CITY, "GONE", AT, 1, 2])
    assert await number_all(pool, CITY) == 0


async def test_cities_have_logs_of_their_own(pool):
    await write(pool, "A", 1, 3)
    await write(pool, "A", 1, 5, OTHER)
    assert await number_all(pool, OTHER) == 5
    assert (await waiting(pool), await waiting(pool, OTHER)) == (3, 0)
    assert (await numbered(pool), len(await numbered(pool, OTHER))) == ([], 5)


async def test_several_sequencers_at_once(pool):
    async def writing(name):
        for version in range(1, 21):
            await write(pool, name, version, version)

    async def numbering():
        for _ in range(25):
            await number_all(pool, CITY, 3)

    await asyncio.gather(writing("A"), writing("B"), numbering(), numbering())
    await number_all(pool, CITY)
    rows = await numbered(pool)
    assert [row[0] for row in rows] == list(range(40))
    for name in "AB":
        assert [version for _, each, version, _ in rows if each == name] == list(range(1, 21))


async def test_whoever_is_told_that_all_is_numbered_can_rely_on_it(pool):
    await write(pool, "A", 1, 300)
    several = [asyncio.create_task(number_all(pool, CITY, 3)) for _ in range(3)]
    await asyncio.wait(several, return_when=asyncio.FIRST_COMPLETED)
    assert await waiting(pool) == 0
    assert sum(await asyncio.gather(*several)) == 300


async def test_nothing_of_a_number_can_be_taken_back(app_url, pool):
    await write(pool, "A", 1, 1)
    await number_all(pool, CITY)
    with psycopg.connect(app_url, autocommit=True) as app:
        app.execute("select set_config('hejie.city', %s, false)", [CITY])
        for table in ("log_number", "log_checkpoint", "log_witnessed", "log_split"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(f"delete from {table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("update log_number set number = 7")


async def test_a_sequencer_killed_at_random_loses_and_doubles_nothing(app_url, pool):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for turn in range(3):
        words = [sys.executable, "-c", NUMBERING, app_url, CITY]
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE) as child:  # noqa: ASYNC220  it is ended below
            try:
                assert child.stdout.readline() == b"up\n"
                for part in range(10):
                    await write(pool, f"T{turn}", part * 20 + 1, part * 20 + 20)
                await asyncio.sleep(0.01 * turn)
            finally:
                child.send_signal(signal.SIGKILL)
    await number_all(pool, CITY)
    rows = await numbered(pool)
    assert [row[0] for row in rows] == list(range(600))
    async with city_transaction(pool, CITY) as connection:
        kept = await (await connection.execute("select level, tile, hashes from log_tile")).fetchall()
    told = {(level, tile): bytes(raw) for level, tile, raw in kept}
    assert told == appended(0, {}, [leaf_hash(bytes(row[3])) for row in rows])
