"""`log`: lines numbered, checkpoints signed and entries proved per second among a million, beside their limits."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.app import App, build
from hejie.base.merkle import inclusion_ranges, leaf_hash, verify_inclusion
from hejie.queries.log_tree import inclusion, root_at, tree_size
from hejie.store.log_checkpoints import keep_signed
from hejie.store.log_numbers import number_all, read_tiles
from hejie.store.pool import city_transaction
from hejie.transparency.checkpoints import Checkpoint, sign
from hejie.transparency.keys import Signer
from hejie.transparency.tiles import tiles_for
from hejie_lab.bench.measure import Report, Run, load_now, medians, report, run_of
from hejie_lab.bench.rig import CITY, platform
from hejie_lab.errors import LabError
from hejie_lab.platform import Addresses, Platform

HELP = "lines numbered, checkpoints signed, entries proved per second in a log of 1,000,000"
APPEND, CHECKPOINT, PROOF = "lines numbered", "checkpoints", "proofs"
LIMITS = {
    APPEND: "the same rows inserted bare",
    CHECKPOINT: "a row inserted and committed bare",
    PROOF: "the same tiles read bare",
}
_AT = datetime(2026, 12, 1, tzinfo=UTC)
_NAME = "bench.example/log"
_FILL = """
insert into log
select %s, 'bench', %s, n, %s, 'system', 'bench', 'Said', '{}', substr(sha256((n || 'salt')::text::bytea), 1, 16),
       sha256(n::text::bytea)
from generate_series(1, %s::int) n
"""
_BARE = "insert into bare select * from log_number where city = %s and number >= %s"
_ONE = "insert into bare values (%s, %s, 'x', 'x', %s, %s)"
_APART = 1_000_000_000
"""Rows beside the log begin here."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries to begin with (default: 1000000)")
    parser.add_argument("--count", type=int, default=20_000, help="lines numbered in each round (default: 20000)")
    parser.add_argument("--each", type=int, default=500, help="checkpoints and proofs in each round (default: 500)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(entries=args.entries, lines=args.count, each=args.each, rounds=args.rounds, tell=tell)


def measure(
    *,
    entries: int,
    lines: int,
    each: int,
    rounds: int,
    database: Addresses | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """A log that is filled once; then each of the three in turn with its limit, over one connection."""
    with platform(database=database) as here:
        runs = asyncio.run(_measured(here, entries, lines, each, rounds, tell))
        settings = {"entries": entries, "lines": lines, "each": each, "rounds": rounds}
        speed = {found.what: found.per_second for found in medians(runs)}
        ratio = {what: round(speed[what] / speed[limit], 3) for what, limit in LIMITS.items()}
        return report("log", here.memory.app_url, settings, runs, {"ratio": ratio})


async def _measured(
    here: Platform, entries: int, lines: int, each: int, rounds: int, tell: Callable[[str], None]
) -> list[Run]:
    with psycopg.connect(here.memory.owner_url, autocommit=True) as owner:
        owner.execute("create table bare (like log_number including all)")
        async with build(here.settings) as app:
            bench = _Bench(app, owner)
            await bench.fill(entries)
            tell(f"{entries} entries are in")
            runs: list[Run] = []
            for number in range(1, rounds + 1):
                runs += await bench.round(number, lines, each)
                tell(", ".join(f"{run.what}: {run.per_second:,.0f}/s" for run in runs[-6:]))
        owner.execute("drop table bare")
    return runs


class _Bench:
    """A log in a database."""

    def __init__(self, app: App, owner: psycopg.Connection[Any]) -> None:
        self._app, self._owner, self._names = app, owner, 0
        self._signer = Signer(_NAME, Ed25519PrivateKey.generate())

    async def fill(self, entries: int) -> None:
        """So many lines, numbered."""
        await self._write(entries)
        await number_all(self._app.pool, CITY)

    async def round(self, number: int, lines: int, each: int) -> list[Run]:
        """The three and their limits."""
        size = await self._size()
        await self._write(lines)
        numbered = await self._timed(APPEND, number, size, lines, self._number)
        rows = await self._timed(LIMITS[APPEND], number, size, lines, lambda: self._rows(size))
        chance = random.Random(number)
        found, size = [numbered, rows], size + lines
        found.append(await self._many(CHECKPOINT, number, size, range(each), self._checkpoint))
        found.append(await self._many(LIMITS[CHECKPOINT], number, size, range(each), self._row))
        size = await self._size()
        indexes = chance.choices(range(size), k=each)
        found.append(await self._many(PROOF, number, size, indexes, self._prove))
        found.append(await self._many(LIMITS[PROOF], number, size, indexes, self._read))
        return found

    async def _write(self, count: int) -> None:
        self._names += 1
        async with city_transaction(self._app.pool, CITY) as connection:
            await connection.execute(_FILL, [CITY, f"bench{self._names}", _AT, count])

    async def _size(self) -> int:
        async with city_transaction(self._app.pool, CITY) as connection:
            return await tree_size(connection, CITY)

    async def _number(self) -> None:
        await number_all(self._app.pool, CITY)

    async def _rows(self, first: int) -> None:
        self._owner.execute("select set_config('hejie.city', %s, false)", [CITY])
        self._owner.execute(_BARE, [CITY, first])

    async def _checkpoint(self, _: int) -> None:
        await self._write(1)
        await self._number()
        async with city_transaction(self._app.pool, CITY) as connection:
            size = await tree_size(connection, CITY)
            told = Checkpoint(origin=_NAME, size=size, root=await root_at(connection, CITY, size))
            await keep_signed(connection, CITY, sign(told, self._signer), _AT)

    async def _row(self, _: int) -> None:
        self._names += 1
        self._owner.execute(_ONE, [CITY, _APART + self._names, self._names, bytes(32)])

    async def _prove(self, index: int) -> None:
        async with city_transaction(self._app.pool, CITY) as connection:
            size = await tree_size(connection, CITY)
            await inclusion(connection, CITY, [index], size)

    async def _read(self, index: int) -> None:
        async with city_transaction(self._app.pool, CITY) as connection:
            size = await tree_size(connection, CITY)
            await read_tiles(connection, CITY, tiles_for(inclusion_ranges(index, size)))

    async def check(self, index: int) -> None:
        """One proof, held against the root."""
        async with city_transaction(self._app.pool, CITY) as connection:
            size = await tree_size(connection, CITY)
            (path,) = await inclusion(connection, CITY, [index], size)
            query = "select entry from log_number where city = %s and number = %s"
            row: Any = await (await connection.execute(query, [CITY, index])).fetchone()
            if not verify_inclusion(index, size, leaf_hash(row[0]), path, await root_at(connection, CITY, size)):
                raise LabError(f"entry {index} is not proved")

    async def _timed(self, what: str, number: int, size: int, done: int, act: Callable[[], Awaitable[None]]) -> Run:
        before, begun = load_now(), time.perf_counter()
        await act()
        seconds = time.perf_counter() - begun
        return Run(
            what=what,
            size=size,
            number=number,
            done=done,
            seconds=round(seconds, 3),
            per_second=round(done / seconds, 1),
            p50_ms=0.0,
            p99_ms=0.0,
            load=before,
        )

    async def _many(self, what: str, number: int, size: int, given: Any, act: Callable[[int], Awaitable[None]]) -> Run:
        before, begun, latencies = load_now(), time.perf_counter(), list[float]()
        for each in given:
            at = time.perf_counter()
            await act(each)
            latencies.append((time.perf_counter() - at) * 1000)
        done = run_of(what, size, number, time.perf_counter() - begun, latencies, load=before)
        if what == PROOF:
            for index in given[:20]:
                await self.check(index)
        return done
