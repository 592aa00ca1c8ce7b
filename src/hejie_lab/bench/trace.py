"""`trace`: one reference looked up among few and among very many clearing records, beside the bare index probe."""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from hejie.app import App, build
from hejie.base.clock import SHANGHAI
from hejie.intake.clearing import Delivery, load_clearing
from hejie.payments.clearing_files import Form, Totals
from hejie.queries import clearing
from hejie.queries.trace import Reference, trace
from hejie.store.pool import Connection, city_transaction
from hejie_lab import clearing_writer
from hejie_lab.bench.clearing import AGREEMENT
from hejie_lab.bench.measure import Report, Run, load_now, medians, report, run_of
from hejie_lab.bench.rig import CITY, platform
from hejie_lab.platform import Addresses, Platform

HELP = "a reference looked up among 100,000 and 1,000,000 clearing records"
DAYS = 10
PROBE, FIND, TRACE = "bare index probe", "record found", "whole trace"
_BARE = "select day, file, line from clearing_reference where city = %s and hash = %s"
_WARM = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument(
        "--sizes", type=_numbers, default=(100_000, 1_000_000), help="records (default: 100000,1000000)"
    )
    parser.add_argument("--count", type=int, default=2000, help="look-ups of each kind in each round (default: 2000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(sizes=args.sizes, lookups=args.count, rounds=args.rounds, tell=tell)


def measure(
    *,
    sizes: Sequence[int],
    lookups: int,
    rounds: int,
    database: Addresses | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """One database that grows from size to size; at each size the three look-ups in turn."""
    with platform(database=database) as here, tempfile.TemporaryDirectory(prefix="hejie-bench-") as folder:
        runs = asyncio.run(_measured(here, Path(folder), sizes, lookups, rounds, tell))
        settings = {"sizes": list(sizes), "lookups": lookups, "rounds": rounds, "days": DAYS}
        found = report("trace", here.memory.app_url, settings, runs, {})
    p99 = {(run.what, run.size): run.p99_ms for run in medians(runs)}
    beside = {f"{what} at {size}": round(p99[what, size] / p99[PROBE, size], 2) for what, size in p99 if what != PROBE}
    few, many = min(sizes), max(sizes)
    flat = {what: round(p99[what, many] / p99[what, few], 2) for what, size in p99 if size == few}
    found.findings.update(beside_probe=beside, flat=flat)
    return found


async def _measured(
    here: Platform, folder: Path, sizes: Sequence[int], lookups: int, rounds: int, tell: Callable[[str], None]
) -> list[Run]:
    runs: list[Run] = []
    known: list[str] = []
    async with build(here.settings) as app:
        for size in sorted(sizes):
            known += await _fill(app, folder, size - len(known), len(known))
            with psycopg.connect(here.memory.owner_url, autocommit=True) as owner:
                owner.execute("vacuum analyze clearing_record, clearing_reference")
            for number in range(1, rounds + 1):
                runs += await _round(app, known, size, number, lookups)
                tell(", ".join(f"{run.what} among {run.size}: p99 {run.p99_ms} ms" for run in runs[-3:]))
    return runs


async def _fill(app: App, folder: Path, count: int, seed: int) -> list[str]:
    """So many records more, spread over the days; their numbers."""
    today = datetime.now(UTC).astimezone(SHANGHAI).date()
    numbers: list[str] = []
    for back in range(DAYS):
        day = today - timedelta(days=back)
        part = count // DAYS if back else count - (DAYS - 1) * (count // DAYS)
        if part:
            numbers += await _day(app, folder / "day", part, day, seed + back)
    return numbers


async def _day(app: App, file: Path, count: int, day: date, seed: int) -> list[str]:
    made: list[str] = []

    def noted() -> Any:
        for each in clearing_writer.movements(count, day, seed):
            made.append(each.query_id)
            yield each

    told = clearing_writer.write(file, "csv", noted())
    delivery = Delivery(path=file, form=Form.csv, day=day, agreement=AGREEMENT, told=Totals(*told.values()))
    await load_clearing(app.pool, app.tools.vaults(CITY), CITY, delivery, datetime.now(UTC), app.desk.chance)
    return made


async def _round(app: App, known: Sequence[str], size: int, number: int, lookups: int) -> list[Run]:
    vault, chance = app.tools.vaults(CITY), random.Random(number)
    wanted = chance.choices(known, k=lookups + _WARM)

    async def probe(connection: Connection, reference: str) -> None:
        await (await connection.execute(_BARE, [CITY, vault.place("number", reference)])).fetchall()

    async def find(connection: Connection, reference: str) -> None:
        await clearing.find(connection, vault, [("number", reference)])

    async def whole(connection: Connection, reference: str) -> None:
        await trace(connection, vault, CITY, Reference(number=reference))

    found = []
    for what, look in ((PROBE, probe), (FIND, find), (TRACE, whole)):
        before = load_now()
        begun = time.perf_counter()
        latencies = await _timed(app, look, wanted)
        found.append(run_of(what, size, number, time.perf_counter() - begun, latencies, load=before))
    return found


async def _timed(app: App, look: Callable[[Connection, str], Awaitable[None]], wanted: Sequence[str]) -> list[float]:
    """Milliseconds of each look-up, one after the other, on one connection; the first few are not counted."""
    latencies = []
    async with city_transaction(app.pool, CITY) as connection:
        for reference in wanted:
            begun = time.perf_counter()
            await look(connection, reference)
            latencies.append((time.perf_counter() - begun) * 1000)
    return latencies[_WARM:]
