"""`hejie city apply FILE`: put in a city's dated settings."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from hejie.app import build, make_keys
from hejie.base.actor import SYSTEM
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import CitySettings
from hejie.desk.cities import CITIES
from hejie.settings import Settings, read_settings

if TYPE_CHECKING:
    import argparse

NAME = "city"
HELP = "put in a city's dated settings from a TOML file, or from the file that ships for its code"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("action", choices=["apply"], help="what to do")
    parser.add_argument("file", help="a TOML file, or a six-digit code whose file ships with the house")


def run(args: argparse.Namespace) -> int:
    """Do it; makes the city's key file where it is missing."""
    ships: bool = args.file.isdigit()
    city = read_city(shipped(args.file) if ships else Path(args.file).read_text(encoding="utf-8"))
    settings = read_settings()
    keys = make_keys(settings.keys, city.code)
    version = asyncio.run(_apply(settings, city, ships=ships))
    print(f"{city.name.zh} {city.name.en} ({city.code}): settings {city.version}, row {version}; keys in {keys}")
    return 0


async def _apply(settings: Settings, city: CitySettings, *, ships: bool) -> int:
    async with build(settings) as app:
        done = await app.desk.act(CITIES, city.code, city.code, ApplySettings(settings=city, ships=ships), SYSTEM)
        return done.version
