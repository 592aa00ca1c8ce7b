"""`hejie city new | apply | check | move | arrive`: a city's file, keys and settings, what it lacks, its moving."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from hejie.app import build, make_keys
from hejie.base.actor import SYSTEM
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import CitySettings
from hejie.cli import _city_arrive, _city_check, _city_move, _city_new
from hejie.desk.cities import CITIES
from hejie.settings import Settings, read_settings

if TYPE_CHECKING:
    import argparse

NAME = "city"
HELP = (
    "write a new city's file and keys, put in its dated settings, see what it lacks for going live, move it elsewhere"
)
_PARTS = {
    "new": (_city_new, "ask a few questions and write the city's file and keys"),
    "check": (_city_check, "list what it needs from outside, and which parts may go live"),
    "move": (_city_move, "stop it here and write everything of it into one file; or see what ties it to other cities"),
    "arrive": (_city_arrive, "take a city in that has moved here"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    acts = parser.add_subparsers(dest="act", required=True)
    for name, (part, said) in _PARTS.items():
        part.arguments(acts.add_parser(name, help=said))
    apply = acts.add_parser("apply", help="put in a city's dated settings")
    apply.add_argument("file", help="a TOML file, or a six-digit code whose file ships with the house")


def run(args: argparse.Namespace) -> int:
    """Do one of them."""
    return _put_in(args.file) if args.act == "apply" else _PARTS[args.act][0].run(args)


def _put_in(name: str) -> int:
    """Put the settings in; makes the city's key file where it is missing."""
    ships = name.isdigit()
    city = read_city(shipped(name) if ships else Path(name).read_text(encoding="utf-8"))
    settings = read_settings()
    keys = make_keys(settings.keys, city.code)
    version = asyncio.run(_apply(settings, city, ships=ships))
    print(f"{city.name.zh} {city.name.en} ({city.code}): settings {city.version}, row {version}; keys in {keys}")
    return 0


async def _apply(settings: Settings, city: CitySettings, *, ships: bool) -> int:
    async with build(settings) as app:
        done = await app.desk.act(CITIES, city.code, city.code, ApplySettings(settings=city, ships=ships), SYSTEM)
        return done.version
