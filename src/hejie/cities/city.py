"""A city's own row: its settings over time, each put in once and never changed afterwards."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.cities.settings import CitySettings, Words, in_force


class City(Struct, frozen=True, kw_only=True):
    """A city's row: folding its events from nothing gives exactly this."""

    city: str
    version: int
    settings: tuple[CitySettings, ...]
    """Rows of settings in the order they were put in, which is also the order they begin."""
    changed_at: datetime

    @property
    def name(self) -> Words:
        """Its name, as last put in."""
        return self.settings[-1].name

    def at(self, instant: datetime) -> CitySettings:
        """The settings in force at an instant; `Missing("settings_not_in_force")` before the first."""
        return in_force(self.settings, instant)


class ApplySettings(Struct, frozen=True, kw_only=True):
    """Put in a row of settings, as `read_city` has checked it."""

    settings: CitySettings
    ships: bool = False
    """It ships with the house, which cannot know since when this city runs: a row that is new here begins today."""


class SettingsApplied(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """One more row of settings."""

    at: datetime
    settings: CitySettings


def decide(city: City | None, command: ApplySettings, now: datetime) -> list[SettingsApplied]:
    """Events that follow; none if the very same row is in already.

    A city's first row may begin at any time; a later one begins today or after, and not
    before the row it follows, so that no answer given before changes.
    Errors: `Refused("settings_of_another_city" | "settings_version_taken" |
    "settings_version_old" | "settings_begin_too_early")`.
    """
    new = command.settings
    if city is not None:
        if command.ships:
            new = _as_kept_or_from_today(city, new, now)
        if new in city.settings:
            return []
        _check_follows(city, new, now)
    return [SettingsApplied(at=now, settings=new)]


def _as_kept_or_from_today(city: City, new: CitySettings, now: datetime) -> CitySettings:
    kept = next((row for row in city.settings if replace(row, valid_from=new.valid_from) == new), None)
    if kept is not None:
        return kept
    return replace(new, valid_from=max(new.valid_from, _earliest(city, now)))


def _earliest(city: City, now: datetime) -> date:
    return max(city.settings[-1].valid_from, now.astimezone(SHANGHAI).date())


def _check_follows(city: City, new: CitySettings, now: datetime) -> None:
    if new.code != city.city:
        raise Refused("settings_of_another_city", city=new.code)
    if any(new.version == row.version for row in city.settings):
        raise Refused("settings_version_taken", version=new.version)
    last = city.settings[-1]
    if new.version < last.version:
        raise Refused("settings_version_old", version=new.version, last=last.version)
    earliest = _earliest(city, now)
    if new.valid_from < earliest:
        raise Refused("settings_begin_too_early", earliest=earliest.isoformat())


def evolve(city: City | None, event: SettingsApplied) -> City:
    """The row after one more event; `None` stands for nothing yet."""
    if city is None:
        return City(city=event.settings.code, version=1, settings=(event.settings,), changed_at=event.at)
    return replace(city, version=city.version + 1, settings=(*city.settings, event.settings), changed_at=event.at)
