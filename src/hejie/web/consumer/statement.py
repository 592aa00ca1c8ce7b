"""What a 12315 form asks of one payment."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Statement(Struct, frozen=True, kw_only=True):
    """One payment in the words of a complaint; empty fields are left to the consumer."""

    place: str = ""
    amount_fen: int
    paid_at: datetime
    wallet: str
    trade_no: str = ""
    order_no: str = ""
    item: str = ""
