"""What the wallets' bill files tell of refunds."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import Struct

from hejie.payments.refund import Refund
from hejie.store.pool import Connection

_LAST = "select max(day) from statement where city = %s and wallet = %s and account = %s"
_TOLD = """
select 1 from statement_row
where city = %s and wallet = %s and trade_no = %s and kind = 'refund' and refund_key = %s and amount_fen = %s limit 1
"""
_OURS = "select 1 from refund where city = %s and id = %s"
_UNSEEN = """
select distinct s.trade_no, s.refund_key, s.amount_fen, dp.dispute, o.amount_fen, dp.open
from statement_row s
join dispute_payment dp on dp.city = s.city and dp.wallet = s.wallet and dp.trade_no = s.trade_no
join dispute d on d.city = dp.city and d.id = dp.dispute
  and date_trunc('second', d.filed_at) <= coalesce(s.finished_at, d.filed_at)
left join refund o on o.city = s.city and o.id = s.refund_key
where s.city = %s and s.wallet = %s and s.account = %s and s.day = %s and s.kind = 'refund'
  and (dp.open or d.state in ('lapsed', 'settled', 'mediated'))
  and not exists (select 1 from refund r where r.city = s.city and r.state = 'succeeded'
                  and r.id in (s.refund_key, 'own:' || s.trade_no || ':' || s.refund_key))
order by s.trade_no, s.refund_key, dp.open desc, dp.dispute desc
"""


class Seen(Struct, frozen=True):
    """A refund in a bill file that no refund here has ended with."""

    trade_no: str
    key: str
    amount_fen: int
    dispute: str
    """Where several were about the payment: the open one first, then the latest."""
    ours_fen: int | None
    """What we ordered under this key; None where somebody else made it."""


async def last_day(connection: Connection, city: str, wallet: str, account: str) -> date | None:
    """The newest day that is loaded."""
    row: Any = await (await connection.execute(_LAST, [city, wallet, account])).fetchone()
    last: date | None = row[0]
    return last


async def tells(connection: Connection, refund: Refund) -> bool:
    """Whether a bill file shows this very refund, in number and amount."""
    values = [refund.city, refund.wallet, refund.trade_no, refund.id, refund.amount_fen]
    return await (await connection.execute(_TOLD, values)).fetchone() is not None


async def is_ours(connection: Connection, city: str, key: str) -> bool:
    """Whether a refund number is one of our own keys."""
    return await (await connection.execute(_OURS, [city, key])).fetchone() is not None


async def unseen(connection: Connection, city: str, wallet: str, account: str, day: date) -> list[Seen]:
    """A day's refunds on disputed payments that have not been seen yet."""
    rows = await (await connection.execute(_UNSEEN, [city, wallet, account, day])).fetchall()
    return [Seen(*row[:-1]) for row in rows]
