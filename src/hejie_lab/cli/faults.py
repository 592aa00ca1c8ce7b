"""`hejie faults`: kill everything at random while disputes run, then ask whether anything was lost."""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hejie.store import embedded
from hejie_lab.faults.run import run as run_faults

if TYPE_CHECKING:
    import argparse

NAME = "faults"
HELP = "run disputes while processes are killed and every fault of the wallet is on, then check that nothing is lost"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("--disputes", type=int, default=200, help="how many disputes (default: 200)")
    parser.add_argument("--kills", type=int, default=30, help="how many processes to kill (default: 30)")
    parser.add_argument("--seed", type=int, help="the plan of disputes and kills (default: a fresh one)")
    parser.add_argument("--folder", type=Path, help="keep the platform's folder there, with all its logs")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """One run; 0 where nothing is wrong, 1 otherwise."""
    seed = secrets.randbelow(10**6) if args.seed is None else args.seed
    with tempfile.TemporaryDirectory(prefix="hejie-faults-") as own:
        folder = args.folder or Path(own) / "platform"
        try:
            report = run_faults(
                folder,
                disputes=args.disputes,
                kills=args.kills,
                seed=seed,
                tell=lambda word: print(word, file=sys.stderr),
            )
        finally:
            if args.folder is None:
                embedded.forget(folder / "pg")
    print(msgspec.json.format(msgspec.json.encode(report)).decode() if args.json else report.words())
    return 0 if report.good else 1
