"""A city's districts as a choice on a form."""

from __future__ import annotations

from hejie.cities import divisions
from hejie.cities.settings import CitySettings


def district_choices(language: str, city: str, settings: CitySettings) -> list[tuple[str, str]]:
    """The city's districts as (code, name), in the order of their codes."""
    english = {agency.code: agency.division for agency in settings.agencies}
    return [
        (code, divisions.name(code) if language == "zh" else english.get(code, divisions.name(code)))
        for code in divisions.children(city)
    ]
