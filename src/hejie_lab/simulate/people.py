"""Who is there in a run: merchants in several cities, consumers who file and ask again under the same key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import psycopg

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.desk.act import Content, Once
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Remedy
from hejie.duties.authority import Tokens
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment, Shop
from hejie.merchants.uscc import check_character
from hejie.store.pool import city_transaction
from hejie_lab.simulate.parties import Acknowledged, Deed, Parties, Trader
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.watch import Watch
from hejie_lab.simulate.world import World

MOST_FILINGS = 4
_PROBLEM = "quality"
_DEEDS = {
    "file": 3.0,
    "consumer": 5.0,
    "merchant": 10.0,
    "hand_over": 7.0,
    "answer": 3.0,
    "recall": 1.5,
    "note": 1.0,
}
_NO_ANSWER = frozenset({"stale", "in_flight"})
"""Come again: nothing is said about the filing itself."""


class Filing(NamedTuple):
    """A consumer's wish to open a dispute, sent until it is answered, always under one key."""

    number: int
    city: int
    trade_no: str
    consumer: str
    key: str
    amount_fen: int


class People:
    """All of them."""

    def __init__(self, world: World, towns: Sequence[Town], watch: Watch) -> None:
        self.world, self.towns, self.watch = world, towns, watch
        self.traders: list[Trader] = []
        self.parties = Parties(world, towns, watch, self.traders)
        self.unanswered: list[Filing] = []
        self.filed: dict[str, Filing] = {}
        """Dispute → the filing that opened it."""
        self._filings = 0

    @property
    def answered(self) -> list[Filing]:
        """Filings that have become disputes, as far as their consumers know."""
        return list(self.filed.values())

    async def settle_in(self) -> None:
        """Merchants become known to their cities."""
        plan = self.world.plan
        for number in range(2):
            body = f"9251010{number}MA6ABCDE{number}"
            home, *others = plan.some(range(len(self.towns)), 3)
            trader = Trader(number, body + check_character(body), home, {})
            for city in [home, *others[: plan.weighed({1: 1.0, 2: 3.0})]]:
                await self._register(trader, city)
            self.traders.append(trader)

    async def _register(self, trader: Trader, city: int) -> None:
        town = self.towns[city]
        identifier = trader.names[city] = town.desk.mint(town.code)
        named = m.RegisterMerchant(city=town.code, id=identifier, credit_code=trader.code, name="锦里面馆")
        shop = m.AddShop(shop=Shop(id=town.desk.mint(town.code), name="面馆", district=town.code, address="锦里一号"))
        known = m.NoteEnrolment(
            wallet="alipay", account=trader.account, kind=AccountKind.direct, enrolment=Enrolment.open
        )
        holds = city == trader.home or self.world.plan.falls(0.6)
        acts: list[Any] = [named, shop, known] if holds else [named, shop]
        await town.desk.act_together(MERCHANTS, town.code, [(identifier, act) for act in acts], SYSTEM)
        if holds and self.world.plan.falls(0.85):
            content = town.desk.mint(town.code)
            ends = self.world.at + timedelta(days=365)
            granted = m.GrantAuthorisation(wallet="alipay", account=trader.account, content=content, expires_at=ends)
            sealed = Content(id=content, kind="authority", plain=msgspec.json.encode(Tokens("token", "refresh")))
            await town.desk.act(MERCHANTS, town.code, identifier, granted, SYSTEM, contents=[sealed])

    def deed(self) -> Deed | None:
        """Something somebody does now."""
        parties = self.parties
        deeds: dict[str, Callable[[], Deed | None]] = {
            "file": self._file,
            "consumer": parties.consumer,
            "merchant": parties.merchant,
            "hand_over": parties.hand_over,
            "answer": parties.answer,
            "recall": parties.recall,
            "note": parties.note,
        }
        return deeds[self.world.plan.weighed(_DEEDS)]()

    def _file(self) -> Deed | None:
        plan = self.world.plan
        if self.unanswered and plan.falls(0.7):
            return self.ask(self.unanswered[0])
        if self.filed and (self._filings >= MOST_FILINGS or plan.falls(0.25)):
            return self.ask(plan.pick(self.answered))
        return self.file_anew() if self._filings < MOST_FILINGS else None

    def file_anew(self) -> Deed:
        """One more dispute, at the door of a city that knows the merchant, or of a payment disputed elsewhere."""
        plan = self.world.plan
        trader = plan.pick(self.traders)
        self._filings += 1
        trade_no = f"20261130{self._filings:06}"
        amount = plan.whole(100, 20000)
        city, consumer = plan.pick(sorted(trader.names)), f"user{self._filings}"
        if self.filed and plan.falls(0.3):
            first = plan.pick(self.answered)
            trade_no, amount, consumer = first.trade_no, first.amount_fen, first.consumer
            others = [n for n in sorted(self._trader(first.city).names) if n != first.city]
            city = plan.pick(others) if others and plan.falls(0.7) else first.city
        filing = Filing(self._filings, city, trade_no, consumer, f"filing-{self._filings}", amount)
        self.towns[city].purse.ledger.paid[trade_no] = amount
        self.unanswered.append(filing)
        return self.ask(filing)

    def _trader(self, city: int) -> Trader:
        return next(each for each in self.traders if city in each.names)

    def ask(self, filing: Filing) -> Deed:
        """A filing is sent, once more where it was not answered, or was and its answer is wanted again."""
        town = self.towns[filing.city]
        return town, f"file {filing.number}", self._filing(town, filing)

    async def _filing(self, town: Town, filing: Filing) -> str:
        if filing not in self.unanswered:
            self.world.counts["filings asked for again"] += 1
        identifier, words = town.desk.mint(town.code), town.desk.mint(town.code)
        claim = Claim(remedy=Remedy.refund_full)
        command = d.File(id=identifier, trades=(filing.trade_no,), problem=_PROBLEM, claim=claim, words=words)
        known = self._known(filing)
        try:
            consumer = await self._paid(town, self._trader(filing.city), filing)
            actor = Actor(Role.consumer, consumer)
            contents = [Content(id=words, kind="text", plain="面里有头发".encode())]
            once = Once(filing.key, filing.trade_no.encode())
            done = await town.desk.act(DISPUTES, town.code, identifier, command, actor, contents=contents, once=once)
        except HejieError as error:
            self._heard_no(filing, error.code)
            return error.code
        except psycopg.OperationalError:
            return "unknown"
        if filing in self.unanswered:
            self.unanswered.remove(filing)
        if known and (known != done.id or not done.again):
            self.world.violate(f"filing {filing.number} is {known} and {done.id}")
        self.filed[done.id] = filing
        self.parties.acknowledged.append(Acknowledged(town.number, "dispute", done.id, done.version))
        return f"done {done.id} {done.version}{' again' if done.again else ''}"

    def _known(self, filing: Filing) -> str:
        """The dispute that it has become, as its consumer was told; empty where they were not."""
        return next((name for name, each in self.filed.items() if each == filing), "")

    def _heard_no(self, filing: Filing, code: str) -> None:
        """A no is an end, unless the same filing had stood before."""
        if code in _NO_ANSWER:
            return
        if self._known(filing):
            self.world.violate(f"filing {filing.number} stands, and its key is told {code}")
        mine = [
            row
            for (city, _), row in self.watch.disputes.items()
            if city == filing.city and row.city == self.towns[city].code and row.arrived == ""
            and any(paid.trade_no == filing.trade_no for paid in row.payments)
        ]  # fmt: skip
        same = [each for each in self.unanswered if (each.city, each.trade_no) == (filing.city, filing.trade_no)]
        lost = code == "payment_in_open_dispute" and any(row.id not in self.filed for row in mine)
        if lost and same == [filing]:
            self.world.violate(f"filing {filing.number} stands, and its key is told {code}")
        if filing in self.unanswered:
            self.unanswered.remove(filing)

    async def _paid(self, town: Town, trader: Trader, filing: Filing) -> str:
        payer = payer_handle(town.tools.vaults(town.code), "alipay", filing.consumer)
        now = town.clock.now()
        async with city_transaction(town.line.pool, town.code) as connection:
            person = await person_of(connection, town.code, payer, town.desk.mint(town.code), "zh", now)
            paid = Paid(
                wallet="alipay", trade_no=filing.trade_no, payer=payer, account=trader.account,
                merchant=trader.names[filing.city], payee="锦里面馆", paid_fen=filing.amount_fen, paid_at=now,
                proven=True, source="entry",
            )  # fmt: skip
            await take_payment(connection, town.code, paid)
        return person
