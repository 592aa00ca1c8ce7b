"""What the parties of a dispute and officers do: answer, offer, agree, pay back, hand over, say yes or no, ask back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

import psycopg

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.handovers import HANDOVERS
from hejie.disputes import commands as d
from hejie.disputes.homing_commands import HandOver
from hejie.disputes.model import Dispute, OfferStatus, Remedy, Road
from hejie.disputes.states import State as Stands
from hejie.handovers import commands as h
from hejie.handovers.model import REFUSALS, State
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.watch import Watch
from hejie_lab.simulate.world import World

Deed = tuple[Town, str, Coroutine[Any, Any, str]]
Where = tuple[Town, Dispute]


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


class Acknowledged(NamedTuple):
    """What a city has told somebody is done."""

    city: int
    noun: str
    id: str
    version: int


class Parties:
    """All of them, where a dispute is open."""

    def __init__(self, world: World, towns: Sequence[Town], watch: Watch, traders: Sequence[Trader]) -> None:
        self.world, self.towns, self.watch, self.traders = world, towns, watch, traders
        self.acknowledged: list[Acknowledged] = []

    def _somewhere(self, fits: Callable[[Dispute], bool]) -> Where | None:
        """A dispute, mostly at its home; one that came from another city rather than one that did not."""
        plan = self.world.plan
        strays = plan.falls(0.12)
        found = [
            (city, row)
            for (city, _), row in sorted(self.watch.disputes.items())
            if fits(row) and (strays or (row.home == row.city and row.away is None))
        ]
        came = [each for each in found if each[1].arrived]
        if came and plan.falls(0.4):
            found = came
        if not found:
            return None
        city, row = plan.pick(found)
        return self.towns[city], row

    def _in_dispute(self, where: Where, command: Any, actor: Actor, words: str = "") -> Deed:
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

    # In a dispute. -----------------------------------------------------------------------------------

    def consumer(self) -> Deed | None:
        """Says something, takes or declines an offer, says whether it was performed, escalates, withdraws."""
        where = self._somewhere(lambda row: row.is_open)
        if where is None:
            return None
        town, row = where
        actor, plan = Actor(Role.consumer, row.consumer), self.world.plan
        if row.state is Stands.settling and plan.falls(0.6):
            return self._in_dispute(where, plan.pick([d.Deny(), d.Deny(), d.Confirm()]), actor)
        offers = [each for each in row.offers if each.by is not Role.consumer and each.status is OfferStatus.open]
        if offers and plan.falls(0.8):
            offer = offers[-1].id
            says = plan.pick([d.AcceptOffer(offer=offer), d.AcceptOffer(offer=offer), d.DeclineOffer(offer=offer)])
            return self._in_dispute(where, says, actor)
        words = town.desk.mint(town.code)
        says = d.Say(words=words)
        command = plan.pick([says, says, says, d.Escalate(), d.Confirm(), d.Withdraw()])
        return self._in_dispute(where, command, actor, words if command is says else "")

    def merchant(self) -> Deed | None:
        """Agrees to the claim, offers, answers; once agreed, tries a refund again or gives back by itself."""
        where = self._somewhere(lambda row: row.is_open)
        if where is None:
            return None
        town, row = where
        plan, actor = self.world.plan, Actor(Role.merchant, "staff", row.merchant)
        if row.agreement is not None and row.state is Stands.settling:
            return self._performs(where, actor)
        if any(each.status == "failed" for each in row.refunds) and plan.falls(0.3):
            return self._in_dispute(where, d.RetryRefund(), actor)
        words = town.desk.mint(town.code)
        if plan.falls(0.5):
            return self.agrees(where)
        if plan.falls(0.6):
            part = max(1, row.left_fen // 2)
            offer = d.MakeOffer(id=words, remedy=Remedy.refund_part, amount_fen=part, road=plan.pick([None, Road.api]))
            return self._in_dispute(where, offer, actor)
        return self._in_dispute(where, plan.pick([d.Answer(words=words), d.Say(words=words)]), actor, words)

    def agrees(self, where: Where) -> Deed:
        """The merchant pays back what is claimed, by the road it likes."""
        town, row = where
        road = self.world.plan.pick([None, Road.api, Road.api, Road.own_tool])
        if town.purse.ledger.back(row.payments[0].trade_no) and self.world.plan.falls(0.7):
            part = d.MakeOffer(id=town.desk.mint(town.code), remedy=Remedy.refund_full, road=road)
            return self._in_dispute(where, part, Actor(Role.merchant, "staff", row.merchant))
        command = d.AcceptOffer(offer="claim", road=road)
        return self._in_dispute(where, command, Actor(Role.merchant, "staff", row.merchant))

    def at_home(self) -> list[Where]:
        """Every open dispute at its home."""
        return [
            (self.towns[city], row)
            for (city, _), row in sorted(self.watch.disputes.items())
            if row.is_open and row.home == row.city and row.away is None
        ]

    def _performs(self, where: Where, actor: Actor) -> Deed:
        town, row = where
        plan, agreement = self.world.plan, row.agreement
        if agreement is None or agreement.road is not Road.own_tool:
            return self._in_dispute(where, d.RetryRefund(), actor)
        trade = row.payments[0].trade_no
        fen = agreement.amount_fen if plan.falls(0.5) else max(1, agreement.amount_fen // 3)
        number = town.purse.ledger.give_back(trade, fen)
        return self._in_dispute(where, d.ClaimPerformed(refund_no=number, trade_no=trade), actor)

    def hand_over(self) -> Deed | None:
        """An officer, or the house, offers a dispute to another city: back where it came from, or to a third."""
        where = self._somewhere(lambda row: row.is_open and (not row.agreed or row.unperformed))
        return self.offers(where) if where else None

    def offers(self, where: Where) -> Deed:
        """This one is handed over."""
        town, row = where
        plan = self.world.plan
        knows = [n for trader in self.traders for n in trader.names if trader.names.get(town.number) == row.merchant]
        among = [n for n in knows if self.world.codes[n] not in {town.code, row.sent_by}]
        to = plan.pick(among) if among and plan.falls(0.85) else plan.whole(0, len(self.towns) - 1)
        because: Any = "given_back" if row.arrived and plan.falls(0.5) else "shop_elsewhere"
        if because == "given_back":
            to = self.world.codes.index(row.sent_by)
        actor = SYSTEM if plan.falls(0.6) else _officer(town)
        return self._in_dispute(where, HandOver(to=self.world.codes[to], because=because), actor)

    # Of a hand-over. ---------------------------------------------------------------------------------

    def answer(self) -> Deed | None:
        """Yes or no to an offer that waits; or, from a page that is out of date, to one that has its answer."""
        late = self.world.plan.falls(0.35)
        found = [
            key
            for key, row in sorted(self.watch.handovers.items())
            if not row.ours and (late or row.state is State.offered)
        ]
        return self.answer_offer(self.world.plan.pick(found)) if found else None

    def answer_offer(self, which: tuple[int, str]) -> Deed:
        """An officer says yes or no."""
        town, plan = self.towns[which[0]], self.world.plan
        names = [trader.names[which[0]] for trader in self.traders if which[0] in trader.names]
        if names and plan.falls(0.65):
            return self._of_handover(town, which[1], h.Accept(merchant=plan.pick(names)))
        return self._of_handover(town, which[1], h.Refuse(code=plan.pick(REFUSALS)))

    def recall(self) -> Deed | None:
        """A sender's officer asks for it back."""
        ours = self._waiting()
        if not ours:
            return None
        city, identifier = self.world.plan.pick(ours)
        return self._of_handover(self.towns[city], identifier, h.Recall())

    def who_waits(self) -> list[int]:
        """Cities whose offer has no answer yet."""
        return [city for city, _ in self._waiting()]

    def _waiting(self) -> list[tuple[int, str]]:
        return [key for key, row in sorted(self.watch.handovers.items()) if row.ours and row.waits]

    def note(self) -> Deed | None:
        """A line to the other city's officers."""
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


def _officer(town: Town) -> Actor:
    return Actor(Role.officer, "officer", town.code)
