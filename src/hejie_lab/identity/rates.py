"""How the simulator's merchants live and how badly they are written down, read from `data/identity.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Seeds(Struct, frozen=True, forbid_unknown_fields=True):
    """To fit on, to look at while mending, and to tell figures from."""

    train: int
    develop: int
    held_out: int


class World(Struct, frozen=True, forbid_unknown_fields=True):
    """Who there is, and who is easily mistaken for whom."""

    entities: int
    days: int
    city: str
    companies: float
    franchised: float
    members: int
    common_core: float
    malls: float
    bookkeepers: float
    sister: float
    sister_account: float
    sold: float
    sold_keeps_sign: float


class Life(Struct, frozen=True, forbid_unknown_fields=True):
    """What changes over the days; lists are the chances of one, two, three ..."""

    shops: tuple[float, ...]
    tools: tuple[float, ...]
    replaced: float
    terminal: float
    renamed: float
    moved: float
    owner: float
    telephone: float
    account: float
    converted: float
    snapshots: tuple[float, ...]
    recycled: float


class Writing(Struct, frozen=True, forbid_unknown_fields=True):
    """How often a record says something less, or something else."""

    code_missing: float
    code_mistyped: float
    account_missing: float
    telephone_missing: float
    terminal_missing: float
    address_missing: float
    legal_name: float
    division_dropped: float
    division_short: float
    form_dropped: float
    branch: float
    trade_dropped: float
    traditional: float
    homophone: float
    letter_dropped: float
    wide_brackets: float
    truncated: float
    address_division: float
    unit_missing: float
    number_mistyped: float


class Vocabulary(Struct, frozen=True, forbid_unknown_fields=True):
    """Words parted by blanks; `letters` are single characters of names."""

    common: str
    letters: str
    homophones: str
    traditional: str
    streets: str
    malls: str
    divisions: str
    acquirers: str


class TradeWords(Struct, frozen=True, forbid_unknown_fields=True):
    """What a trade's companies and its signs are called."""

    company: str
    signs: str


class Rates(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    seeds: Seeds
    world: World
    life: Life
    record: Writing
    words: Vocabulary
    trades: tuple[TradeWords, ...]


@cache
def rates() -> Rates:
    """The rates that travel with the house."""
    text = files("hejie_lab").joinpath("data", "identity.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Rates)
