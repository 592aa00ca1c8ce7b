"""Calls afterwards: which disputes are drawn, and which officer gets the call as a work item."""

from __future__ import annotations

from datetime import timedelta

from hejie.base.actor import SYSTEM
from hejie.cities.custody import Give
from hejie.cities.item_custody import custody_of
from hejie.cities.posts import Act, place_of
from hejie.desk.follow_ups import FOLLOW_UP, FOLLOW_UPS
from hejie.desk.item_custodies import ITEM_CUSTODIES
from hejie.duties.items import open_item
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.mediations.follow_ups import Draw, caller_of, follow_up_of, is_drawn
from hejie.queries.duties import officers
from hejie.queries.follow_ups import handlers_of, open_call, read_follow_up
from hejie.store.pool import city_transaction
from hejie.store.posts import find_post
from hejie.store.settings import settings_at
from hejie.worker import Work


async def draw_follow_up(work: Work, tools: Tools) -> None:
    """Draw a closed dispute or not, by a keyed digest of its id and the city's share on the day of its end."""
    city, dispute = work.city, await read_dispute(tools, work.city, work.subject)
    if dispute.closed_at is None:
        return
    async with city_transaction(tools.pool, city) as connection:
        asked = (await settings_at(connection, city, dispute.closed_at)).follow_ups
        handlers = await handlers_of(connection, city, dispute.id)
    if not is_drawn(tools.vaults(city).handle(FOLLOW_UP, dispute.id), asked.percent):
        return
    command = Draw(
        dispute=dispute.id, handlers=handlers, call_from=dispute.closed_at + timedelta(days=asked.after_days)
    )
    await tools.desk.act(FOLLOW_UPS, city, follow_up_of(dispute.id), command, SYSTEM)


async def give_follow_up(work: Work, tools: Tools) -> None:
    """Open the work item and give it to an officer of the place who had no part; nobody's where there is none."""
    city, now = work.city, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        row = await read_follow_up(connection, city, work.subject)
        known = await officers(connection, city)
    if row.noted_at is not None:
        return
    dispute = await read_dispute(tools, city, row.dispute)
    await open_item(tools, city, FOLLOW_UP, FOLLOW_UP, row.id, {"dispute": row.dispute})
    place, fit = place_of(city, dispute.authority, dispute.district), list[str]()
    async with city_transaction(tools.pool, city) as connection:
        item, holder = await open_call(connection, city, row.id)
        for person, _ in known:
            post = await find_post(connection, city, person, now)
            if person not in row.handlers and post and post.may(Act.items) and post.covers(place):
                fit.append(person)
    caller = caller_of(tools.vaults(city).handle("follow_up_caller", row.id), fit)
    if caller and not holder:
        await tools.desk.act(ITEM_CUSTODIES, city, custody_of(item), Give(officer=caller), SYSTEM)
