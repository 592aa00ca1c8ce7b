"""The rules and calendars that travel with the house, read once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.abc import Traversable
from importlib.resources import files

from hejie.law.book import Book
from hejie.law.calendar import Calendar
from hejie.law.reading import load


@cache
def book() -> Book:
    """All shipped rules: the country's, and the packs of the provinces."""
    return load(dict(_texts(files("hejie.law") / "data" / "rules"))).book


@cache
def calendar() -> Calendar:
    """The days of all years whose notice is shipped."""
    return Calendar(load(dict(_texts(files("hejie.law") / "data" / "calendars"))).years)


def _texts(folder: Traversable) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from ((f"{entry.name}/{name}", text) for name, text in _texts(entry))
        elif entry.name.endswith(".toml"):
            yield entry.name, entry.read_text(encoding="utf-8")
