"""Two cities that share what they know: the scene of hand-overs, and a payment code that one of them grants."""

from __future__ import annotations

from tests.handovers.conftest import Two, two

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.desk.merchants import MERCHANTS
from hejie.desk.paycodes import PAYCODES
from hejie.merchants.commands import AddStaff
from hejie.merchants.model import Rank, Staff
from hejie.payments import paycode as p
from hejie.payments.emvco_writer import written

__all__ = ["two"]

NUMBER = "7k3fm92qda"


def payload(account: str = "898330000000001") -> str:
    """A code as an acquirer gives it."""
    return written(
        [
            ("00", "01"),
            ("01", "11"),
            ("15", f"4802100048021000{account}"),
            ("52", "5812"),
            ("53", "156"),
            ("58", "CN"),
            ("59", "NOODLES"),
            ("60", "CHENGDU"),
            ("62", [("07", "01080209")]),
        ]
    )


def officer(city: str) -> Actor:
    return Actor(Role.officer, f"{city}-officer", city)


async def grant(two: Two, city: str, merchant: str, number: str = NUMBER) -> str:
    """The merchant asks for a payment code for its shop, and an officer grants it; its identifier."""
    desk = two.at(city).app.desk
    ((shop,),) = await two.rows(city, "select id from shop where merchant = %s", merchant)
    owner, identifier = Staff(person="owner-1", rank=Rank.owner), desk.mint(city)
    await desk.act(MERCHANTS, city, merchant, AddStaff(staff=owner), SYSTEM)
    asked = p.Apply(
        id=identifier, number=number, merchant=merchant, shop=shop, payload=payload(), promises=("quality", "returns")
    )
    await desk.act(PAYCODES, city, identifier, asked, Actor(Role.merchant, owner.person, merchant))
    await desk.act(PAYCODES, city, identifier, p.Grant(), officer(city))
    return identifier
