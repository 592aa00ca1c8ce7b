"""A chain in the small town: two shops, a head office of three and a shop's clerk; and the same chain elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from tests.web.merchant.merchant_town import keys, merchant_of
from tests.web.officer.officer_town import CITY, PASSWORD, Town

from hejie.base.actor import Actor, Role
from hejie.edge.members import NewMember, add_member
from hejie.merchants import commands as m
from hejie.merchants.handling import Handling
from hejie.merchants.model import Rank, Staff
from hejie.queries.queue import read_handling
from hejie.store.pool import city_transaction

if TYPE_CHECKING:
    import httpx

QUEUE = f"/{CITY}/merchant"


class Chain:
    """Everybody at the chain, each with an account."""

    def __init__(self, town: Town) -> None:
        self.town, self.people = town, dict[str, NewMember]()
        self.other_shop = ""

    async def open(self) -> None:
        self.other_shop = self.town.desk.mint(CITY)
        shop = replace((await merchant_of(self.town)).shops[0], id=self.other_shop, name="奎元馆武林店")
        await self.town.tell(m.AddShop(shop=shop))
        for login, name, rank, limit, shops in (
            ("boss", "陈总", Rank.owner, 0, ()),
            ("li.na", "李娜", Rank.manager, 10_000, ()),
            ("wang.wei", "王伟", Rank.clerk, 500, ()),
            ("shop.one", "解放路店员", Rank.clerk, 10_000, (self.town.shop,)),
        ):
            self.people[login] = await self.hire(self.town, login, name, rank, limit, shops)

    async def hire(
        self, town: Town, login: str, name: str, rank: Rank, limit: int, shops: tuple[str, ...] = ()
    ) -> NewMember:
        made = await add_member(
            town.house, CITY, login=login, display_name=name, password=PASSWORD, role=Role.merchant,
            organisation=town.merchant,
        )  # fmt: skip
        staff = Staff(person=made.id, rank=rank, refund_limit_fen=limit, shops=shops)
        await town.tell(m.AddStaff(staff=staff))
        return made

    def id(self, login: str) -> str:
        return self.people[login].id

    async def tell(self, command: m.Command, login: str = "boss") -> None:
        await self.town.tell(command, Actor(Role.merchant, self.id(login), self.town.merchant))

    async def handling(self, dispute: str) -> Handling | None:
        async with city_transaction(self.town.house.pool, CITY) as connection:
            return await read_handling(connection, CITY, dispute)

    async def log_of(self, dispute: str) -> list[str]:
        async with city_transaction(self.town.house.pool, CITY) as connection:
            cursor = await connection.execute("select event from log where id = %s order by version", [dispute])
            return [row[0] for row in await cursor.fetchall()]


def listed(html: str) -> list[str]:
    """Disputes in a queue, in their order."""
    return re.findall(r'name="pick" value="[0-9]+\.([^".]+)', html)


def picks(html: str) -> list[str]:
    return re.findall(r'name="pick" value="([^"]+)"', html)


async def many(phone: httpx.AsyncClient, act: str, disputes: list[str], **told: str) -> httpx.Response:
    """From the queue to the look at each."""
    html = (await phone.get(QUEUE)).text
    data: dict[str, Any] = keys(html) | {"act": act, "pick": [f"{CITY}.{each}" for each in disputes]} | told
    return await phone.post(f"{QUEUE}/many", data=data)


def sent(preview: httpx.Response) -> dict[str, Any]:
    """What the preview's form sends."""
    hidden = dict(re.findall(r'<input type="hidden" name="(act|percent|reply|to|words)" value="([^"]*)"', preview.text))
    return keys(preview.text) | hidden | {"pick": picks(preview.text)}


def outcomes(html: str) -> list[str]:
    return re.findall(r'data-given="(\w+)"', html)
