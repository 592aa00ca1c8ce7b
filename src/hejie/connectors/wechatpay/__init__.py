"""The WeChat Pay connector: one partner's API, speaking for the house as a `Wallet`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, timedelta

import httpx

from hejie.base.clock import Clock
from hejie.base.errors import Refused
from hejie.connectors.wallet import (
    Authorisation,
    Callback,
    RefundAnswer,
    RefundOrder,
    StatementRow,
    Trade,
)
from hejie.connectors.wechatpay import bill, notify, trade
from hejie.connectors.wechatpay.gateway import Gateway
from hejie.connectors.wechatpay.keys import WechatpayKeys

__all__ = ["Wechatpay", "WechatpayKeys"]

_MERCHANT = re.compile(r"[0-9]{1,32}", re.ASCII)
AUTHORITY = timedelta(days=365)
"""How long a merchant's leave is taken to stand: WeChat Pay names no end, so it is asked for again each year."""


class Wechatpay:
    """Fulfils `hejie.connectors.wallet.Wallet`, where each method's shape and errors are told.

    An account is a merchant's number under the partner (`sub_mchid`), and that number is its authority too: the
    merchant gives the partner leave to refund on WeChat Pay's own pages, and a refund without it is refused there.
    """

    name = "wechatpay"

    def __init__(self, keys: WechatpayKeys, clock: Clock, client: httpx.AsyncClient) -> None:
        self._gateway = Gateway(keys, clock, client, lambda: secrets.token_hex(16))

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """Ask for a payment by its transaction id."""
        del order_no
        return await trade.trade(self._gateway, trade_no, authority)

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for money to go back under `order.key`: accepted, and to be asked for later."""
        return await trade.refund(self._gateway, order, authority)

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for one refund by its key."""
        return await trade.refund_status(self._gateway, order, authority)

    async def statement(self, day: date, authority: str) -> list[StatementRow]:
        """The trade bill of one Shanghai day."""
        return await bill.statement(self._gateway, day, authority)

    async def authorise(self, code: str) -> Authorisation:
        """Take the number that a merchant names once it has given the partner leave; nothing is asked or moved."""
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
        """Verify, open and read a push."""
        return notify.callback(self._gateway, headers, raw)
