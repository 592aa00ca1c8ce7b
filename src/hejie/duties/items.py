"""Work items: what only a person can find out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from hejie.base.errors import Missing
from hejie.cities.settings import MOST_LETTER_DAYS
from hejie.duties.tools import Tools
from hejie.edge.sweep import sweep
from hejie.intake.day_counts import count_all
from hejie.peers.directories import look_after
from hejie.store.letter_retention import empty_letters
from hejie.store.letters import wake
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.worker import LaterError, Work

_RAISE = """
insert into work_item (city, id, kind, noun, subject, body, opened_at)
values (%s, %s, %s, %s, %s, %s::jsonb, %s) on conflict do nothing
"""

_CLOSE = """
update work_item set done_at = %s, done_by = '', note = '' where city = %s and kind = %s and subject = %s
  and done_at is null
"""


async def raise_item(work: Work, tools: Tools) -> None:
    """Open a work item that an event asked for."""
    await open_item(tools, work.city, work.payload["kind"], work.noun, work.subject, work.payload)


async def open_item(tools: Tools, city: str, kind: str, noun: str, subject: str, body: Mapping[str, object]) -> None:
    """Open a work item, unless one of its kind is open on the same thing."""
    values = [city, tools.desk.mint(city), kind, noun, subject, msgspec.json.encode(body).decode(), tools.clock.now()]
    async with city_transaction(tools.pool, city) as connection:
        await connection.execute(_RAISE, values)


async def close_items(tools: Tools, city: str, kind: str, subject: str) -> None:
    """What a person was asked about has come right by itself."""
    async with city_transaction(tools.pool, city) as connection:
        await close_here(connection, city, kind, subject, tools.clock.now())


async def close_here(connection: Connection, city: str, kind: str, subject: str, now: datetime) -> None:
    """The same in the caller's transaction."""
    await connection.execute(_CLOSE, [now, city, kind, subject])


TIDY_SECONDS = 3600


async def _letter_days(work: Work, tools: Tools) -> int:
    """The city's span; the longest while no settings are in force."""
    async with city_transaction(tools.pool, work.city) as connection:
        try:
            return (await settings_at(connection, work.city, tools.clock.now())).letter_days
        except Missing:
            return MOST_LETTER_DAYS


async def tidy(work: Work, tools: Tools) -> None:
    """Forget what has run out, count what has changed, have letters brought that no task brings; again in an hour."""
    async with city_transaction(tools.pool, work.city) as connection:
        await sweep(connection, work.city, tools.clock.now())
        await wake(connection, work.city, tools.clock.now())
        if work.city in tools.exchange:
            await look_after(connection, work.city, tools.clock.now())
    await empty_letters(tools.pool, work.city, await _letter_days(work, tools), tools.clock.now())
    await count_all(tools.pool, work.city)
    raise LaterError(TIDY_SECONDS)
