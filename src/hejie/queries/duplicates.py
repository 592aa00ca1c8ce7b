"""Cases that may be the same complaint as one, for the officer who has it."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.disputes.duplicates import WINDOW, Likely, came_in, evidence
from hejie.disputes.model import Dispute
from hejie.store.pool import Connection

MOST = 50
"""Cases that are looked at, by each of the three roads."""
_NEAR = """
with this as (select contact from filing_mark where city = %(city)s and dispute = %(id)s),
near as (
  (select p.dispute as id from dispute_payment p where p.city = %(city)s and p.wallet = %(wallet)s
     and p.trade_no = any(%(trades)s) limit %(most)s)
  union
  (select m.dispute from filing_mark m where m.city = %(city)s and m.contact = (select contact from this)
     and m.filed_at between %(since)s and %(until)s order by m.filed_at desc limit %(most)s)
  union
  (select d.id from dispute d where d.city = %(city)s and d.merchant = %(merchant)s
     and d.filed_at between %(since)s and %(until)s order by d.filed_at desc, d.id desc limit %(most)s)
)
select d.body::text, coalesce((select k.contact = t.contact from filing_mark k, this t
    where k.city = %(city)s and k.dispute = near.id), false),
  coalesce((select m.body->'elsewhere' <> '[]' from mediation m where m.city = %(city)s and m.dispute = near.id), false)
from near cross join lateral (select * from dispute e where e.city = %(city)s and e.id = near.id limit 1) d
where near.id <> %(id)s order by d.filed_at desc, d.id desc
"""


async def likely_duplicates(connection: Connection, dispute: Dispute) -> tuple[Likely, ...]:
    """The newest first; those an officer has decided about are among them."""
    asked = {
        "city": dispute.city,
        "id": dispute.id,
        "wallet": dispute.wallet,
        "trades": [paid.trade_no for paid in dispute.payments],
        "merchant": dispute.merchant,
        "since": dispute.filed_at - WINDOW,
        "until": dispute.filed_at + WINDOW,
        "most": MOST,
    }
    rows: list[Any] = await (await connection.execute(_NEAR, asked)).fetchall()
    found: list[Likely] = []
    for body, same_contact, linked in rows:
        other = msgspec.json.decode(body, type=Dispute)
        why = evidence(dispute, other, same_contact=same_contact)
        if why and came_in(other, linked=linked):
            number = other.handoff.number if other.handoff else ""
            found.append(Likely(dispute=other, evidence=why, number=number))
    return tuple(found)
