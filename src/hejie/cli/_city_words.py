"""What the city's commands ask and tell, from `city_words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

Table = dict[str, dict[str, dict[str, str]]]


@cache
def _table() -> Table:
    found: Table = tomllib.loads((resources.files("hejie.cli") / "city_words.toml").read_text(encoding="utf-8"))
    return found


def told(part: str, name: str, language: str, /, **facts: object) -> str:
    """One sentence of a part."""
    return _table()[part][name][language].format(**facts)
