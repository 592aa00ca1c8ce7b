"""Fresh links for whoever has none: sent to the merchant's registered number, whoever asked for them."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.duties.handling import told_shop
from hejie.duties.ladder import Notice, climb, side_of
from hejie.duties.tools import Tools
from hejie.merchants.contacts import Channel
from hejie.queries.merchant import read_merchant
from hejie.queries.record import read_dispute
from hejie.store.pool import Connection, city_transaction
from hejie.worker import Work

MOST = 3
"""Messages for one request: the newest open disputes. Older ones are found by the number on their own message."""
_NEWEST = """
select id from dispute where city = %s and merchant = %s and shop = %s and closed_at is null
order by filed_at desc, id desc limit %s
"""


async def fresh_links(work: Work, tools: Tools) -> None:
    """Begin one text message for each dispute that was asked for; repeating it begins none twice.

    They go to the first number that takes text messages. A shop's disputes that head office answers are not sent.
    """
    city = work.city
    async with city_transaction(tools.pool, city) as connection:
        wanted = [work.payload["dispute"]] if work.payload["dispute"] else await _newest(connection, work)
        for number, identifier in enumerate(wanted):
            dispute = await read_dispute(connection, city, identifier)
            told = Notice(id=f"{work.id}-{number}", dispute=identifier, audience=Role.merchant, template="fresh_link")
            side = await side_of(connection, tools, city, told, dispute)
            rung = next((at for at, each in enumerate(side.rungs) if each.channel is Channel.sms), None)
            if rung is not None:
                await climb(connection, tools, city, told, dispute, rung)


async def _newest(connection: Connection, work: Work) -> list[str]:
    """Open disputes that the shop itself answers."""
    shop = work.payload["shop"]
    merchant = await read_merchant(connection, work.city, work.subject)
    rows: list[Any] = await (await connection.execute(_NEWEST, [work.city, work.subject, shop, MOST])).fetchall()
    found = [await read_dispute(connection, work.city, identifier) for (identifier,) in rows]
    return [each.id for each in found if await told_shop(connection, each, merchant) == shop]
