"""A bill that a consumer brings: its payments, and whether each may be disputed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

Direction = Literal["out", "in", "neutral"]
Disputable = Literal["yes", "no", "ask"]


class Entry(Struct, frozen=True, kw_only=True):
    """One row as the wallet prints it, cleaned of padding but not yet judged."""

    time: datetime
    """The instant of payment, aware, in UTC."""
    kind: str = ""
    """The wallet's own word for the sort of row."""
    counterparty: str = ""
    item: str = ""
    direction: Direction
    amount_fen: int
    refunded_fen: int = 0
    """What the same bill says went back already."""
    method: str = ""
    status: str = ""
    trade_no: str = ""
    """The wallet's number; empty where the file lost it."""
    order_no: str = ""
    source: str = ""
    """Where the trade was made (older web export only)."""


class BillRow(Struct, frozen=True, kw_only=True):
    """One row of a bill with its verdict; `why` is a stable code that portals put into words."""

    time: datetime
    kind: str
    counterparty: str
    item: str
    direction: Direction
    amount_fen: int
    refunded_fen: int
    method: str
    status: str
    trade_no: str
    order_no: str
    disputable: Disputable
    """`ask`: only the consumer can tell, so the page asks; never a refusal."""
    why: str


class Bill(Struct, frozen=True, kw_only=True):
    """A whole exported bill; whose account it is was read over and not kept."""

    wallet: str
    """`alipay` or `wechatpay`."""
    layout: str
    """`alipay_csv`, `alipay_web_csv`, `wechatpay_csv`, `wechatpay_xlsx`, ..."""
    payments: tuple[BillRow, ...]
    announced: int | None
    """How many rows the file itself says it has, where it says so."""
