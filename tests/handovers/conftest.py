"""Two cities, a merchant that both may know, and a dispute that begins in the first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.alliance import HERE, Alliance, alliance

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import Refused
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.handovers import HANDOVERS
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.homing_commands import HandOver
from hejie.disputes.model import Claim, Dispute, Remedy
from hejie.handovers.model import Handover
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import Shop
from hejie.store.pool import city_transaction

PLACES = {"330100": "330106", "510100": "510107"}
CODE, ACCOUNT, TRADE = "92510104MA6ABCDE1E", "2088000000000001", "2026113022001"


class Two:
    """What the tests say to two cities."""

    def __init__(self, both: Alliance, other: Alliance | None = None) -> None:
        self.both = both
        self.installations = [both, other] if other else [both]
        """Two, or one that serves both: from outside nobody can tell."""
        self.consumer = ""

    def at(self, city: str) -> Alliance:
        """The installation that serves a city."""
        return next(each for each in self.installations if city in each.keys)

    async def rows(self, city: str, query: str, *values: object) -> list[tuple[Any, ...]]:
        return await self.at(city).rows(city, query, *values)

    async def work(self) -> None:
        """All that is due in both cities, and what follows from it in the other."""
        while sum([await each.work() for each in self.installations]):
            continue

    async def pass_time(self, **span: float) -> None:
        """Later, in both cities."""
        self.both.clock.at += timedelta(**span)
        await self.work()

    async def register(self, city: str) -> str:
        identifier = self.at(city).app.desk.mint(city)
        command = m.RegisterMerchant(city=city, id=identifier, credit_code=CODE, name="成都锦里面馆")
        await self.at(city).app.desk.act(MERCHANTS, city, identifier, command, SYSTEM)
        shop = Shop(id=self.at(city).app.desk.mint(city), name="锦里面馆", district=PLACES[city], address="锦里一号")
        await self.at(city).app.desk.act(MERCHANTS, city, identifier, m.AddShop(shop=shop), SYSTEM)
        async with city_transaction(self.at(city).app.pool, city) as connection:
            await connection.execute("insert into account values (%s, 'alipay', %s, %s)", [city, ACCOUNT, identifier])
        return identifier

    async def file(self, merchant: str, *, words: str = "面里有头发", trade: str = TRADE) -> str:
        now, vault = self.both.clock.now(), self.at(HERE).app.tools.vaults(HERE)
        payer = payer_handle(vault, "alipay", "u1")
        async with city_transaction(self.at(HERE).app.pool, HERE) as connection:
            self.consumer = await person_of(connection, HERE, payer, self.at(HERE).app.desk.mint(HERE), "zh", now)
            paid = Paid(
                wallet="alipay", trade_no=trade, payer=payer, account=ACCOUNT, merchant=merchant, payee="成都锦里面馆",
                paid_fen=8800, paid_at=now, proven=True, source="entry",
            )  # fmt: skip
            await take_payment(connection, HERE, paid)
        identifier, text = self.at(HERE).app.desk.mint(HERE), self.at(HERE).app.desk.mint(HERE)
        claim = Claim(remedy=Remedy.refund_full)
        command = d.File(id=identifier, trades=(trade,), problem="quality", claim=claim, words=text)
        contents = [Content(id=text, kind="text", plain=words.encode())]
        who = Actor(Role.consumer, self.consumer)
        await self.at(HERE).app.desk.act(DISPUTES, HERE, identifier, command, who, contents=contents)
        return identifier

    async def hand_over(self, city: str, dispute: str, to: str, because: Any = "shop_elsewhere") -> None:
        await self.at(city).app.desk.act(DISPUTES, city, dispute, HandOver(to=to, because=because), SYSTEM)

    async def hand_over_refused(self, city: str, dispute: str, to: str, code: str) -> None:
        with pytest.raises(Refused, match=code):
            await self.hand_over(city, dispute, to)

    async def dispute(self, city: str, identifier: str) -> Dispute:
        ((body,),) = await self.rows(city, "select body::text from dispute where id = %s", identifier)
        return msgspec.json.decode(body, type=Dispute)

    async def handover(self, city: str, identifier: str) -> Handover:
        ((body,),) = await self.rows(city, "select body::text from handover where id = %s", identifier)
        return msgspec.json.decode(body, type=Handover)

    async def to_handover(self, city: str, identifier: str, command: Any, actor: Actor = SYSTEM) -> None:
        await self.at(city).app.desk.act(HANDOVERS, city, identifier, command, actor)

    async def to_dispute(self, city: str, identifier: str, command: Any, actor: Actor, words: str = "") -> None:
        contents = [Content(id=command.words, kind="text", plain=words.encode())] if words else []
        await self.at(city).app.desk.act(DISPUTES, city, identifier, command, actor, contents=contents)


@pytest.fixture
async def two(tmp_path: Path, app_url: str) -> AsyncIterator[Two]:
    async with alliance(tmp_path, app_url) as both:
        await both.join()
        yield Two(both)
