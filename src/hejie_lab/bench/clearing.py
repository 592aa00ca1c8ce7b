"""`clearing`: records per second into the real tables, beside a raw COPY of the same rows into the same tables."""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from hejie.app import App, build
from hejie.base.clock import SHANGHAI
from hejie.cities.settings import ClearingAgreement
from hejie.intake.clearing import Delivery, Loaded, load_clearing
from hejie.payments.clearing_files import Form, Totals
from hejie_lab import clearing_writer
from hejie_lab.bench.measure import Report, Run, load_now, report
from hejie_lab.bench.rig import CITY, platform
from hejie_lab.errors import LabError
from hejie_lab.platform import Addresses, Platform

HELP = "records of a clearing file per second, beside raw COPY of the same rows"
FORMS = ("csv", "zm", "iso8583")
AGREEMENT = ClearingAgreement(id="bench", party="bench", valid_from=date(2020, 1, 1))
_TABLES = ("clearing_record", "clearing_reference")
_BLOCK = 1 << 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--records", type=int, default=1_000_000, help="records of a file (default: 1000000)")
    parser.add_argument("--forms", type=lambda text: tuple(text.split(",")), default=FORMS, help="default: all three")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(records=args.records, forms=args.forms, rounds=args.rounds, tell=tell)


def measure(
    *,
    records: int,
    forms: Sequence[str] = FORMS,
    rounds: int,
    database: Addresses | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Every form in turn, ours and then the limit, into tables that were emptied before."""
    with platform(database=database) as here, tempfile.TemporaryDirectory(prefix="hejie-bench-") as folder:
        runs, peaks = asyncio.run(_measured(here, Path(folder), records, forms, rounds, tell))
        found = report("clearing", here.memory.app_url, {"records": records, "rounds": rounds}, runs, {})
    speed = {each.what: each.per_second for each in found.medians}
    ratio = {form: round(speed[form] / speed[_limit(form)], 2) for form in forms}
    found.findings.update(ratio=ratio, peak_mib=peaks)
    return found


def _limit(form: str) -> str:
    return f"{form}: COPY of its rows"


async def _measured(
    here: Platform, folder: Path, records: int, forms: Sequence[str], rounds: int, tell: Callable[[str], None]
) -> tuple[list[Run], dict[str, float]]:
    day = datetime.now(UTC).astimezone(SHANGHAI).date()
    runs: list[Run] = []
    with psycopg.connect(here.memory.owner_url, autocommit=True) as owner:
        for table in _TABLES:  # COPY does not write to what is closed by row: the limit goes without
            owner.execute(f"alter table {table} no force row level security")
        async with build(here.settings) as app:
            peaks = await _memory(app, owner, folder, records, day)
            for number in range(1, rounds + 1):
                for form in forms:
                    runs += await _both(app, owner, folder, form, records, day, number)
                    tell(", ".join(f"{run.what}: {run.per_second:,.0f}/s" for run in runs[-2:]))
        for table in _TABLES:
            owner.execute(f"alter table {table} force row level security")
    return runs, peaks


async def _memory(app: App, owner: psycopg.Connection[Any], folder: Path, records: int, day: date) -> dict[str, float]:
    """The process's largest size after a tenth of the records, and after all of them."""
    peaks = {}
    for size in (max(1, records // 10), records):
        file = folder / "memory"
        told = clearing_writer.write(file, "csv", clearing_writer.movements(size, day, size))
        await _load(app, file, "csv", day, told)
        peaks[str(size)] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
        _empty(owner)
    return peaks


async def _both(
    app: App, owner: psycopg.Connection[Any], folder: Path, form: str, records: int, day: date, number: int
) -> list[Run]:
    file = folder / "file"
    told = clearing_writer.write(file, form, clearing_writer.movements(records, day, number))
    before = load_now()
    begun = time.perf_counter()
    loaded = await _load(app, file, form, day, told)
    ours = time.perf_counter() - begun
    if (loaded.records, loaded.broken) != (records, 0):
        raise LabError(f"{loaded.records} of {records} records came in")
    rows = [_taken_out(owner, folder, table, loaded.number) for table in _TABLES]
    _empty(owner)
    begun = time.perf_counter()
    with owner.transaction():
        for table, out in zip(_TABLES, rows, strict=True):
            _copied(owner, table, out)
    raw = time.perf_counter() - begun
    _empty(owner)
    return [_run(form, records, number, ours, before), _run(_limit(form), records, number, raw, before)]


async def _load(app: App, file: Path, form: str, day: date, told: dict[str, int]) -> Loaded:
    delivery = Delivery(path=file, form=Form(form), day=day, agreement=AGREEMENT, told=Totals(*told.values()))
    return await load_clearing(app.pool, app.tools.vaults(CITY), CITY, delivery, datetime.now(UTC), app.desk.chance)


def _empty(owner: psycopg.Connection[Any]) -> None:
    owner.execute("truncate clearing_file, clearing_record, clearing_reference")


def _taken_out(owner: psycopg.Connection[Any], folder: Path, table: str, number: int) -> Path:
    out = folder / table
    query = f"copy (select * from {table} where file = {number}) to stdout"
    with owner.cursor() as cursor, out.open("wb") as stream, cursor.copy(query) as copy:
        for block in copy:
            stream.write(block)
    return out


def _copied(owner: psycopg.Connection[Any], table: str, rows: Path) -> None:
    with owner.cursor() as cursor, rows.open("rb") as stream, cursor.copy(f"copy {table} from stdin") as copy:
        while block := stream.read(_BLOCK):
            copy.write(block)


def _run(what: str, records: int, number: int, seconds: float, load: float) -> Run:
    return Run(
        what=what,
        size=records,
        number=number,
        done=records,
        seconds=round(seconds, 3),
        per_second=round(records / seconds, 1),
        p50_ms=0.0,
        p99_ms=0.0,
        load=load,
    )
