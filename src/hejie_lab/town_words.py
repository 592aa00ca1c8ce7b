"""The words a town is made of, read from `data/town.toml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Trade(Struct, frozen=True):
    """One trade: its GB/T 4754 code, how its shops are called, its companies' word, and what it sells."""

    code: str
    names: str
    company: str
    forms: str
    goods: tuple[tuple[str, int, int], ...]
    """Name, from yuan, to yuan."""


class District(Struct, frozen=True):
    """One district's streets, and how many shops it has beside the others."""

    weight: int
    streets: str


class Market(Struct, frozen=True):
    """Where a market is, and what trade its stalls are of."""

    district: str
    trade: str


class Words(Struct, frozen=True):
    """All of them; lists of single words are parted by blanks."""

    brands: str
    surnames: str
    given: str
    districts: dict[str, District]
    markets: dict[str, Market]
    trades: dict[str, Trade]
    stories: dict[str, str]
    """Problem → what a payer writes of it."""

    def of_form(self, form: str) -> list[Trade]:
        """Trades that appear as `shop`, `chain` or `stall`."""
        return [trade for trade in self.trades.values() if form in trade.forms.split()]


@cache
def town_words() -> Words:
    """The words."""
    return msgspec.toml.decode(files("hejie_lab").joinpath("data", "town.toml").read_bytes(), type=Words)
