"""What a refund's order says beside its row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hejie.base.errors import Refused
from hejie.payments.refund import Refund
from hejie.store.pool import Connection

_ORDERED = """
select p.paid_fen, l.at from payment p
join log l on l.city = p.city and l.noun = 'refund' and l.id = %s and l.version = 1
where p.city = %s and p.wallet = %s and p.trade_no = %s
"""


async def ordered(connection: Connection, refund: Refund) -> tuple[int, datetime]:
    """What the payment was in all, in fen, and when the refund was ordered; `Refused("payment_unknown")`."""
    values = [refund.id, refund.city, refund.wallet, refund.trade_no]
    row: Any = await (await connection.execute(_ORDERED, values)).fetchone()
    if row is None:
        raise Refused("payment_unknown")
    return row[0], row[1]
