"""A wallet in memory that honours keys and sometimes leaves its answer open; its ledger is what really went back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

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
from hejie_lab.simulate.world import World

_OPEN_SHARE = 0.3


class Purse:
    """One wallet for all cities; a key moves money once."""

    name = "alipay"

    def __init__(self, world: World) -> None:
        self._world = world
        self.paid: dict[str, int] = {}
        self.booked: dict[str, tuple[str, int, datetime]] = {}
        """Key → what went back of which payment, and when."""

    def back(self, trade_no: str) -> int:
        """What went back of a payment."""
        return sum(fen for trade, fen, _ in self.booked.values() if trade == trade_no)

    def most_back(self) -> Counter[str]:
        """The same for all payments."""
        found: Counter[str] = Counter()
        for trade, fen, _ in self.booked.values():
            found[trade] += fen
        return found

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Move money once for each key; a refund above the payment is what the run looks for."""
        del authority
        self._maybe_open("refund never arrived")
        known = self.booked.get(order.key)
        if known is None:
            if self.back(order.trade_no) + order.amount_fen > self.paid[order.trade_no]:
                self._world.violate(f"a refund above the payment: {order.key} of {order.trade_no}")
            self.booked[order.key] = (order.trade_no, order.amount_fen, self._world.at)
            self._world.counts["refunds booked"] += 1
        elif known[:2] != (order.trade_no, order.amount_fen):
            self._world.violate(f"one key for two refunds: {order.key}")
        self._maybe_open("refund's answer lost")
        return self._answer(order)

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """What is known of a key."""
        del authority
        self._maybe_open("status unknown")
        self._world.counts["refunds asked for"] += 1
        return self._answer(order)

    def _answer(self, order: RefundOrder) -> RefundAnswer:
        known = self.booked.get(order.key)
        if known is None:
            return RefundAnswer(status=RefundStatus.absent, key=order.key)
        if self._world.stormy and self._world.fate.falls(_OPEN_SHARE):
            return RefundAnswer(status=RefundStatus.accepted, key=order.key)
        return RefundAnswer(status=RefundStatus.succeeded, key=order.key, amount_fen=known[1], moved_at=known[2])

    def _maybe_open(self, fault: str) -> None:
        if self._world.stormy and self._world.fate.falls(_OPEN_SHARE):
            self._world.hit(fault)
            raise Unknown("wallet_silent")

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """Every payment of the run stands."""
        del authority, order_no
        if trade_no not in self.paid:
            raise Missing("trade_unknown")
        return Trade(trade_no=trade_no, status="TRADE_SUCCESS", refundable=True, paid_fen=self.paid[trade_no])

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
