"""The desk's book of cities: each row of settings is put in once and never changed."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.cities.city import ApplySettings, City, SettingsApplied, decide, evolve
from hejie.desk.book import Situation

_LOAD = "select body::text from city where city = %s for update"
_SAVE = """
insert into city (city, version, name_zh, name_en, body) values (%s, %s, %s, %s, %s::jsonb)
on conflict (city) do update set
  version = excluded.version, name_zh = excluded.name_zh, name_en = excluded.name_en, body = excluded.body
"""
_SETTING = """
insert into city_setting (city, version, valid_from, body) values (%s, %s, %s, %s::jsonb)
on conflict (city, version) do nothing
"""


class CityBook:
    """Cities: rows and rules; its identifier is the city's code."""

    noun = "city"

    async def load(self, at: Situation) -> City | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=City)

    async def decide(self, at: Situation, row: City | None, command: ApplySettings) -> list[SettingsApplied]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command)
        return decide(row, command, at.now)

    def evolve(self, row: City | None, event: SettingsApplied) -> City:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: City) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: City, before: City | None) -> None:
        """Row and its newest settings."""
        del before
        newest = row.settings[-1]
        body = msgspec.json.encode(row).decode()
        await at.writes.execute(_SAVE, [row.city, row.version, row.name.zh, row.name.en, body])
        setting = msgspec.json.encode(newest).decode()
        await at.writes.execute(_SETTING, [row.city, newest.version, newest.begins, setting])

    def tasks(self, row: City, event: SettingsApplied) -> list[agenda.Task]:
        """What the event brings."""
        del event
        return agenda.for_city(row)


CITIES = CityBook()
