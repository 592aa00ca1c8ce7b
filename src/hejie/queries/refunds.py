"""What a refund's order says beside its row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hejie.base.errors import Refused
from hejie.payments.refund import Refund
from hejie.store.pool import Connection

_ON_THEIR_WAY = """
select body::text from refund where city = %s and wallet = %s and trade_no = %s
  and state in ('sending', 'unknown', 'accepted', 'with_person') order by id
"""
_ORDERED = """
select p.paid_fen, l.at from payment p
join log l on l.city = p.city and l.noun = 'refund' and l.id = %s and l.version = 1
where p.city = %s and p.wallet = %s and p.trade_no = %s
"""


async def on_their_way(connection: Connection, city: str, wallet: str, trade_no: str) -> list[Refund]:
    """Refunds of a payment that were sent and have no end yet."""
    rows = await (await connection.execute(_ON_THEIR_WAY, [city, wallet, trade_no])).fetchall()
    return [msgspec.json.decode(body, type=Refund) for (body,) in rows]


async def ordered(connection: Connection, refund: Refund) -> tuple[int, datetime]:
    """What the payment was in all, in fen, and when the refund was ordered; `Refused("payment_unknown")`."""
    values = [refund.id, refund.city, refund.wallet, refund.trade_no]
    row: Any = await (await connection.execute(_ORDERED, values)).fetchone()
    if row is None:
        raise Refused("payment_unknown")
    return row[0], row[1]
