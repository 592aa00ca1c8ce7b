"""The Alipay connector: one application's gateway, speaking for the house as a `Wallet`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import httpx

from hejie.base.clock import Clock
from hejie.connectors.alipay import authority as authorities
from hejie.connectors.alipay import bill, cases, notify, trade
from hejie.connectors.alipay.gateway import Gateway
from hejie.connectors.alipay.keys import AlipayKeys
from hejie.connectors.wallet import (
    Account,
    Authorisation,
    Callback,
    CasePage,
    EnrolmentStatus,
    RefundAnswer,
    RefundOrder,
    StatementRow,
    Trade,
    WalletCase,
)

__all__ = ["Alipay", "AlipayKeys"]


class Alipay:
    """Fulfils `hejie.connectors.wallet.Wallet`, where each method's shape and errors are told.

    Built per (city, application, key version) over a client of `http_client()`, which the builder
    closes; unusable keys are `Refused("key_unreadable" | "key_not_rsa" | "certificate_unreadable")`.
    """

    name = "alipay"

    def __init__(self, keys: AlipayKeys, clock: Clock, client: httpx.AsyncClient) -> None:
        self._gateway = Gateway(keys, clock, client)

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """Ask for a payment by the wallet's number."""
        del order_no
        return await trade.trade(self._gateway, trade_no, authority)

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Move money back under `order.key`; `accepted` asks for `refund_status` ten seconds later."""
        return await trade.refund(self._gateway, order, authority)

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for one refund by its key."""
        return await trade.refund_status(self._gateway, order, authority)

    async def statement(self, day: date, authority: str) -> list[StatementRow]:
        """The bill file of one Shanghai day."""
        return await bill.statement(self._gateway, day, authority)

    async def case(self, event_id: str) -> WalletCase:
        """One wallet-born case, as the regulator sees it."""
        return await cases.case(self._gateway, event_id)

    async def cases(self, begin: datetime, end: datetime, page: int) -> CasePage:
        """One page (from 1) of the cases of a span."""
        return await cases.cases(self._gateway, begin, end, page)

    async def feedback(
        self, event_id: str, code: str, content: str, images: tuple[str, ...], operator: str, authority: str = ""
    ) -> None:
        """Handling feedback, of the public body or under a merchant's authority."""
        await cases.feedback(self._gateway, event_id, code, content, images, operator, authority)

    async def reply(self, event_id: str, content: str, images: tuple[str, ...], authority: str = "") -> None:
        """A message into the talk of a case."""
        await cases.reply(self._gateway, event_id, content, images, authority)

    async def supplement(self, event_id: str, content: str, images: tuple[str, ...], authority: str = "") -> None:
        """Further evidence for a case."""
        await cases.supplement(self._gateway, event_id, content, images, authority)

    async def finish(self, event_id: str, memo: str, agency: str) -> None:
        """The regulator closes a case."""
        await cases.finish(self._gateway, event_id, memo, agency)

    async def upload(self, picture: bytes, kind: str) -> str:
        """Put up a picture; its image id."""
        return await cases.upload(self._gateway, picture, kind)

    async def enrol(self, credit_code: str) -> list[Account]:
        """Open the function for every account under a credit code."""
        return await cases.enrol(self._gateway, credit_code)

    async def enrol_by_trade(self, credit_code: str, trade_no: str) -> Account:
        """Open it for the account behind a sample payment."""
        return await cases.enrol_by_trade(self._gateway, credit_code, trade_no)

    async def enrolment(self, account: str, kind: str, trade_no: str = "") -> EnrolmentStatus:
        """How far the opening is."""
        return await cases.enrolment(self._gateway, account, kind, trade_no)

    async def close_enrolment(self, account: str, kind: str) -> None:
        """Switch the function off for an account."""
        await cases.close_enrolment(self._gateway, account, kind)

    async def authorise(self, code: str) -> Authorisation:
        """Exchange the code that a merchant brings back."""
        return await authorities.exchange(self._gateway, "authorization_code", "code", code)

    async def renew(self, refresh_token: str) -> Authorisation:
        """A fresh authority for an old one."""
        return await authorities.exchange(self._gateway, "refresh_token", "refresh_token", refresh_token)

    def callback(self, headers: Mapping[str, str], raw: bytes) -> Callback:  # noqa: ARG002 -- Alipay signs no header
        """Verify and read a push; it is answered with the bare text `success`."""
        return notify.callback(raw, self._gateway.alipay_key, self._gateway.app_id, self._gateway.clock.now())
