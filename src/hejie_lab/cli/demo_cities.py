"""`hejie demo-cities`: six installations of six cities on one machine, which hand disputes to each other."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from hejie_lab.accounts import kept_accounts
from hejie_lab.alliance.cities import SIX, Cities, advance, forget, name_of
from hejie_lab.alliance.sign import sign
from hejie_lab.alliance.stories import Stories
from hejie_lab.cli.clock import span
from hejie_lab.errors import LabError
from hejie_lab.memory import recall
from hejie_lab.sign import codes
from hejie_lab.wallet import SandboxDoor

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

NAME = "demo-cities"
HELP = "start six cities, each an installation of its own, with one wallet and one directory; Ctrl-C stops all of it"

MEND_SECONDS = 2.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument(
        "--var", type=Path, default=Path("var/cities"), help="where their data lies (default: var/cities)"
    )
    parser.add_argument("--port", type=int, default=8100, help="where the look for free ports begins (default: 8100)")
    parser.add_argument("--cities", nargs="+", choices=SIX, default=list(SIX), help="fewer cities; the first two stay")
    parser.add_argument("--reset", action="store_true", help="forget the data, and stop")
    parser.add_argument("--code", action="store_true", help="print the accounts with their current codes, and stop")
    parser.add_argument("--advance", metavar="SPAN", help="move all clocks on (96h, 7d, 1d12h), and stop")


def run(args: argparse.Namespace) -> int:
    """Do it; returns when it is stopped by Ctrl-C or a signal."""
    folder: Path = args.var.resolve()
    if args.reset:
        print(f"forgot {folder}" if forget(folder) else f"nothing to forget at {folder}")
    elif args.code:
        for code in _kept(folder):
            print(f"{name_of(code)}\n{codes(kept_accounts(folder / code))}")
    elif args.advance:
        _advance(folder, span(args.advance).total_seconds())
    else:
        first = [code for code in SIX[:2] if code not in args.cities]
        _demonstrate(folder, [*first, *args.cities], args.port)
    return 0


def _kept(folder: Path) -> tuple[str, ...]:
    if not (folder / "cities.json").exists():
        raise LabError(f"There are no cities at {folder}; `make demo-cities` starts them.")
    return msgspec.json.decode((folder / "cities.json").read_bytes(), type=tuple[str, ...])


def _advance(folder: Path, seconds: float) -> None:
    kept = _kept(folder)
    memories = [recall(folder / code) for code in kept]
    box = SandboxDoor(f"http://127.0.0.1:{memories[0].ports['sandbox']}")
    if not box.answers():
        raise LabError(f"The cities at {folder} are not running; `make demo-cities` starts them.")
    advance([each.app_url for each in memories], box, seconds)
    print(f"{len(kept)} cities and the wallet are {seconds:.0f} seconds further: {box.get('clock')['beijing']}")
    box.close()


def _demonstrate(folder: Path, wanted: list[str], port: int) -> None:
    began = time.monotonic()

    def tell(step: str) -> None:
        print(f"  {time.monotonic() - began:5.1f} s  {step}", flush=True)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    cities = Cities(folder, [code for code in SIX if code in wanted], first_port=port, tell=tell)
    try:
        cities.up()
        asyncio.run(_live(cities, tell))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\n  stopping", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        cities.down()
    print("  stopped; the data stays", flush=True)


def _interrupt(number: int, frame: object) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt


async def _live(cities: Cities, tell: Callable[[str], None]) -> None:
    """Shops, accounts and stories, the sign; then mend what dies."""
    async with cities.apps() as apps:
        stories = Stories(cities, apps, tell)
        await stories.furnish()
        print(sign(stories), flush=True)
    while True:
        await asyncio.sleep(MEND_SECONDS)
        for name in await asyncio.to_thread(cities.mend):
            tell(f"{name} had died and was started again")
