"""`hejie work`: the background work of every city; run as many as you like."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from hejie.app import build, log_to_lines
from hejie.settings import Settings, read_settings

if TYPE_CHECKING:
    import argparse

NAME = "work"
HELP = "do the background work (messages, refunds, clocks); several may run at once"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Work until told to stop; what is under way is finished first."""
    del args
    settings = read_settings()
    log_to_lines(settings.log_level)
    asyncio.run(_work(settings))
    return 0


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with build(settings) as app:
        print("hejie work: ready", flush=True)
        await app.worker().run(stop)
