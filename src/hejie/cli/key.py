"""`hejie key rotate CITY`: a new master key, and every data key wrapped anew."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import msgspec

from hejie.app import build, write_keys
from hejie.base.errors import Refused
from hejie.base.seals import CityKeys, Vault, rotated
from hejie.settings import Settings, read_settings
from hejie.store.pool import city_transaction

if TYPE_CHECKING:
    import argparse

NAME = "key"
HELP = "rotate a city's master key: a new one is made and all data keys are wrapped anew"
BATCH = 1000

_PAGE = """
select subject, wrapped from data_key where city = %s and subject > %s order by subject limit %s for update
"""
_REWRAP = """
update data_key k set wrapped = n.wrapped from unnest(%s::text[], %s::bytea[]) as n (subject, wrapped)
where k.city = %s and k.subject = n.subject
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("action", choices=["rotate"], help="what to do")
    parser.add_argument("city", help="the city's six-digit code")


def run(args: argparse.Namespace) -> int:
    """Do it; running processes must be started again to take up the new key."""
    settings = read_settings()
    file = settings.keys / f"{args.city}.json"
    if not file.is_file():
        raise Refused("city_keys_missing", city=args.city)
    keys = rotated(msgspec.json.decode(file.read_bytes(), type=CityKeys), os.urandom)
    write_keys(file, keys)
    count = asyncio.run(_rewrap(settings, args.city, keys))
    print(f"{count} data keys wrapped by {keys.active}; restart serve and work, then older masters may go")
    return 0


async def _rewrap(settings: Settings, city: str, keys: CityKeys) -> int:
    vault = Vault(city, keys, os.urandom)
    count, last = 0, ""
    async with build(settings) as app:
        while True:
            async with city_transaction(app.pool, city) as connection:
                rows = await (await connection.execute(_PAGE, [city, last, BATCH])).fetchall()
                if not rows:
                    return count
                wrapped = [vault.wrap(vault.unwrap(bytes(old))) for _, old in rows]
                await connection.execute(_REWRAP, [[subject for subject, _ in rows], wrapped, city])
            count, last = count + len(rows), rows[-1][0]
