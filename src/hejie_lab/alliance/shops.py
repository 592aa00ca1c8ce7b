"""The invented shops of several cities, and what a visitor bought there, read from `data/shops.toml`."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie_lab.town import Payer
from hejie_lab.traders import Place, Trader, credit_code

Road = Literal["taken", "returned", "refused", "waiting", "begun_there", "unfiled"]
"""What comes of a purchase: handed over and taken, given back, refused; filed and left; begun in the shop's city."""


class Second(Struct, frozen=True, kw_only=True):
    """Another shop of the same merchant in the same city: a payment does not tell by itself at which it was made."""

    name: str
    district: str
    address: str


class Told(Struct, frozen=True, kw_only=True):
    """One shop as the file tells it."""

    id: str
    city: str
    legal_district: str
    name: str
    shop: str
    district: str
    address: str
    goods: tuple[tuple[str, int, int], ...]
    same_as: str = ""
    """The shop of the same legal entity in another city."""
    second: Second | None = None


class Bought(Struct, frozen=True, kw_only=True):
    """One payment of the visitor's."""

    shop: str
    place: str
    item: str
    yuan: str
    hours: int
    problem: str
    words: str
    road: Road

    def trade_no(self, founded: datetime) -> str:
        """As the wallet numbers it, the same at every start."""
        day = (founded - timedelta(hours=self.hours)).astimezone(SHANGHAI)
        return f"{day:%Y%m%d}2200{random.Random(f'{self.shop}{self.item}{self.hours}').randrange(10**16):016d}"


class Shops(Struct, frozen=True, kw_only=True):
    """All of them."""

    visitor: Payer
    shops: tuple[Told, ...]
    bought: tuple[Bought, ...]

    def of(self, city: str) -> list[Told]:
        """The shops registered in a city."""
        return [each for each in self.shops if each.city == city]

    def by_id(self, name: str) -> Told:
        """One shop."""
        return next(each for each in self.shops if each.id == name)

    def bought_in(self, cities: frozenset[str]) -> list[Bought]:
        """What was bought where these cities take part."""
        return [each for each in self.bought if self.by_id(each.shop).city in cities]


@cache
def shops() -> Shops:
    """The file."""
    return msgspec.toml.decode(files("hejie_lab").joinpath("data", "shops.toml").read_bytes(), type=Shops)


def trader_of(told: Told) -> Trader:
    """One shop as a legal entity that moves in."""
    number = 1 + shops().shops.index(told)
    entity = told.same_as or told.id
    places = [(told.shop, told.district, told.address)]
    if told.second:
        places.append((told.second.name, told.second.district, told.second.address))
    return Trader(
        code=credit_code(random.Random(entity), told.legal_district),
        name=told.name,
        kind="enterprise",
        places=tuple(
            Place(
                store=f"{told.city}-S{number:04d}-{nth:02d}",
                name=name,
                district=district,
                address=address,
                category="6210",
            )
            for nth, (name, district, address) in enumerate(places, 1)
        ),
        goods=told.goods,
        account=f"2088{told.city}{number:06d}",
        owner="陈静",
        phone=f"+86138{told.city}{number:02d}",
        stall=False,
        manner="counters",
        link_limit_fen=20_000,
    )
