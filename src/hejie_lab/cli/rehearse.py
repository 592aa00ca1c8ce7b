"""`hejie rehearse FILE`: a new city's own file against the sandbox, one dispute from the bill to the refund."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hejie.base.clock import SHANGHAI
from hejie.cities.reading import read_city, shipped
from hejie.store import embedded
from hejie_lab.errors import LabError
from hejie_lab.platform import Platform
from hejie_lab.rehearsal import PAYER, begun, rehearse

if TYPE_CHECKING:
    import argparse

NAME = "rehearse"
HELP = "rehearse a city's own settings against the sandbox: one dispute, from the bill to the refund"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("file", help="the city's TOML file, or the code of one that ships with the house")
    parser.add_argument(
        "--var", type=Path, default=Path("var/rehearsal"), help="a folder for it (default: var/rehearsal)"
    )
    parser.add_argument("--stay", action="store_true", help="leave everything running until Ctrl-C, to look around")


def run(args: argparse.Namespace) -> int:
    """Do it; nothing of it is kept. 0 where the dispute was settled, 2 with the step that did not come."""
    text = shipped(args.file) if args.file.isdigit() else Path(args.file).read_text(encoding="utf-8")
    settings = begun(read_city(text), datetime.now(UTC).astimezone(SHANGHAI).date())
    folder: Path = args.var.resolve()
    if folder.exists():
        raise LabError(f"{folder} is there already; take another --var.")
    started = time.monotonic()

    def tell(step: str) -> None:
        print(f"  {time.monotonic() - started:5.1f} s  {step}", flush=True)

    try:
        with Platform(folder, city=settings.code, own_settings=settings, tell=tell) as platform:
            asyncio.run(rehearse(platform, settings, tell))
            if args.stay:
                print(f"  {platform.sandbox.url}/wallet/{PAYER}\n  {platform.url}\n  Ctrl-C", flush=True)
                signal.pause()
    except KeyboardInterrupt:
        print("\n  stopped", flush=True)
    finally:
        embedded.forget(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)
    return 0
