"""Disputes that stand near one by its consumer, its words or its phone number: one query, for officers only."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from hejie.disputes.model import Dispute, Outcome
from hejie.disputes.patterns import SPAN, Near, Patterns, patterns
from hejie.store.pool import Connection

MOST = 100
"""Disputes that are looked at, by each of the three roads."""

_NEAR = """
with this as (select words, contact from filing_mark where city = %(city)s and dispute = %(id)s),
near as (
  (select id from dispute where city = %(city)s and consumer = %(consumer)s
     and filed_at > %(since)s and filed_at < %(until)s order by filed_at desc, id desc limit %(most)s)
  union
  (select m.dispute from filing_mark m where m.city = %(city)s and m.words = (select words from this)
     and m.filed_at > %(since)s and m.filed_at < %(until)s order by m.filed_at desc limit %(most)s)
  union
  (select m.dispute from filing_mark m where m.city = %(city)s and m.contact = (select contact from this)
     and m.filed_at > %(since)s and m.filed_at < %(until)s order by m.filed_at desc limit %(most)s)
)
select d.id, coalesce((select s.name from shop s where s.city = %(city)s and s.id = d.shop),
    (select h.name from merchant h where h.city = %(city)s and h.id = d.merchant), ''),
  d.consumer, d.merchant, d.filed_at, d.outcome,
  array(select coalesce(p->>'item', '') from jsonb_array_elements(d.body->'payments') p),
  array(select p->>'trade_no' from jsonb_array_elements(d.body->'payments') p),
  coalesce(m.words = (select words from this), false), coalesce(m.contact = (select contact from this), false)
from near
cross join lateral (select * from dispute e where e.city = %(city)s and e.id = near.id limit 1) d
left join lateral (select * from filing_mark k where k.city = %(city)s and k.dispute = near.id limit 1) m on true
where near.id <> %(id)s
order by d.filed_at desc, d.id desc
"""
"""Each dispute is fetched by its key: a join that was planned in an empty city would read all of a full one."""


async def patterns_of(connection: Connection, dispute: Dispute) -> Patterns:
    """How the consumer of one dispute files, ninety days before and after it."""
    values = {
        "city": dispute.city,
        "id": dispute.id,
        "consumer": dispute.consumer,
        "since": dispute.filed_at - SPAN,
        "until": dispute.filed_at + SPAN,
        "most": MOST,
    }
    rows: list[Any] = await (await connection.execute(_NEAR, values)).fetchall()
    this = Near(
        id=dispute.id,
        place="",
        consumer=dispute.consumer,
        merchant=dispute.merchant,
        filed_at=dispute.filed_at,
        outcome=dispute.outcome,
        items=tuple(paid.item for paid in dispute.payments),
        trades=tuple(paid.trade_no for paid in dispute.payments),
        same_words=True,
        same_contact=True,
    )
    return patterns(this, [_near(row) for row in rows])


def _near(row: Any) -> Near:
    identifier, place, consumer, merchant, filed_at, outcome, items, trades, same_words, same_contact = row
    return Near(
        id=identifier,
        place=place,
        consumer=consumer,
        merchant=merchant,
        filed_at=filed_at.astimezone(UTC),
        outcome=Outcome(outcome) if outcome else None,
        items=tuple(items),
        trades=tuple(trades),
        same_words=same_words,
        same_contact=same_contact,
    )
