"""The UnionPay connector: one member's online gateway 5.1.0, speaking for the house as a `Wallet`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

import httpx

from hejie.base.clock import Clock
from hejie.base.errors import Refused
from hejie.connectors.unionpay import files, notify, trade
from hejie.connectors.unionpay.gateway import Gateway
from hejie.connectors.unionpay.keys import UnionpayKeys
from hejie.connectors.wallet import Authorisation, Callback, RefundAnswer, RefundOrder, StatementRow, Trade

__all__ = ["Unionpay", "UnionpayKeys"]

_MERCHANT = re.compile(r"[0-9A-Za-z]{15}", re.ASCII)
AUTHORITY = timedelta(days=365)
"""How long a merchant's leave is taken to stand: UnionPay names no end, so it is asked for again each year."""


class Unionpay:
    """Fulfils `hejie.connectors.wallet.Wallet`, where each method's shape and errors are told.

    An account is a merchant's number (`merId`), and that number is its authority too: the acquirer lets the member act
    for it, and a refund without that is refused there.
    """

    name = "unionpay"

    def __init__(self, keys: UnionpayKeys, clock: Clock, client: httpx.AsyncClient) -> None:
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

    async def authorise(self, code: str) -> Authorisation:
        """Take the number that a merchant names once its acquirer lets the member act; nothing is asked or moved."""
        if _MERCHANT.fullmatch(code) is None:
            raise Refused("authority_code_invalid")
        until = self._gateway.clock.now() + AUTHORITY
        return Authorisation(
            token=code, refresh_token=code, account=code, expires_at=until, refresh_expires_at=until + AUTHORITY
        )

    async def renew(self, refresh_token: str) -> Authorisation:
        """Another year."""
        return await self.authorise(refresh_token)

    def callback(self, headers: Mapping[str, str], raw: bytes) -> Callback:
        """Verify and read a push; all that it says is in its body."""
        del headers
        return notify.callback(self._gateway, raw)
