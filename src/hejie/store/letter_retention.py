"""Letters that ended long ago lose their content; place, digest, receipt and evidence stay, so nothing comes twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from hejie.handovers.model import WAITS
from hejie.store.handover_letters import OFFER, PIECE
from hejie.store.pool import Connection, Pool, city_transaction

MOST = 500
"""Letters emptied in one transaction."""
_ALONE_TIMES = 4
"""A piece whose offer has not come is kept for so many spans."""
_IN = """
update letter_in set bytes = '' where city = %(city)s and (peer, id) in (
  select peer, id from letter_in i
  where city = %(city)s and over_at < %(before)s and length(bytes) > 0
    and not exists (select 1 from handover h where h.city = i.city and h.id = i.about and h.state = any(%(open)s))
    and (kind <> %(piece)s or over_at < %(long_before)s or exists (
      select 1 from letter_in o where o.city = i.city and o.peer = i.peer and o.about = i.about
        and o.kind = %(offer)s and o.over_at < %(before)s))
  order by over_at limit %(most)s for update skip locked)
"""
"""What a hand-over that is still open came with is needed until it is taken in."""
_OUT = """
update letter_out set bytes = '' where city = %(city)s and id in (
  select id from letter_out o
  where city = %(city)s and state in ('retrieved', 'refused') and length(bytes) > 0 and first_at < %(before)s
    and exists (select 1 from letter_evidence e where e.city = o.city and e.letter = o.id
      and e.event in ('retrieved', 'refused') and e.heard_at < %(before)s)
  order by first_at limit %(most)s for update skip locked)
"""
_EMPTIED = """
select 1 from letter_in where city = %s and peer = %s and about = %s and kind = %s and state = 'done'
  and length(bytes) = 0 limit 1
"""


async def empty_letters(pool: Pool, city: str, days: int, now: datetime, most: int = MOST) -> int:
    """Empty what ended more than so many days of 24 hours ago, both ways, so many at a time; how many they were."""
    span = timedelta(days=days)
    values = {
        "city": city,
        "before": now - span,
        "long_before": now - _ALONE_TIMES * span,
        "open": [each.value for each in WAITS],
        "piece": PIECE,
        "offer": OFFER,
        "most": most,
    }
    count = 0
    for statement in (_IN, _OUT):
        emptied = most
        while emptied == most:
            async with city_transaction(pool, city) as connection:
                emptied = (await connection.execute(statement, values)).rowcount
            count += emptied
    return count


async def has_emptied_pieces(connection: Connection, city: str, peer: str, about: str) -> bool:
    """Whether an offer comes so late that pieces it needs are gone."""
    row = await (await connection.execute(_EMPTIED, [city, peer, about, PIECE])).fetchone()
    return row is not None
