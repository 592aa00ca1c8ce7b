"""A little life in a demo: now and then somebody pays, files a dispute, answers one, or agrees; never without bound."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec
import psycopg

from hejie.app import App
from hejie.base.errors import HejieError
from hejie.base.money import yuan
from hejie.disputes import commands as d
from hejie.disputes.model import Dispute, OfferStatus, Performance, Remedy, Road
from hejie.disputes.states import State
from hejie.merchants.model import Merchant
from hejie.store.pool import city_transaction
from hejie_lab.errors import LabError
from hejie_lab.filing import file_by_pages
from hejie_lab.hands import Hands
from hejie_lab.platform import Platform
from hejie_lab.settling import payment
from hejie_lab.town import CITY, Purchase, Town, purchase
from hejie_lab.town_words import town_words

PAUSE_SECONDS = 20.0
LEAST_PAUSE = 10.0
MOST_PAYMENTS = 3000
MOST_DISPUTES = 400
MOST_OPEN = 25
FILES = 0.25
"""Share of the payments that are disputed, while there is room."""
ESCALATES = 0.4
COUNTER_SHARE = 60
"""Percent of the claim that a haggling merchant offers."""

_ROOM = "select count(*), count(*) filter (where closed_at is null) from dispute where city = %s"
_OPEN = """
select d.body::text from dispute d join person p on p.city = d.city and p.id = d.consumer
where d.city = %s and d.closed_at is null and d.merchant <> %s and p.handle <> %s and d.state = any(%s)
order by md5(d.id || %s) limit 1
"""


class Traffic:
    """Leaves alone what the demo's own consumer and merchant are in: that is for the person at the keyboard."""

    def __init__(
        self,
        app: App,
        platform: Platform,
        town: Town,
        merchants: Mapping[str, Merchant],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`merchants`: credit code → merchant, as settling gives them."""
        self._app, self._platform, self._town, self._tell = app, platform, town, tell
        self._hands = Hands(app)
        self._by_code = merchants
        self._by_id = {merchants[trader.code].id: trader for trader in town.traders if trader.code in merchants}
        self._chance = random.Random()

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(max(LEAST_PAUSE, self._chance.gauss(PAUSE_SECONDS, PAUSE_SECONDS / 4)))
            step = self._chance.choice((self.pay, self.pay, self.answer, self.decide))
            try:
                await step()
            except (HejieError, LabError, httpx.HTTPError, psycopg.Error) as error:
                self._tell(f"traffic: {step.__name__} came to nothing ({type(error).__name__}: {error})")

    async def pay(self) -> Dispute | None:
        """Somebody pays somewhere; one in a few files a dispute on it at once."""
        memory = self._platform.memory
        if memory.traffic >= MOST_PAYMENTS:
            return None
        memory.traffic += 1
        memory.keep(self._platform.folder)
        trader = self._chance.choice([each for each in self._town.traders[1:] if each.enrolled])
        payer = self._chance.choice(self._town.payers[1:])
        made = purchase(self._chance, payer, trader, self._app.clock.now())
        await asyncio.to_thread(self._platform.sandbox.load, payments=[payment(made)])
        return await self.file(made) if self._chance.random() < FILES else None

    async def file(self, made: Purchase) -> Dispute | None:
        """The payer files a dispute, where there is room for one more."""
        async with city_transaction(self._app.pool, CITY) as connection:
            row: Any = await (await connection.execute(_ROOM, [CITY])).fetchone()
        if row[0] >= MOST_DISPUTES or row[1] >= MOST_OPEN:
            return None
        problem, words = self._chance.choice(list(town_words().stories.items()))
        answers = {"problem": problem, "words": words}
        if problem == "wrong_amount":
            answers["right_amount"] = yuan(max(1, made.amount_fen // 10))
        link = self._platform.sandbox.entry_link(made.trade_no)
        return await self._hands.read(await asyncio.to_thread(file_by_pages, link, CITY, answers))

    async def answer(self) -> Dispute | None:
        """A merchant takes up one of its disputes, in its own manner."""
        dispute = await self._one(State.awaiting_merchant, State.overdue, State.settling)
        if dispute is None or dispute.merchant not in self._by_id:
            return None
        trader = self._by_id[dispute.merchant]
        if dispute.state is State.settling:
            return await self._perform(dispute)
        road = Road.api if trader.authorised and dispute.proven else Road.own_tool
        match trader.manner:
            case "accepts":
                return await self._hands.merchant(dispute, d.AcceptOffer(offer="claim", road=road))
            case "own_tool":
                return await self._hands.merchant(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool))
            case "counters":
                return await self._hands.merchant(dispute, self._counter(dispute, road))
            case "refuses":
                return await self._hands.refuse(dispute, "我们核对过了，商品和服务都没有问题，不同意退款。")
            case "silent":
                return None

    def _counter(self, dispute: Dispute, road: Road) -> d.MakeOffer:
        amount = max(1, dispute.claim.amount_fen * COUNTER_SHARE // 100)
        return d.MakeOffer(id=self._app.desk.mint(CITY), remedy=Remedy.refund_part, amount_fen=amount, road=road)

    async def _perform(self, dispute: Dispute) -> Dispute | None:
        """A refund by hand in the wallet's own tool, and its number told here."""
        agreed = dispute.agreement
        if agreed is None or agreed.road is not Road.own_tool or dispute.performance is not Performance.awaited:
            return None
        trade_no = dispute.payments[0].trade_no
        order = {"trade_no": trade_no, "amount": yuan(agreed.amount_fen)}
        made = await asyncio.to_thread(self._platform.sandbox.post, "hand-refunds", order)
        done = d.ClaimPerformed(refund_no=made["out_request_no"], trade_no=trade_no)
        return await self._hands.merchant(dispute, done)

    async def decide(self) -> Dispute | None:
        """A consumer takes up what its merchant said or did."""
        dispute = await self._one(State.awaiting_consumer, State.settling)
        if dispute is None:
            return None
        if dispute.state is State.settling:
            claimed = dispute.performance is Performance.claimed
            return await self._hands.consumer(dispute, d.Confirm()) if claimed else None
        offers = [each for each in dispute.offers if each.by == "merchant" and each.status is OfferStatus.open]
        if offers:
            return await self._hands.consumer(dispute, d.AcceptOffer(offer=offers[-1].id))
        step = d.Escalate() if self._chance.random() < ESCALATES else d.Withdraw()
        return await self._hands.consumer(dispute, step)

    async def _one(self, *states: State) -> Dispute | None:
        """One open dispute in these states, any."""
        own = self._by_code[self._town.merchant.code].id
        consumer = self._hands.handle(self._town.consumer.user)
        values = [CITY, own, consumer, [state.value for state in states], str(self._chance.random())]
        async with city_transaction(self._app.pool, CITY) as connection:
            row: Any = await (await connection.execute(_OPEN, values)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Dispute)
