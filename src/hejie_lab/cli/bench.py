"""`hejie bench NAME`: how fast it is here, beside what the database and its driver could do at most."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace

import msgspec

from hejie_lab.bench import (
    clearing,
    deadlines,
    file,
    handover,
    identity,
    lists,
    log,
    notify,
    officer,
    queue,
    settle,
    trace,
)
from hejie_lab.bench.measure import Report, Run

NAME = "bench"
HELP = "measure filing, settling, lists, figures, queue, messages, files, traces, links, limits of law, logs, hand-over"

STOPPED = 143
_TOLD = {"python": "Python", "postgresql": "PostgreSQL", "splink": "Splink", "duckdb": "DuckDB"}
_BENCHES = {
    "file": file,
    "settle": settle,
    "list": lists,
    "officer": officer,
    "queue": queue,
    "notify": notify,
    "clearing": clearing,
    "trace": trace,
    "identity": identity,
    "deadlines": deadlines,
    "log": log,
    "handover": handover,
}
_HEAD = ("", "size", "done", "per second", "p50 ms", "p99 ms", "load", "processor ms each")


def arguments(parser: ArgumentParser) -> None:
    """`bench NAME [--json]`, and each benchmark's own words."""
    names = parser.add_subparsers(dest="bench", metavar="NAME", required=True)
    for name, bench in _BENCHES.items():
        own = names.add_parser(name, help=bench.HELP, description=bench.HELP)
        own.add_argument("--json", action="store_true", help="print the whole report as JSON")
        bench.arguments(own)


def run(args: Namespace) -> int:
    """Measure and print; progress goes to the standard error. Stopped half-way, it leaves nothing behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    report = _BENCHES[args.bench].run(args, lambda line: print(line, file=sys.stderr, flush=True))
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(report), indent=1).decode())
    else:
        print(as_table(report))
    return 0


def as_table(report: Report) -> str:
    """Medians first, then every run, then what follows from them."""
    machine, versions = report.machine, report.versions
    lines = [
        f"{report.bench}: commit {report.commit or 'unknown'}, {report.at:%Y-%m-%d %H:%M} UTC",
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, {machine['system']}",
        machine["shared"],
        ", ".join(f"{told} {versions[name]}" for name, told in _TOLD.items() if name in versions),
        ", ".join(f"{name} {value}" for name, value in report.settings.items()),
        "",
        *_rows("medians", report.medians),
        "",
        *_rows("every run", report.runs),
        "",
        *(f"{name}: {told}" for name, told in report.findings.items() if name not in {"plans", "statements"}),
    ]
    return "\n".join(lines)


def _rows(title: str, runs: tuple[Run, ...]) -> list[str]:
    table = [(title, *_HEAD[1:]), *(_cells(run) for run in runs)]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _cells(run: Run) -> tuple[str, ...]:
    cpu = ", ".join(f"{name} {each:.2f}" for name, each in run.cpu_ms.items())
    figures = (run.size, run.done, run.per_second, run.p50_ms, run.p99_ms, run.load)
    return (run.what, *(f"{figure:,}" for figure in figures), cpu)
