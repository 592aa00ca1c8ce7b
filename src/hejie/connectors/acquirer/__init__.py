"""The acquirers of one city as one `Wallet`: every account and payment number begins with the acquirer's number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import httpx

from hejie.base.clock import Clock
from hejie.base.errors import Missing, Refused
from hejie.connectors.acquirer import trade
from hejie.connectors.acquirer.door import Door
from hejie.connectors.acquirer.gateway import Gateway
from hejie.connectors.acquirer.trade import TraceAnswer, TraceAsked
from hejie.connectors.named import NamedAccounts
from hejie.connectors.wallet import Callback, RefundAnswer, RefundOrder, StatementRow, Trade

__all__ = ["Acquirers", "Door"]

_NAMED = re.compile(r"([0-9A-Za-z]{1,32})-([0-9A-Za-z._-]{1,64})", re.ASCII)


class Acquirers(NamedAccounts):
    """Fulfils `hejie.connectors.wallet.Wallet`, where each method's shape and errors are told.

    A merchant's account is `NUMBER-MERCHANT`, where NUMBER is any that the acquirer speaks for; a payment's number is
    `ID-PAYMENT`, where ID is the acquirer's own. The account is its authority too: the acquirer knows whether the
    merchant lets us act, and refuses a refund without it. Pushes come by a door of their own (`api/acquirer.py`).
    """

    name = "acquirer"

    def __init__(self, doors: Mapping[str, Door], clock: Clock, client: httpx.AsyncClient) -> None:
        self.clock = clock
        asked = [Gateway(door, clock, client) for door in doors.values() if door.gateway]
        self._gateways = {number: gateway for gateway in asked for number in gateway.door.numbers}

    def asks(self, acquirer: str) -> bool:
        """Whether an acquirer's number is one that can be asked, and not one that only announces."""
        return acquirer in self._gateways

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """Ask for a payment by its number."""
        del order_no
        gateway, number = self._of(trade_no, "trade_missing")
        return await trade.trade(gateway, number, _number(authority) if authority else "")

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for money to go back under `order.key`."""
        gateway, number = self._of(order.trade_no, "trade_missing")
        return await trade.refund(gateway, order, number, _number(authority))

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for one refund by its key."""
        del authority
        gateway, number = self._of(order.trade_no, "trade_missing")
        return await trade.refund_status(gateway, order, number)

    async def statement(self, day: date, authority: str) -> list[StatementRow]:
        """The rows of one business day of a merchant."""
        gateway, number = self._of(authority, "account_unknown")
        return await trade.statement(gateway, day, number)

    def names(self, code: str) -> bool:
        """An account at an acquirer that can be asked."""
        return _NAMED.fullmatch(code) is not None and code.partition("-")[0] in self._gateways

    def callback(self, headers: Mapping[str, str], raw: bytes) -> Callback:
        """Acquirers push by their own door only."""
        del headers, raw
        raise Refused("callback_misdirected")

    async def trace(self, acquirer: str, asked: TraceAsked, key: str) -> tuple[TraceAnswer, ...]:
        """Ask one acquirer what a reference of a disputed payment leads to.

        Errors: `Missing("acquirer_unknown")`, `Refused("reference_unreadable")`, `Unknown`.
        """
        if acquirer not in self._gateways:
            raise Missing("acquirer_unknown")
        return await trade.trace(self._gateways[acquirer], asked, key)

    def _of(self, name: str, code: str) -> tuple[Gateway, str]:
        """The acquirer that an account or a payment number names, and its own number of it.

        Errors: `Missing(code)` for what names none, `Refused("wallet_not_connected")` for one we cannot ask.
        """
        found = _NAMED.fullmatch(name)
        if found is None:
            raise Missing(code)
        if found[1] not in self._gateways:
            raise Refused("wallet_not_connected", wallet=found[1])
        return self._gateways[found[1]], found[2]


def _number(account: str) -> str:
    return account.partition("-")[2]
