"""`hejie simulate`: six cities by thousands of seeds, each with its own faults; then whether anything was lost."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hejie_lab.simulate import many, report

if TYPE_CHECKING:
    import argparse

NAME = "simulate"
HELP = "run six cities' code by seeds, with lost messages, closed roads and crashes, and check that nothing is lost"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("--seeds", type=many.seeds_in, default=range(1, 51), help="first-last, or one (default: 1-50)")
    parser.add_argument("--days", type=float, default=many.DAYS, help=f"of storm for each (default: {many.DAYS:g})")
    parser.add_argument("--out", type=Path, help="keep outcomes there, a line each; seeds done there are not run again")
    parser.add_argument("--jobs", type=int, default=1, help="so many processes at once (default: 1)")
    parser.add_argument("--trace", action="store_true", help="print the trace's end of every seed that fails")
    parser.add_argument("--report", action="store_true", help="run nothing; print the figures of what --out holds")


def run(args: argparse.Namespace) -> int:
    """All seeds; 0 where nothing is wrong, 1 otherwise, also where there is nothing to report."""
    if args.report:
        told = report.figures(many.kept_of(args.out, args.seeds, args.days))
        print(report.page(told))
        return 0 if told.good else 1
    with tempfile.TemporaryDirectory(prefix="hejie-simulate-", dir=many.shelf()) as own:
        folder = Path(own)
        folder.chmod(0o711)  # the account that runs the server for root must walk through
        found = many.run(
            folder, args.seeds, args.days, args.out, args.jobs, lambda word: print(word, file=sys.stderr, flush=True)
        )
    for outcome in found:
        for wrong in outcome.wrong:
            print(f"seed {outcome.seed}, step {outcome.steps}: {wrong}", file=sys.stderr)
        if args.trace:
            print("\n".join(outcome.lines))
    told = report.figures(found)
    print(report.words(told))
    return 0 if told.good else 1
