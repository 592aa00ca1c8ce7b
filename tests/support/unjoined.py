"""Merchants that have not joined, and payments to them, in a whole town."""

from __future__ import annotations

from msgspec.structs import replace
from tests.support.town import CITY, USER, Town

from hejie.app import make_keys
from hejie.base.actor import SYSTEM
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import Words
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.merchants import MERCHANTS
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment, Shop
from hejie.merchants.uscc import check_character

ACCOUNT = "2088000000000077"
NAME, SHOP, PHONE = "杭州知味观餐饮有限公司", "知味观湖滨店", "+8613800000077"
OTHER = "330200"


def code_of(number: int) -> str:
    """A credit code with its right check character."""
    body = f"91330106MA2CF{number:04d}"
    return body + check_character(body)


def paid_to(town: Town, account: str = ACCOUNT, name: str = SHOP, yuan: str = "36.00", user: str = USER) -> str:
    """A payment in the wallet to somebody who may be unknown to the house."""
    trader = {"merchant_id": account, "cert_no": code_of(int(account[-4:])), "name": name}
    payment = {"user_id": user, "merchant_id": account, "amount": yuan, "subject": "片儿川", "store_name": name}
    return str(town.wallet.post("load", merchants=[trader], payments=[payment])["trade_nos"][0])


async def register(town: Town, city: str = CITY, phone: str = PHONE) -> str:
    """A merchant that is known and does not take part; its identifier."""
    desk = town.app.desk
    merchant, shop = desk.mint(city), desk.mint(city)
    place = Shop(id=shop, name=SHOP, district=f"{city[:4]}02", address="仁和路 83 号", category="6210")
    command = m.RegisterMerchant(city=city, id=merchant, credit_code=code_of(77), name=NAME)
    await desk.act(MERCHANTS, city, merchant, command, SYSTEM)
    await desk.act(MERCHANTS, city, merchant, m.AddShop(shop=place), SYSTEM)
    if phone:
        contact = desk.mint(city)
        kept = [Content(id=contact, kind="phone", plain=phone.encode())]
        await desk.act(MERCHANTS, city, merchant, m.SetContact(content=contact), SYSTEM, contents=kept)
    return merchant


async def join(town: Town, merchant: str, city: str = CITY, enrolment: Enrolment = Enrolment.open) -> None:
    """Its account is opened, or whatever else becomes of it."""
    note = m.NoteEnrolment(
        wallet="alipay", account=ACCOUNT, kind=AccountKind.direct, enrolment=enrolment, status=enrolment.name.upper()
    )
    await town.app.desk.act(MERCHANTS, city, merchant, note, SYSTEM)


async def second_city(town: Town) -> None:
    """Ningbo, on the same installation."""
    make_keys(town.app.settings.keys, OTHER)
    settings = replace(read_city(shipped(CITY)), code=OTHER, name=Words(zh="宁波市", en="Ningbo"))
    await town.app.desk.act(CITIES, OTHER, OTHER, ApplySettings(settings=settings), SYSTEM)
