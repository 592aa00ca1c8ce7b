"""The WeChat Pay connector: one partner's API, speaking for the house as a `Wallet`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime

import httpx

from hejie.base.clock import Clock
from hejie.connectors.named import NamedAccounts
from hejie.connectors.wallet import (
    Callback,
    CasePage,
    RefundAnswer,
    RefundOrder,
    StatementRow,
    Trade,
    WalletCase,
)
from hejie.connectors.wechatpay import bill, certificates, complaint_answers, complaints, notifications, notify, trade
from hejie.connectors.wechatpay.gateway import Gateway
from hejie.connectors.wechatpay.keys import WechatpayKeys
from hejie.connectors.wechatpay.trust import NoShelf, Shelf

__all__ = ["Wechatpay", "WechatpayKeys"]

_MERCHANT = re.compile(r"[0-9]{1,32}", re.ASCII)


class Wechatpay(NamedAccounts):
    """Fulfils `Completer`, `Pictured` and `Tended` of `hejie.connectors.wallet`, where shapes and errors are told.

    An account is a merchant's number under the partner (`sub_mchid`), and that number is its authority too: the
    merchant gives the partner leave to refund on WeChat Pay's own pages, and a refund without it is refused there.
    Complaints are answered by the partner's own right, so no authority is used there.
    """

    name = "wechatpay"

    def __init__(
        self, keys: WechatpayKeys, clock: Clock, client: httpx.AsyncClient, shelf: Shelf | None = None
    ) -> None:
        self.clock = clock
        self._gateway = Gateway(keys, clock, client, lambda: secrets.token_hex(16), shelf or NoShelf())
        self._callback_url = keys.callback_url
        self._certified = bool(keys.platform_certificates)

    async def trade(self, trade_no: str, authority: str = "", order_no: str = "") -> Trade:
        """Ask for a payment by its transaction id."""
        del order_no
        return await trade.trade(self._gateway, trade_no, authority)

    async def refund(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for money to go back under `order.key`: accepted, and to be asked for later."""
        return await trade.refund(self._gateway, order, authority, self._callback_url)

    async def refund_status(self, order: RefundOrder, authority: str) -> RefundAnswer:
        """Ask for one refund by its key."""
        return await trade.refund_status(self._gateway, order, authority)

    async def statement(self, day: date, authority: str) -> list[StatementRow]:
        """The trade bill of one Shanghai day."""
        return await bill.statement(self._gateway, day, authority)

    def names(self, code: str) -> bool:
        """A merchant's number, which has given the partner leave."""
        return _MERCHANT.fullmatch(code) is not None

    def callback(self, headers: Mapping[str, str], raw: bytes) -> Callback:
        """Verify, open and read a push."""
        return notify.callback(self._gateway, headers, raw)

    async def case(self, event_id: str) -> WalletCase:
        """One complaint, with its history."""
        return await complaints.case(self._gateway, event_id)

    async def cases(self, begin: datetime, end: datetime, page: int) -> CasePage:
        """One page (from 1) of the complaints of a span, of all merchants under the partner."""
        return await complaints.cases(self._gateway, begin, end, page)

    async def feedback(
        self, event_id: str, code: str, content: str, images: tuple[str, ...], operator: str, authority: str = ""
    ) -> None:
        """An answer; WeChat Pay knows no codes and names no operator."""
        del code, operator, authority
        await complaint_answers.respond(self._gateway, event_id, content, images)

    async def reply(self, event_id: str, content: str, images: tuple[str, ...], authority: str = "") -> None:
        """An answer."""
        del authority
        await complaint_answers.respond(self._gateway, event_id, content, images)

    async def supplement(self, event_id: str, content: str, images: tuple[str, ...], authority: str = "") -> None:
        """Further evidence, which is an answer too."""
        del authority
        await complaint_answers.respond(self._gateway, event_id, content, images)

    async def finish(self, event_id: str, memo: str, agency: str) -> None:
        """The public body's closing words, then completion: WeChat Pay has no part for the public body itself."""
        del agency
        await complaint_answers.complete(self._gateway, event_id, memo)

    async def approve(self, event_id: str, amount_fen: int, words: str) -> None:
        """The merchant agrees to give so much back."""
        await complaint_answers.approve(self._gateway, event_id, amount_fen, words)

    async def refuse(self, event_id: str, words: str) -> None:
        """The merchant refuses the refund for good, which ends the complaint."""
        await complaint_answers.refuse(self._gateway, event_id, words)

    async def complete(self, event_id: str, words: str) -> None:
        """All is done."""
        await complaint_answers.complete(self._gateway, event_id, words)

    async def upload(self, picture: bytes, kind: str) -> str:
        """Put up a picture of at most 2 MB; its id."""
        return await complaints.upload(self._gateway, picture, kind)

    async def picture(self, address: str) -> bytes:
        """The bytes of a picture that a complaint names."""
        return await complaints.picture(self._gateway, address)

    async def tend(self) -> None:
        """Keep new platform certificates, where we live by certificates, and have complaints pushed to us."""
        if self._certified and (found := await certificates.fetched(self._gateway)):
            await self._gateway.trust.keep(found)
        if self._callback_url:
            await notifications.point_to(self._gateway, self._callback_url)

    async def recall(self, headers: Mapping[str, str]) -> None:
        """Take in certificates that another process has fetched, if a push is signed by an unknown one."""
        await self._gateway.trust.recall({name.lower(): value for name, value in headers.items()})
