"""What people do in a run: they file, answer, offer, agree, escalate; officers hand over, say yes or no, ask back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import psycopg

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.desk.act import Content, Once
from hejie.desk.disputes import DISPUTES
from hejie.desk.handovers import HANDOVERS
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.homing_commands import HandOver
from hejie.disputes.model import Claim, Dispute, OfferStatus, Remedy, Road
from hejie.duties.authority import Tokens
from hejie.handovers import commands as h
from hejie.handovers.model import REFUSALS, Handover, State
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment, Shop
from hejie.merchants.uscc import check_character
from hejie.store.pool import city_transaction
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.watch import Watch
from hejie_lab.simulate.world import World

_PROBLEM = "quality"
Deed = tuple[Town, str, Coroutine[Any, Any, str]]


class Trader(NamedTuple):
    """One merchant under its names in several cities."""

    number: int
    code: str
    home: int
    names: dict[int, str]
    """City → its identifier there."""

    @property
    def account(self) -> str:
        """Its account at the wallet."""
        return f"20880000000000{self.number:02}"


class Filing(NamedTuple):
    """A consumer's wish to open a dispute, sent until it is answered, always under one key."""

    number: int
    city: int
    trade_no: str
    consumer: str
    key: str
    amount_fen: int


class Acknowledged(NamedTuple):
    """What a city has told somebody is done."""

    city: int
    noun: str
    id: str
    version: int


class People:
    """All of them."""

    def __init__(self, world: World, towns: Sequence[Town], watch: Watch) -> None:
        self.world, self.towns, self.watch = world, towns, watch
        self.traders: list[Trader] = []
        self.unanswered: list[Filing] = []
        self.filed: dict[str, Filing] = {}
        """Dispute → the filing that opened it."""
        self.acknowledged: list[Acknowledged] = []
        self._filings = 0

    async def settle_in(self) -> None:
        """Merchants become known to their cities."""
        plan = self.world.plan
        for number in range(2):
            body = f"9251010{number}MA6ABCDE{number}"
            home, *others = plan.some(range(len(self.towns)), 3)
            trader = Trader(number, body + check_character(body), home, {})
            for city in [home, *others[: plan.whole(1, 2)]]:
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
        holds = city == trader.home or self.world.plan.falls(0.5)
        acts: list[Any] = [named, shop, known] if holds else [named, shop]
        await town.desk.act_together(MERCHANTS, town.code, [(identifier, act) for act in acts], SYSTEM)
        if holds and self.world.plan.falls(0.7):
            content = town.desk.mint(town.code)
            ends = self.world.at + timedelta(days=365)
            granted = m.GrantAuthorisation(wallet="alipay", account=trader.account, content=content, expires_at=ends)
            sealed = Content(id=content, kind="authority", plain=msgspec.json.encode(Tokens("token", "refresh")))
            await town.desk.act(MERCHANTS, town.code, identifier, granted, SYSTEM, contents=[sealed])

    # What may be done now. ---------------------------------------------------------------------------

    def deed(self) -> Deed | None:
        """Something somebody does now."""
        kind = self.world.plan.weighed(_DEEDS)
        deeds: dict[str, Callable[[], Deed | None]] = {
            "file": self._file,
            "consumer": self._consumer,
            "merchant": self._merchant,
            "hand_over": self.hand_over,
            "answer": self._answer,
            "recall": self._recall,
            "note": self._note,
        }
        return deeds[kind]()

    def _file(self) -> Deed | None:
        if self.unanswered and self.world.plan.falls(0.7):
            return self._again(self.unanswered[0])
        if self._filings >= MOST_FILINGS:
            return None
        return self.file_anew()

    def file_anew(self) -> Deed:
        """One more dispute, at the door of a city that knows the merchant, or of a payment disputed elsewhere."""
        plan = self.world.plan
        trader = plan.pick(self.traders)
        self._filings += 1
        trade_no = f"20261130{self._filings:06}"
        amount = plan.whole(100, 20000)
        twice = [f for f in self.filed.values() if f.trade_no]
        city = plan.pick(sorted(trader.names))
        if twice and plan.falls(0.2):
            first = plan.pick(twice)
            others = [n for n in sorted(trader.names) if n != first.city]
            if others:
                city, trade_no, amount = plan.pick(others), first.trade_no, first.amount_fen
        filing = Filing(self._filings, city, trade_no, f"user{self._filings}", f"filing-{self._filings}", amount)
        self.towns[city].purse.paid[trade_no] = amount
        self.unanswered.append(filing)
        return self._again(filing)

    def again(self) -> Deed:
        """A filing that was not answered is sent once more."""
        return self._again(self.unanswered[0])

    def _again(self, filing: Filing) -> Deed:
        town = self.towns[filing.city]
        return town, f"file {filing.number}", self._filing(town, filing)

    async def _filing(self, town: Town, filing: Filing) -> str:
        trader = next(each for each in self.traders if filing.city in each.names)
        identifier, words = town.desk.mint(town.code), town.desk.mint(town.code)
        claim = Claim(remedy=Remedy.refund_full)
        command = d.File(id=identifier, trades=(filing.trade_no,), problem=_PROBLEM, claim=claim, words=words)
        try:
            consumer = await self._paid(town, trader, filing)
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
        known = [name for name, each in self.filed.items() if each == filing]
        if known and known != [done.id]:
            self.world.violate(f"filing {filing.number} is {known[0]} and {done.id}")
        self.filed[done.id] = filing
        self.acknowledged.append(Acknowledged(town.number, "dispute", done.id, done.version))
        return f"done {done.id} {done.version}{' again' if done.again else ''}"

    def _heard_no(self, filing: Filing, code: str) -> None:
        """A no is an end, unless the same filing had stood before."""
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
        if code not in {"stale", "in_flight"} and filing in self.unanswered:
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

    # In a dispute. -----------------------------------------------------------------------------------

    def _somewhere(self, fits: Callable[[Dispute], bool]) -> tuple[Town, Dispute] | None:
        """A dispute, mostly at its home."""
        strays = self.world.plan.falls(0.1)
        found = [
            (city, row)
            for (city, _), row in sorted(self.watch.disputes.items())
            if fits(row) and (strays or (row.home == row.city and row.away is None))
        ]
        if not found:
            return None
        city, row = self.world.plan.pick(found)
        return self.towns[city], row

    def _in_dispute(self, where: tuple[Town, Dispute], command: Any, actor: Actor, words: str = "") -> Deed:
        town, row = where
        contents = [Content(id=words, kind="text", plain="请看".encode())] if words else []
        name = f"{type(command).__name__} {actor.role.value} {row.id}"
        return town, name, self._acted(town, DISPUTES, row.id, command, actor, contents)

    async def _acted(
        self, town: Town, book: Any, identifier: str, command: Any, actor: Actor, contents: Sequence[Content] = ()
    ) -> str:
        try:
            done = await town.desk.act(book, town.code, identifier, command, actor, contents=contents)
        except HejieError as error:
            return error.code
        except psycopg.OperationalError:
            return "unknown"
        self.acknowledged.append(Acknowledged(town.number, book.noun, identifier, done.version))
        return f"done {done.version}"

    def _consumer(self) -> Deed | None:
        where = self._somewhere(lambda row: row.is_open)
        if where is None:
            return None
        town, row = where
        actor, plan = Actor(Role.consumer, row.consumer), self.world.plan
        offers = [each for each in row.offers if each.by is not Role.consumer and each.status is OfferStatus.open]
        if offers and plan.falls(0.6):
            offer = offers[-1].id
            return self._in_dispute(where, plan.pick([d.AcceptOffer(offer=offer), d.DeclineOffer(offer=offer)]), actor)
        words = town.desk.mint(town.code)
        says = d.Say(words=words)
        command = plan.pick([says, says, d.Escalate(), d.Confirm(), d.Deny(), d.Withdraw()])
        return self._in_dispute(where, command, actor, words if command is says else "")

    def _merchant(self) -> Deed | None:
        where = self._somewhere(lambda row: row.is_open)
        if where is None:
            return None
        town, row = where
        plan, actor = self.world.plan, Actor(Role.merchant, "staff", row.merchant)
        words = town.desk.mint(town.code)
        road = plan.pick([None, Road.api, Road.own_tool])
        if plan.falls(0.35):
            return self._in_dispute(where, d.AcceptOffer(offer="claim", road=road), actor)
        if plan.falls(0.4):
            part = max(1, row.left_fen // 2)
            offer = d.MakeOffer(id=words, remedy=Remedy.refund_part, amount_fen=part, road=plan.pick([None, Road.api]))
            return self._in_dispute(where, offer, actor)
        command = plan.pick([d.Answer(words=words), d.Say(words=words), d.RetryRefund()])
        return self._in_dispute(where, command, actor, "" if isinstance(command, d.RetryRefund) else words)

    def hand_over(self) -> Deed | None:
        """An officer, or the house, offers a dispute to another city."""
        where = self._somewhere(lambda row: row.is_open)
        if where is None:
            return None
        town, row = where
        plan = self.world.plan
        knows = [n for trader in self.traders for n in trader.names if trader.names.get(town.number) == row.merchant]
        to = plan.pick(knows) if knows and plan.falls(0.8) else plan.whole(0, len(self.towns) - 1)
        because: Any = "given_back" if row.arrived and plan.falls(0.6) else "shop_elsewhere"
        if because == "given_back":
            to = self.world.codes.index(row.sent_by)
        actor = SYSTEM if plan.falls(0.6) else _officer(town)
        return self._in_dispute(where, HandOver(to=self.world.codes[to], because=because), actor)

    # Of a hand-over. ---------------------------------------------------------------------------------

    def _answer(self) -> Deed | None:
        waiting = [each for each in sorted(self.watch.handovers) if self._waits(self.watch.handovers[each])]
        if not waiting:
            return None
        return self.answer_offer(self.world.plan.pick(waiting))

    @staticmethod
    def _waits(row: Handover) -> bool:
        return not row.ours and row.state is State.offered

    def answer_offer(self, which: tuple[int, str]) -> Deed:
        """An officer says yes or no."""
        town, plan = self.towns[which[0]], self.world.plan
        names = [trader.names[which[0]] for trader in self.traders if which[0] in trader.names]
        if names and plan.falls(0.6):
            return self._of_handover(town, which[1], h.Accept(merchant=plan.pick(names)))
        return self._of_handover(town, which[1], h.Refuse(code=plan.pick(REFUSALS)))

    def _recall(self) -> Deed | None:
        ours = [key for key, row in sorted(self.watch.handovers.items()) if row.ours and row.waits]
        if not ours:
            return None
        city, identifier = self.world.plan.pick(ours)
        return self._of_handover(self.towns[city], identifier, h.Recall())

    def _note(self) -> Deed | None:
        if not self.watch.handovers:
            return None
        city, identifier = self.world.plan.pick(sorted(self.watch.handovers))
        town = self.towns[city]
        words = town.desk.mint(town.code)
        return self._of_handover(town, identifier, h.AddNote(words=words), words)

    def _of_handover(self, town: Town, identifier: str, command: Any, words: str = "") -> Deed:
        contents = [Content(id=words, kind="text", plain="请留意".encode())] if words else []
        name = f"{type(command).__name__} {identifier}"
        return town, name, self._acted(town, HANDOVERS, identifier, command, _officer(town), contents)


MOST_FILINGS = 3
_DEEDS = {
    "file": 2.0,
    "consumer": 3.0,
    "merchant": 3.0,
    "hand_over": 6.0,
    "answer": 2.0,
    "recall": 1.0,
    "note": 1.0,
}


def _officer(town: Town) -> Actor:
    return Actor(Role.officer, "officer", town.code)
