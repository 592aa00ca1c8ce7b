"""A merchant's history as it is told to another city: from the statistics' own lines, one for each dispute."""

from __future__ import annotations

from datetime import date, datetime

from hejie.alliance.histories import COUNTS, History, guarded
from hejie.store.pool import Connection

_MERCHANT = "select id from merchant where city = %s and credit_code = %s"
_COUNTS = """
select count(*), count(*) filter (where c.outcome in ('confirmed', 'performed', 'unconfirmed', 'mediated')),
  count(*) filter (where c.overdue_on is not null), count(*) filter (where c.escalated_on is not null),
  count(*) filter (where coalesce(d.body->'pressure'->>'upheld', '') = 'true')
from dispute_counted c join dispute d on d.city = c.city and d.id = c.id
where c.city = %s and c.merchant = %s and c.received_on between %s and %s
"""
_MEASURES = """
select count(*) from measure where city = %s and merchant = %s and effective_at <= %s and (until is null or %s < until)
"""


async def history(
    connection: Connection, city: str, credit_code: str, days: tuple[date, date], now: datetime, least: int
) -> History:
    """What may be told of a merchant; all none where nobody here knows it."""
    row = await (await connection.execute(_MERCHANT, [city, credit_code])).fetchone()
    merchant = str(row[0]) if row else ""
    counted = await (await connection.execute(_COUNTS, [city, merchant, *days])).fetchone()
    in_effect = await (await connection.execute(_MEASURES, [city, merchant, now, now])).fetchone()
    counts = dict(zip(COUNTS, counted or (0,) * len(COUNTS), strict=True))
    return History(
        credit_code=credit_code,
        known=bool(merchant),
        first=days[0],
        last=days[1],
        least=least,
        counts=guarded(counts, least),
        measures=int(in_effect[0]) if in_effect else 0,
    )
