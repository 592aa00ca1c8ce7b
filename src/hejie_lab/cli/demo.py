"""`hejie demo`: the whole platform with one city in it, living a little, until Ctrl-C."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hejie.app import build
from hejie.store import embedded
from hejie_lab.accounts import kept_accounts, make_accounts
from hejie_lab.extras import bring_documents
from hejie_lab.keeper import clear
from hejie_lab.locks import FolderLock
from hejie_lab.platform import Platform
from hejie_lab.promising import promise
from hejie_lab.settling import bring_payments, settle
from hejie_lab.sign import codes, sign
from hejie_lab.town import kept_town
from hejie_lab.traffic import Traffic

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from hejie.app import App
    from hejie.merchants.model import Merchant
    from hejie_lab.town import Town

NAME = "demo"
HELP = "start the platform, the emulated wallet and one city with merchants and payments; Ctrl-C stops all of it"

MEND_SECONDS = 2.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("--var", type=Path, default=Path("var/demo"), help="where its data lies (default: var/demo)")
    parser.add_argument("--port", type=int, default=8000, help="where the look for free ports begins (default: 8000)")
    parser.add_argument("--no-traffic", action="store_true", help="let nothing happen by itself")
    parser.add_argument("--reset", action="store_true", help="forget the demo's data, and stop")
    parser.add_argument("--code", action="store_true", help="print the accounts with their current codes, and stop")


def run(args: argparse.Namespace) -> int:
    """Do it; returns when it is stopped by Ctrl-C or a signal."""
    folder: Path = args.var.resolve()
    if args.reset:
        _forget(folder)
    elif args.code:
        print(codes(kept_accounts(folder)) or "there are no accounts yet: `make demo` makes them")
    else:
        _demonstrate(folder, args.port, traffic=not args.no_traffic)
    return 0


def _forget(folder: Path) -> None:
    """Delete a platform's folder; one that was never a platform's is left alone."""
    if not (folder / "platform.json").exists():
        print(f"nothing to forget at {folder}")
        return
    with FolderLock(folder):
        clear(folder)
        embedded.forget(folder / "pg")
        shutil.rmtree(folder)
    print(f"forgot {folder}")


def _demonstrate(folder: Path, port: int, *, traffic: bool) -> None:
    began = time.monotonic()

    def tell(step: str) -> None:
        print(f"  {time.monotonic() - began:5.1f} s  {step}", flush=True)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    platform = Platform(folder, first_port=port, tell=tell)
    try:
        platform.up()
        tell(f"the first page is up: {platform.url}")
        asyncio.run(_live(platform, tell, traffic=traffic))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\n  stopping", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        platform.down()
    print("  stopped; the data stays", flush=True)


def _interrupt(number: int, frame: object) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt


async def _live(platform: Platform, tell: Callable[[str], None], *, traffic: bool) -> None:
    async with build(platform.settings) as app:
        town, merchants = await _furnish(platform, app, tell)
        mending = asyncio.create_task(_mend(platform, tell))
        bringing = asyncio.create_task(bring_documents(platform.folder / "documents.log", tell))
        try:
            if traffic:
                await Traffic(app, platform, town, merchants, tell).run()
            await mending
        finally:
            for each in (mending, bringing):
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each


async def _furnish(platform: Platform, app: App, tell: Callable[[str], None]) -> tuple[Town, dict[str, Merchant]]:
    """Town and accounts, then the sign over the door."""
    town = kept_town(platform.folder, platform.memory.founded)
    await asyncio.to_thread(bring_payments, platform.sandbox, town, town.purchases)
    tell(f"{len(town.purchases)} payments of {len(town.payers)} people are in the wallet")
    merchants = await settle(app, platform, town.traders, tell)
    accounts = await make_accounts(app, platform.folder, merchants[town.merchant.code])
    paycode = await promise(app, merchants[town.merchant.code])
    print(sign(platform, town, accounts, paycode), flush=True)
    return town, merchants


async def _mend(platform: Platform, tell: Callable[[str], None]) -> None:
    """Start again what dies, so that a demo outlives a clumsy kill."""
    while True:
        await asyncio.sleep(MEND_SECONDS)
        for name in await asyncio.to_thread(platform.mend):
            tell(f"{name} had died and was started again")
