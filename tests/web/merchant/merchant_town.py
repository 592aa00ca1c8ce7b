"""What a merchant's people do in the small town: open links, sign in, send forms, read codes."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.web.officer.officer_town import ACCOUNT, CITY, Town, session

from hejie.base.actor import Role
from hejie.disputes.model import Dispute
from hejie.edge.links import case_link
from hejie.merchants import commands as m
from hejie.merchants.model import Merchant
from hejie.queries.merchant import read_merchant
from hejie.queries.record import read_dispute
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction

if TYPE_CHECKING:
    import httpx

ZH, EN = {"accept-language": "zh-CN"}, {"accept-language": "en"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe"
    "0def46b80000000049454e44ae426082"
)


async def authorise(town: Town) -> None:
    grant = m.GrantAuthorisation(
        wallet="alipay",
        account=ACCOUNT,
        content=town.desk.mint(CITY),
        expires_at=town.house.clock.now() + timedelta(days=300),
    )
    await town.tell(grant)


async def linked(town: Town, dispute: str, expires: datetime, contact: str = "") -> str:
    """A fresh case link, as a message would carry it."""
    house = town.house
    async with city_transaction(house.pool, CITY) as connection:
        return await case_link(
            connection, house.vaults(CITY), os.urandom, "http://hejie.test", CITY, dispute, expires, contact
        )


async def opened(phone: httpx.AsyncClient, town: Town, dispute: str) -> str:
    """Open the case link; the page's address."""
    expires = town.house.clock.now() + timedelta(days=14)
    answer = await phone.get(await linked(town, dispute, expires))
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def sign_in(phone: httpx.AsyncClient, town: Town, person: str = "owner-1") -> None:
    token = await session(town.house, Role.merchant, person, town.merchant)
    phone.cookies.set("hejie-merchant", token, path=f"/{CITY}")


def keys(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf|once|version)" value="([^"]*)"', html))


async def row(town: Town, dispute: str) -> Dispute:
    async with city_transaction(town.house.pool, CITY) as connection:
        return await read_dispute(connection, CITY, dispute)


async def merchant_of(town: Town) -> Merchant:
    async with city_transaction(town.house.pool, CITY) as connection:
        return await read_merchant(connection, CITY, town.merchant)


async def send(phone: httpx.AsyncClient, page: str, act: str, files: Any = None, **fields: str) -> httpx.Response:
    """A form of a page, with its hidden fields."""
    html = (await phone.get(page)).text
    return await phone.post(f"{page}/{act}" if act else page, data=keys(html) | fields, files=files)


async def code_sent(town: Town) -> str:
    """The last one-time code, as the message carries it."""
    query = "select subject from task where kind = 'notify_code' order by id desc limit 1"
    async with city_transaction(town.house.pool, CITY) as connection:
        found: Any = await (await connection.execute(query)).fetchone()
        vault, subject = town.house.vaults(CITY), f"code:{found[0]}"
        return (await read_contents(connection, vault, CITY, subject, ["code"]))["code"][1].decode()
