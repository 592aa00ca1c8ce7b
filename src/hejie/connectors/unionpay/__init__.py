"""The UnionPay connector: one member's online gateway 5.1.0, speaking for the house as a `Wallet`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import httpx

from hejie.base.clock import Clock
from hejie.connectors.named import NamedAccounts
from hejie.connectors.unionpay import files, notify, trade
from hejie.connectors.unionpay.gateway import Gateway
from hejie.connectors.unionpay.keys import UnionpayKeys
from hejie.connectors.wallet import Callback, RefundAnswer, RefundOrder, StatementRow, Trade

__all__ = ["Unionpay", "UnionpayKeys"]

_MERCHANT = re.compile(r"[0-9A-Za-z]{15}", re.ASCII)


class Unionpay(NamedAccounts):
    """Fulfils `hejie.connectors.wallet.Wallet`, where each method's shape and errors are told.

    An account is a merchant's number (`merId`), and that number is its authority too: the acquirer lets the member act
    for it, and a refund without that is refused there.
    """

    name = "unionpay"

    def __init__(self, keys: UnionpayKeys, clock: Clock, client: httpx.AsyncClient) -> None:
        self.clock = clock
        self._gateway = Gateway(keys, clock, client)

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """Ask for a payment by its order number and the time that its `queryId` holds."""
        return await trade.trade(self._gateway, trade_no, authority, order_no)

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for money to go back under `order.key` and `order.ordered_at`: accepted, and to be asked for later."""
        return await trade.refund(self._gateway, order, authority)

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for one refund by its key and time."""
        return await trade.refund_status(self._gateway, order, authority)

    async def statement(self, day: date, authority: str) -> list[StatementRow]:
        """The settlement file of one clearing day."""
        return await files.statement(self._gateway, day, authority)

    def names(self, code: str) -> bool:
        """A merchant's number, whose acquirer lets the member act."""
        return _MERCHANT.fullmatch(code) is not None

    def callback(self, headers: Mapping[str, str], raw: bytes) -> Callback:
        """Verify and read a push; all that it says is in its body."""
        del headers
        return notify.callback(self._gateway, raw)
