"""Cities' dated settings: written once, never changed, so a row once read may be kept."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hejie.cities.settings import CitySettings, in_force
from hejie.store.pool import Connection

_KNOWN: dict[tuple[str, int, datetime], CitySettings] = {}


async def settings_at(connection: Connection, city: str, at: datetime) -> CitySettings:
    """The settings in force at an instant; `Missing("settings_not_in_force")` where there are none."""
    cursor = await connection.execute("select version, valid_from from city_setting where city = %s", [city])
    keys = [(city, version, valid_from) for version, valid_from in await cursor.fetchall()]
    if any(key not in _KNOWN for key in keys):
        await _learn(connection, city)
    return in_force([_KNOWN[key] for key in keys], at)


async def _learn(connection: Connection, city: str) -> None:
    cursor = await connection.execute(
        "select version, valid_from, body::text from city_setting where city = %s", [city]
    )
    for version, valid_from, body in await cursor.fetchall():
        _KNOWN[city, version, valid_from] = msgspec.json.decode(body, type=CitySettings)
