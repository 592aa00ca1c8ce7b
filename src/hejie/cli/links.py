"""`hejie links find`: unclaimed merchant numbers of the clearing records are held against the registered merchants."""

from __future__ import annotations

import argparse
import asyncio
import json

import msgspec

from hejie.app import build
from hejie.duties.links import Found, find_links
from hejie.settings import read_settings

NAME = "links"
HELP = "link merchant numbers in clearing records to registered merchants; doubtful ones become work items"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`links find --city CITY`."""
    find = parser.add_subparsers(dest="act", required=True).add_parser("find", help="look for links; safe to repeat")
    find.add_argument("--city", required=True, help="six-digit code of the city")
    find.add_argument("--days", type=int, default=90, help="how far back records are looked at (default: 90)")
    find.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Look, and tell what came of it."""
    found = asyncio.run(_find(args.city, args.days))
    told = f"{found.looked_at} unclaimed numbers: {found.linked} linked, {found.asked} for a person to decide"
    print(json.dumps(msgspec.to_builtins(found)) if args.json else told)
    return 0


async def _find(city: str, days: int) -> Found:
    async with build(read_settings()) as app:
        await app.house.city(city)
        return await find_links(app.tools, city, days)
