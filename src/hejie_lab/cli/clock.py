"""`hejie clock`: look at the demo's clock, move it on, or take it back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from hejie.base.clock import SHANGHAI
from hejie.store import embedded
from hejie_lab.errors import LabError
from hejie_lab.locks import FolderLock
from hejie_lab.memory import Memory, recall
from hejie_lab.platform import advance
from hejie_lab.wallet import SandboxDoor
from hejie_sandbox.ledger import Ledger

if TYPE_CHECKING:
    import argparse

NAME = "clock"
HELP = "show the demo's clock, move it on with the sandbox's, or take both back to the system's time"

_SPAN = re.compile(r"(?:([0-9]{1,4})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("action", choices=["show", "advance", "reset"], help="what to do")
    parser.add_argument("span", nargs="?", default="", help="how far to advance: 96h, 7d, 1d12h, 30m")
    parser.add_argument("--var", type=Path, default=Path("var/demo"), help="the platform's folder (default: var/demo)")


def run(args: argparse.Namespace) -> int:
    """Do it; prints the platform's time afterwards."""
    memory = recall(args.var.resolve())
    if args.action == "reset":
        _reset(args.var.resolve(), memory)
        print("the clock shows the system's time again")
        return 0
    sandbox = SandboxDoor(f"http://127.0.0.1:{memory.ports['sandbox']}")
    if not sandbox.answers():
        raise LabError(f"The platform at {args.var} is not running; `make demo` starts it.")
    if args.action == "advance":
        advance(memory, sandbox, span(args.span).total_seconds())
    print(_shown(memory, sandbox))
    return 0


def span(text: str) -> timedelta:
    """A length of time such as `96h` or `1d12h`; `LabError` for anything else."""
    match = _SPAN.fullmatch(text)
    if not text or match is None:
        raise LabError(f"{text!r} is no length of time; write it like 96h, 7d, 1d12h or 30m.")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _shown(memory: Memory, sandbox: SandboxDoor) -> str:
    with psycopg.connect(memory.app_url) as connection:
        row = connection.execute("select seconds from clock_offset").fetchone()
    ahead = timedelta(seconds=row[0] if row else 0)
    now = (datetime.now(UTC) + ahead).astimezone(SHANGHAI)
    return f"{now:%Y-%m-%d %H:%M:%S} Shanghai, {ahead} ahead; the wallet's {sandbox.get('clock')['beijing']}"


def _reset(folder: Path, memory: Memory) -> None:
    """Only where nothing runs: a clock that goes back under a living platform would confuse it."""
    with FolderLock(folder):
        ledger = Ledger(folder / "sandbox")
        with ledger.transaction():
            ledger.set_meta("clock_offset", "0")
        ledger.close()
        with embedded.running(folder / "pg") as cluster, psycopg.connect(cluster.app_url) as connection:
            memory.app_url = cluster.app_url
            connection.execute("update clock_offset set seconds = 0")
