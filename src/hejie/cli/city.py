"""`hejie city new | apply | check`: a new city's file and keys, its dated settings, what it lacks for going live."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from hejie.app import build, make_keys
from hejie.base.actor import SYSTEM
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import CitySettings
from hejie.cli import _city_check, _city_new
from hejie.desk.cities import CITIES
from hejie.settings import Settings, read_settings

if TYPE_CHECKING:
    import argparse

NAME = "city"
HELP = "write a new city's file and keys, put in a city's dated settings, see what it lacks for going live"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    acts = parser.add_subparsers(dest="act", required=True)
    _city_new.arguments(acts.add_parser("new", help="ask a few questions and write the city's file and keys"))
    _city_check.arguments(acts.add_parser("check", help="list what it needs from outside, and which parts may go live"))
    apply = acts.add_parser("apply", help="put in a city's dated settings")
    apply.add_argument("file", help="a TOML file, or a six-digit code whose file ships with the house")


def run(args: argparse.Namespace) -> int:
    """Do one of them."""
    if args.act == "new":
        return _city_new.run(args)
    if args.act == "check":
        return _city_check.run(args)
    return _put_in(args.file)


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
