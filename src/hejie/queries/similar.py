"""Settled disputes that are like one: same problem, same trade where it has enough of them, a payment of its size."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from hejie.disputes.model import Dispute, Remedy
from hejie.disputes.similar import Similar, similar
from hejie.store.pool import Connection

SPAN = timedelta(days=365)
TIMES = 3
"""A similar payment is at most so many times as large, or as small."""
MOST = 500
_LOOK_AT = 5000
"""Rows that are looked at, the newest of a problem: an odd payment must not read a whole year."""

_NEWEST = """
select paid_fen, agreed_fen, remedy from (
  select paid_fen, agreed_fen, remedy, settled_at from settlement
  where city = %s and problem = %s and {where} settled_at > %s and settled_at <= %s
  order by settled_at desc limit %s) as newest
where paid_fen between %s and %s
order by settled_at desc limit %s
"""
IN_TRADE = _NEWEST.format(where="trade = %s and")
WITH_PROBLEM = _NEWEST.format(where="agreed_fen >= 0 and")
"""The condition is the index's own."""
_TRADE = "select left(regexp_replace(trade, '^[A-Z]', ''), 2) from shop where city = %s and id = %s"


class Found(Struct, frozen=True, kw_only=True):
    """What similar disputes settled at, and what "similar" was."""

    similar: Similar
    same_trade: bool
    from_fen: int
    to_fen: int


async def similar_to(connection: Connection, dispute: Dispute, least: int, now: datetime) -> Found | None:
    """What disputes like this one settled at in the last year; None while there are fewer than `least`."""
    paid_fen = sum(paid.left_fen for paid in dispute.payments)
    if paid_fen <= 0:
        return None
    size = paid_fen // TIMES, paid_fen * TIMES
    row = await (await connection.execute(_TRADE, [dispute.city, dispute.shop])).fetchone()
    trades = [str(row[0])] if row and row[0] else []
    for query, trade in [*((IN_TRADE, [trade]) for trade in trades), (WITH_PROBLEM, [])]:
        values = [dispute.city, dispute.problem, *trade, now - SPAN, now, _LOOK_AT, *size, MOST]
        rows = await (await connection.execute(query, values)).fetchall()
        found = similar([(paid, agreed, Remedy(remedy)) for paid, agreed, remedy in rows], paid_fen, least)
        if found is not None:
            return Found(similar=found, same_trade=bool(trade), from_fen=size[0], to_fen=size[1])
    return None
