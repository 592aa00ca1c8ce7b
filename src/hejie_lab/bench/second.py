"""A second city for benchmarks, and disputes in either: one shop with one number, filed by the desk."""

from __future__ import annotations

import os

from msgspec.structs import replace

from hejie.app import App
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities import divisions
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Remedy
from hejie.merchants import commands as m
from hejie.merchants.model import Shop
from hejie_lab.bench.rig import CITY, TRADER, WORDS, Payment, bring, consumers

OTHER = "330200"


async def found_city(app: App, city: str) -> None:
    """Put in a city with another one's settings and its own districts."""
    pattern = read_city(shipped(CITY))
    places = (city, *divisions.children(city))
    agencies = tuple(replace(pattern.agencies[0], code=place) for place in places)
    quiet = replace(pattern.safety, on_duty=())
    settings = replace(pattern, code=city, agencies=agencies, safety=quiet)
    await app.desk.act(CITIES, city, city, ApplySettings(settings=settings), SYSTEM)


async def open_disputes(app: App, city: str, count: int) -> list[str]:
    """So many disputes that wait for their merchant, whose number is known."""
    merchant, shop = app.desk.mint(city), app.desk.mint(city)

    async def tell(command: m.Command, *contents: Content) -> None:
        await app.desk.act(MERCHANTS, city, merchant, command, SYSTEM, contents=contents)

    place = TRADER.places[0]
    await tell(m.RegisterMerchant(city=city, id=merchant, credit_code=TRADER.code, name=TRADER.name))
    district = divisions.children(city)[0]
    await tell(m.AddShop(shop=Shop(id=shop, name=place.name, district=district, address=place.address)))
    number = Content(id=app.desk.mint(city), kind="phone", plain=TRADER.phone.encode())
    await tell(m.SetContact(content=number.id), number)
    (consumer,) = await consumers(app, ["2088900000000001"], city)
    payments = [Payment(os.urandom(12).hex(), 5000) for _ in range(count)]
    await bring(app, consumer, merchant, shop, payments, city)
    found = []
    for paid in payments:
        words = Content(id=app.desk.mint(city), kind="text", plain=WORDS.encode())
        dispute = app.desk.mint(city)
        command = d.File(
            id=dispute,
            trades=(paid.trade_no,),
            problem="quality",
            claim=Claim(remedy=Remedy.refund_full),
            words=words.id,
        )
        by = Actor(Role.consumer, consumer.person)
        await app.desk.act(DISPUTES, city, dispute, command, by, contents=[words])
        found.append(dispute)
    return found
