"""Disputes for the tests: driven by commands only, watched at every step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from msgspec import json

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.cities.reading import read_city, shipped
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.decide import decide
from hejie.disputes.denying import Party
from hejie.disputes.fold import evolve
from hejie.disputes.ground import Bought, Ground
from hejie.disputes.model import Claim, Dispute, Outcome, Paid, Remedy, Road
from hejie.disputes.states import TRANSITIONS, State

SETTINGS = read_city(shipped("330100"))
T0 = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CONSUMER = Actor(Role.consumer, "P1")
MERCHANT = Actor(Role.merchant, "S1", "M1")
OFFICER = Actor(Role.officer, "O1", "330102")
WALLET = Actor(Role.wallet, "alipay")
FULL = Claim(remedy=Remedy.refund_full)
CLAIM = "claim"


def paid(
    trade: str = "T1", fen: int = 10_000, *, before: int = 0, proven: bool = True, at: datetime = T0 - DAY
) -> Paid:
    return Paid(trade_no=trade, paid_fen=fen, before_fen=before, paid_at=at, proven=proven, item="午餐")


def bought(one: Paid, *, merchant: str = "M1", payer: bytes = b"p1", wallet: str = "alipay") -> Bought:
    return Bought(paid=one, wallet=wallet, payer=payer, merchant=merchant, shop="SH1", district="330102")


class Case:
    """One dispute and its log."""

    def __init__(self, *payments: Paid, authorised: bool = True, now: datetime = T0) -> None:
        self.now = now
        self.authorised = authorised
        self.own_account = True
        self.party: Party | None = None
        self.odr = False
        self.settings = SETTINGS
        self.payments = tuple(bought(one) for one in payments or (paid(),))
        self.events: list[e.AnyEvent] = []
        self._row: Dispute | None = None

    @property
    def row(self) -> Dispute:
        assert self._row is not None
        return self._row

    @property
    def exists(self) -> bool:
        return self._row is not None

    def ground(self, actor: Actor) -> Ground:
        return Ground(
            city="330100",
            now=self.now,
            actor=actor,
            settings=self.settings,
            odr=self.odr,
            bought=self.payments,
            authorised=self.authorised,
            own_account=self.own_account,
            party=self.party,
        )

    def wait(self, span: timedelta) -> Case:
        self.now += span
        return self

    def do(self, actor: Actor, command: c.Command) -> list[e.AnyEvent]:
        """Give a command; what happened is folded, and checked against what always holds."""
        happened = decide(self._row, command, self.ground(actor))
        for event in happened:
            before = self._row
            self._row = evolve(before, event)
            assert isinstance(event, e.Mirrored) or before is None or _may_follow(before.state, self._row.state), event
        self.events += happened
        self.check()
        return happened

    def check(self) -> None:
        """Folding the stored log from nothing gives the row, and its version counts the events."""
        if self._row is None:
            assert not self.events
            return
        stored = [json.decode(json.encode(event), type=e.AnyEvent) for event in self.events]
        folded: Dispute | None = reduce(evolve, stored, None)
        assert folded == self._row
        assert self._row.version == len(self.events)
        assert json.decode(json.encode(self._row), type=Dispute) == self._row

    def refuse(self, code: str, actor: Actor, command: c.Command) -> HejieError:
        """The command is refused with this code, and nothing has changed."""
        before, count = self._row, len(self.events)
        with pytest.raises(HejieError) as refused:
            self.do(actor, command)
        assert refused.value.code == code
        assert (self._row, len(self.events)) == (before, count)
        return refused.value

    def nothing(self, actor: Actor, command: c.Command) -> None:
        """The command is fine and leaves nothing behind."""
        assert self.do(actor, command) == []

    # The steps that most tests need, in the words of the people who take them. ------------------

    def file(self, claim: Claim = FULL, problem: str = "quality", *, by_itself: bool = True) -> Case:
        trades = tuple(each.paid.trade_no for each in self.payments)
        self.do(
            CONSUMER,
            c.File(id="D1", trades=trades, problem=problem, claim=claim, words="W1", escalates_by_itself=by_itself),
        )
        return self

    def offer(
        self, fen: int = 3000, road: Road = Road.own_tool, *, name: str = "o1", actor: Actor = MERCHANT,
        remedy: Remedy = Remedy.refund_part,
    ) -> Case:  # fmt: skip
        self.do(actor, c.MakeOffer(id=name, remedy=remedy, amount_fen=fen, road=road))
        return self

    def accept(self, offer: str = CLAIM, actor: Actor = MERCHANT, road: Road | None = None) -> Case:
        self.do(actor, c.AcceptOffer(offer=offer, road=road))
        return self

    def run_out(self) -> list[e.AnyEvent]:
        """The clock that runs now is let run out, and says so."""
        clock = self.row.due
        assert clock is not None
        self.now = clock.at
        return self.do(SYSTEM, c.RunOut(rule=clock.rule.value, at=clock.at))

    def see(self, key: str, fen: int, trade: str = "T1") -> list[e.AnyEvent]:
        return self.do(SYSTEM, c.SeeRefund(key=key, trade_no=trade, amount_fen=fen))

    def mediate(self) -> Case:
        """The consumer asks the officer in, who takes the case."""
        self.do(CONSUMER, c.Escalate())
        self.do(OFFICER, c.Take())
        return self


def _may_follow(before: State, after: State) -> bool:
    return before is after or after in TRANSITIONS[before]


def kinds(events: list[e.AnyEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def standing_in(state: State) -> Case:
    """A dispute of 100 yuan in this state, by the shortest road."""
    case = Case().file(by_itself=False)
    match state:
        case State.awaiting_merchant:
            pass
        case State.awaiting_consumer:
            case.offer()
        case State.overdue:
            case.run_out()
        case State.settling:
            case.accept(road=Road.api)
        case State.settled:
            case.accept(road=Road.api).see("D1-1", 10_000)
        case State.withdrawn:
            case.do(CONSUMER, c.Withdraw())
        case State.lapsed:
            case.offer().run_out()
        case State.mediating:
            case.offer().mediate()
        case State.mediated:
            case.offer().mediate()
            case.do(OFFICER, c.Close(memo="C9", agency="上城区市场监督管理局", outcome=Outcome.unsettled))
    assert case.row.state is state
    return case
