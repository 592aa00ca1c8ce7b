"""Cities' dated settings: written once, never changed, so a row once read may be kept."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct
from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from hejie.cities.settings import CitySettings, in_force
from hejie.store.pool import Connection

Key = tuple[bytes, bytes, bytes, str, int, datetime]
"""Which database (host, port, name), whose row, since when."""
_KNOWN: dict[Key, CitySettings] = {}


class SettingsAsked(Struct, frozen=True):
    """A question to a city's settings that was sent; its answer is waited for when it is needed."""

    connection: Connection
    city: str
    cursor: AsyncCursor[TupleRow]

    async def at(self, instant: datetime) -> CitySettings:
        """The settings in force at an instant; `Missing("settings_not_in_force")` where there are none."""
        return in_force(await self.rows(), instant)

    async def rows(self) -> list[CitySettings]:
        """Every row, those to come too."""
        keys = [_key(self.connection, self.city, *row) for row in await self.cursor.fetchall()]
        if any(key not in _KNOWN for key in keys):
            await _learn(self.connection, self.city)
        return [_KNOWN[key] for key in keys]


async def ask_settings(connection: Connection, city: str) -> SettingsAsked:
    """Ask which settings there are; in a pipeline without waiting for the answer."""
    cursor = await connection.execute("select version, valid_from from city_setting where city = %s", [city])
    return SettingsAsked(connection, city, cursor)


async def settings_at(connection: Connection, city: str, at: datetime) -> CitySettings:
    """The settings in force at an instant; `Missing("settings_not_in_force")` where there are none."""
    return await (await ask_settings(connection, city)).at(at)


async def all_settings(connection: Connection, city: str) -> list[CitySettings]:
    """Every row of a city's settings, those to come too."""
    return await (await ask_settings(connection, city)).rows()


async def _learn(connection: Connection, city: str) -> None:
    cursor = await connection.execute(
        "select version, valid_from, body::text from city_setting where city = %s", [city]
    )
    for version, valid_from, body in await cursor.fetchall():
        key = _key(connection, city, version, valid_from)
        _KNOWN[key] = msgspec.json.decode(body, type=CitySettings)


def _key(connection: Connection, city: str, version: int, valid_from: datetime) -> Key:
    database = connection.pgconn
    return database.host, database.port, database.db, city, version, valid_from
