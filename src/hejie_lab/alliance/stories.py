"""What happens between cities at a demo's first start: shops move in, a visitor files, disputes go and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from hejie.alliance.bulletin import Acknowledge, Level, Write
from hejie.app import App
from hejie.base.actor import Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.desk.act import Content
from hejie.desk.alliance import BULLETINS
from hejie.desk.disputes import DISPUTES
from hejie.desk.handovers import HANDOVERS
from hejie.disputes.homing_commands import Because, HandOver
from hejie.handovers.commands import Refuse
from hejie.merchants.model import Merchant
from hejie.store.pool import city_transaction
from hejie_lab.accounts import Account, make_accounts
from hejie_lab.alliance.cities import Cities
from hejie_lab.alliance.shops import Bought, shops, trader_of
from hejie_lab.errors import LabError
from hejie_lab.filing import file_by_pages
from hejie_lab.settling import settle
from hejie_lab.traders import Trader

HOME, THERE, AWAY, WARNS = "330100", "510100", "350200", "620100"
PATIENCE = 60.0
TITLE = "“低价充值送手机”类预付卡警示"
WORDS = "近期有商家以低价充值送手机为名收取大额预付款后关门。请留意同类商户，发现线索请联系兰州市局。"


class Filed(Struct, kw_only=True):
    """A dispute of the visitor's, and what came of it."""

    road: str
    dispute: str
    city: str
    """Where it began."""


class Furnished(Struct, kw_only=True):
    """What stands in the cities; kept as `furnished.json`, so that nothing is told twice."""

    filed: list[Filed] = []
    bulletin: str = ""

    def keep(self, folder: Path) -> None:
        """Write it down."""
        (folder / "furnished.json").write_bytes(msgspec.json.encode(self))


class Stories:
    """The cities' people: officers, merchants and one visitor."""

    def __init__(self, cities: Cities, apps: Mapping[str, App], tell: Callable[[str], None] = lambda _: None) -> None:
        self.cities, self.apps, self._tell = cities, apps, tell
        self.merchants: dict[str, dict[str, Merchant]] = {}
        self.accounts: dict[str, list[Account]] = {}
        kept = cities.folder / "furnished.json"
        self.furnished = msgspec.json.decode(kept.read_bytes(), type=Furnished) if kept.exists() else Furnished()

    async def furnish(self) -> None:
        """Shops and accounts of every city; then, once, the stories."""
        traders = {code: [trader_of(each) for each in shops().of(code)] for code in self.apps}
        await asyncio.to_thread(self._pay, traders)
        found = await asyncio.gather(
            *(settle(self.apps[code], self.cities[code], those) for code, those in traders.items())
        )
        self.merchants = dict(zip(traders, found, strict=True))
        self._tell("shops have moved in")
        made = await asyncio.gather(*(self._accounts(code, those[0]) for code, those in traders.items()))
        self.accounts = dict(zip(traders, made, strict=True))
        self._tell("officers and merchants have their accounts")
        for bought in shops().bought_in(frozenset(self.apps)):
            await self._live(bought)
        if WARNS in self.apps and not self.furnished.bulletin:
            await self._warn()

    async def _accounts(self, code: str, first: Trader) -> list[Account]:
        """Of the bureau and of the first shop's owner, and of a district's officer where disputes are."""
        logins = ("officer", "district", "merchant") if code in {HOME, THERE} else ("officer", "merchant")
        merchant = self.merchants[code][first.code]
        return await make_accounts(self.apps[code], self.cities[code].folder, merchant, logins)

    def _pay(self, traders: Mapping[str, list[Trader]]) -> None:
        """Accounts and the visitor's payments at the wallet; what is there already stays."""
        visitor, box, founded = shops().visitor, self.cities.host.sandbox, self.cities.host.memory.founded
        accounts = [
            {
                "merchant_id": each.account,
                "cert_no": each.code,
                "name": each.name,
                "merchant_type": "DIRECT",
                "city": code,
                "balance": "20000.00",
            }
            for code, those in traders.items()
            for each in those
        ]
        person = {"user_id": visitor.user, "name": visitor.name, "phone": visitor.phone[3:]}
        box.load(users=[person], merchants=accounts)
        payments = []
        for bought in shops().bought_in(frozenset(traders)):
            trader = trader_of(shops().by_id(bought.shop))
            at = (founded - timedelta(hours=bought.hours)).astimezone(SHANGHAI)
            payments.append(
                {
                    "user_id": visitor.user,
                    "merchant_id": trader.account,
                    "amount": bought.yuan,
                    "subject": bought.item,
                    "paid_at": f"{at:%Y-%m-%d %H:%M:%S}",
                    "trade_no": bought.trade_no(founded),
                    "store_id": trader.places[0].store if bought.place == trader.places[0].name else "",
                    "store_name": bought.place,
                }
            )
        box.load(payments=payments)

    async def _live(self, bought: Bought) -> None:
        known = {each.road for each in self.furnished.filed}
        if bought.road == "unfiled" or bought.road in known or (bought.road == "refused" and AWAY not in self.apps):
            return
        filed = await self.file(bought)
        match bought.road:
            case "taken" | "returned":
                await self.hand_over(HOME, filed, THERE, "shop_elsewhere")
                await self.came(THERE, "dispute", filed)
                await self.came(HOME, "handover", f"{filed}-1", "state = 'taken'")
                if bought.road == "returned":
                    await self.hand_over(THERE, filed, HOME, "given_back")
                    await self.came(HOME, "dispute", filed, "(body->>'turn')::int >= 2")
            case "refused":
                await self.hand_over(HOME, filed, AWAY, "shop_elsewhere")
                name = f"{filed}-1"
                await self.came(AWAY, "handover", name)
                await self.apps[AWAY].desk.act(
                    HANDOVERS, AWAY, name, Refuse(code="merchant_unknown"), self.officer(AWAY)
                )
        city = shops().by_id(bought.shop).city
        self.furnished.filed.append(Filed(road=bought.road, dispute=filed, city=city))
        self.furnished.keep(self.cities.folder)
        self._tell(f"{bought.place} {bought.item} {bought.yuan}: {bought.road}")

    async def file(self, bought: Bought) -> str:
        """The visitor files through the pages of the city where the account takes part; the dispute."""
        city, number = shops().by_id(bought.shop).city, bought.trade_no(self.cities.host.memory.founded)
        link = await asyncio.to_thread(self.cities.host.sandbox.entry_link, number)
        return await asyncio.to_thread(file_by_pages, link, city, {"problem": bought.problem, "words": bought.words})

    async def hand_over(self, city: str, dispute: str, to: str, because: Because) -> None:
        """An officer of the city that has it offers it to another one."""
        command = HandOver(to=to, because=because)
        await self.apps[city].desk.act(DISPUTES, city, dispute, command, self.officer(city))

    async def came(self, city: str, noun: str, identifier: str, more: str = "true") -> None:
        """Wait for a row of a dispute or hand-over; `LabError` where it does not come."""
        query = f"select 1 from {noun} where city = %s and id = %s and {more}"
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self._rows(city, query, [city, identifier]):  # noqa: ASYNC110  another process writes it
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise LabError(f"{noun} {identifier} did not come to {city} within {PATIENCE:.0f} seconds.") from None

    def officer(self, city: str) -> Actor:
        """The bureau's officer."""
        found = next(each for each in self.accounts[city] if each.role is Role.officer)
        return Actor(Role.officer, found.id, city)

    async def _warn(self) -> None:
        """One city warns all others; the first has read it."""
        desk = self.apps[WARNS].desk
        identifier, words = desk.mint(WARNS), Content(id=desk.mint(WARNS), kind="text", plain=WORDS.encode())
        readers = tuple(code for code in self.apps if code != WARNS)
        write = Write(level=Level.warning, title=TITLE, words=words.id, until=None, readers=readers)
        await desk.act(BULLETINS, WARNS, identifier, write, self.officer(WARNS), contents=[words])
        await self.came(HOME, "bulletin", identifier)
        await self.apps[HOME].desk.act(BULLETINS, HOME, identifier, Acknowledge(), self.officer(HOME))
        self.furnished.bulletin = identifier
        self.furnished.keep(self.cities.folder)
        self._tell(f"a warning went from {WARNS} to {len(readers)} cities")

    async def _rows(self, city: str, query: str, values: list[object]) -> list[tuple[Any, ...]]:
        async with city_transaction(self.apps[city].pool, city) as connection:
            return await (await connection.execute(query, values)).fetchall()
