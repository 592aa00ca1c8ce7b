"""`hejie units`: the register of promise units that member cities share."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from hejie.agenda import Task
from hejie.app import build
from hejie.settings import read_settings
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks

NAME = "units"
HELP = "promise units: tell the member cities of all of ours that they have not heard of as they stand"


def arguments(parser: ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("act", choices=("tell",), help="have the units told; the worker does it")
    parser.add_argument("--city", required=True, help="six-digit code of the city")


def run(args: Namespace) -> int:
    """Ask the worker for it."""
    asyncio.run(_tell(args.city))
    print(f"The units of {args.city} are told by the worker.")
    return 0


async def _tell(city: str) -> None:
    async with build(read_settings()) as app:
        await app.house.city(city)
        async with city_transaction(app.pool, city) as connection:
            task = Task(kind="tell_units", noun="city", subject=city)
            await write_tasks(connection, city, app.clock.now(), [task])
