"""A wallet in memory that honours keys and sometimes leaves its answer open; its ledger is what really went back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.wallet import (
    Authorisation,
    Callback,
    RefundAnswer,
    RefundOrder,
    RefundStatus,
    StatementRow,
    Trade,
)
from hejie.disputes.model import Dispute
from hejie_lab.simulate.world import World

_OPEN_SHARE, _NO_SHARE = 0.3, 0.15
_OWN = "own:"


class Booking(NamedTuple):
    """What went back of a payment, and when."""

    trade: str
    fen: int
    at: datetime


class Ledger:
    """What all cities' wallet has booked; a key moves money once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.paid: dict[str, int] = {}
        self.booked: dict[str, Booking] = {}
        self.own: set[str] = set()
        """Numbers of refunds that merchants made in the wallet's own tool."""
        self.refused: set[str] = set()
        """Keys that the wallet has said no to, for good."""
        self.known: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        """(city, payment) → the keys that this city must reckon with: its own, and those that came with a dispute."""
        self.seen: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        """The same of what merchants gave back themselves, once the city has seen it."""
        self.agreed: dict[str, frozenset[str]] = {}
        """Key → what was seen when its refund was agreed on."""

    def sum_of(self, keys: Iterable[str]) -> int:
        """What they moved."""
        return sum(self.booked[key].fen for key in keys if key in self.booked)

    def back(self, trade: str) -> int:
        """What went back of a payment."""
        return sum(each.fen for each in self.booked.values() if each.trade == trade)

    def most_back(self) -> Counter[str]:
        """The same for all payments."""
        found: Counter[str] = Counter()
        for each in self.booked.values():
            found[each.trade] += each.fen
        return found

    def give_back(self, trade: str, fen: int) -> str:
        """A merchant gives back in the wallet's own tool, at most what is left; its number, empty where nothing is."""
        left = self.paid[trade] - self.back(trade)
        if left <= 0:
            return ""
        number = f"own{len(self.own) + 1}"
        self.own.add(number)
        self.booked[number] = Booking(trade, min(fen, left), self.world.at)
        self.world.counts["refunds by the merchant itself"] += 1
        return number

    def note(self, city: int, row: Dispute) -> None:
        """What a dispute's row tells of money as it changes."""
        for refund in row.refunds:
            where = (city, refund.trade_no)
            if refund.key.startswith(_OWN) and refund.status == "seen":
                self.seen[where].add(refund.key.rpartition(":")[2])
            elif refund.key not in self.agreed:
                self.agreed[refund.key] = frozenset(self.seen[where])

    def hand_on(self, giver: int, taker: int, row: Dispute) -> None:
        """A dispute came from one city to another: what the one knew of its payments, the other knows."""
        for paid in row.payments:
            self.known[taker, paid.trade_no] |= self.known[giver, paid.trade_no]
            self.seen[taker, paid.trade_no] |= self.seen[giver, paid.trade_no]


class Purse:
    """The wallet as one city's connector reaches it."""

    name = "alipay"

    def __init__(self, world: World, ledger: Ledger, city: int) -> None:
        self._world, self.ledger, self._city = world, ledger, city

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Move money once for each key; a refund above what the city knows of is what the run looks for."""
        del authority
        self._maybe_open("refund never arrived")
        ledger, known = self.ledger, self.ledger.booked.get(order.key)
        if known is None and not self._says_no(order):
            ledger.booked[order.key] = Booking(order.trade_no, order.amount_fen, self._world.at)
            ledger.known[self._city, order.trade_no].add(order.key)
            self._world.counts["refunds booked"] += 1
        elif known is not None and known[:2] != (order.trade_no, order.amount_fen):
            self._world.violate(f"one key for two refunds: {order.key}")
        self._maybe_open("refund's answer lost")
        if order.key in ledger.refused:
            return RefundAnswer(status=RefundStatus.failed, key=order.key, code="SELLER_BALANCE_NOT_ENOUGH")
        return self._answer(order)

    def _says_no(self, order: RefundOrder) -> bool:
        """Whether the wallet refuses, by chance or because too little is left; wrong where the city could know that."""
        ledger, where = self.ledger, (self._city, order.trade_no)
        if order.key in ledger.refused:
            return True
        known = ledger.known[where] | ledger.agreed.get(order.key, frozenset())
        if ledger.sum_of(known) + order.amount_fen > ledger.paid[order.trade_no]:
            self._world.violate(f"a refund above the payment: {order.key} of {order.trade_no}")
        over = ledger.back(order.trade_no) + order.amount_fen > ledger.paid[order.trade_no]
        by_chance = self._world.stormy and self._world.fate.falls(_NO_SHARE)
        if over:
            self._world.counts["refunds of what another city gave back"] += 1
        if by_chance:
            self._world.hit("refund refused")
        if over or by_chance:
            ledger.refused.add(order.key)
        return over or by_chance

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """What is known of a key."""
        del authority
        self._maybe_open("status unknown")
        self._world.counts["refunds asked for"] += 1
        return self._answer(order)

    def _answer(self, order: RefundOrder) -> RefundAnswer:
        known = self.ledger.booked.get(order.key)
        if known is None:
            return RefundAnswer(status=RefundStatus.absent, key=order.key)
        if self._world.stormy and self._world.fate.falls(_OPEN_SHARE):
            return RefundAnswer(status=RefundStatus.accepted, key=order.key)
        return RefundAnswer(status=RefundStatus.succeeded, key=order.key, amount_fen=known.fen, moved_at=known.at)

    def _maybe_open(self, fault: str) -> None:
        if self._world.stormy and self._world.fate.falls(_OPEN_SHARE):
            self._world.hit(fault)
            raise Unknown("wallet_silent")

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """Every payment of the run stands."""
        del authority, order_no
        paid = self.ledger.paid.get(trade_no)
        if paid is None:
            raise Missing("trade_unknown")
        return Trade(trade_no=trade_no, status="TRADE_SUCCESS", refundable=True, paid_fen=paid)

    async def statement(self, day: date, authority: str) -> list[StatementRow]:
        """No bill files here."""
        del day, authority
        raise Missing("statement_not_ready")

    async def authorise(self, code: str) -> Authorisation:
        """Not in a run."""
        del code
        raise Refused("authority_missing")

    async def renew(self, refresh_token: str) -> Authorisation:
        """Not in a run."""
        del refresh_token
        raise Refused("authority_missing")

    def callback(self, headers: Mapping[str, str], raw: bytes) -> Callback:
        """It pushes nothing."""
        del headers, raw
        raise Refused("signature_wrong")
