"""Joint figures on their way: each month of ours counted once and told to the members, theirs kept as they came."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from hejie.alliance.figures import COUNTS, FIGURES, Told, about, days_of, months_before, must_fit, withheld
from hejie.alliance.units import readers
from hejie.base.errors import Missing, Refused
from hejie.duties.items import open_item
from hejie.duties.letter_kinds import Handler, Incoming
from hejie.duties.tools import Tools
from hejie.queries.statistics import Figures, period, statistics
from hejie.store import directories
from hejie.store import figures as store
from hejie.store.letters import put
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.worker import AgainError, Work

_LOOK = timedelta(days=1)


async def send_figures(work: Work, tools: Tools) -> None:
    """Count the months that are over and were not counted, and tell members what they were not told; again in a day."""
    await _send(tools, work.city)
    if not work.payload.get("once"):
        raise AgainError(tools.clock.now() + _LOOK)


async def _send(tools: Tools, city: str) -> None:
    now = tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        joined = await directories.joined_on(connection, city)
        months = [each for each in months_before(now) if joined and days_of(each)[1] >= joined]
        peers = readers(await directories.present(connection, city), FIGURES, city, now)
        own = await store.own_figures(connection, city)
        for month in months:
            if month not in own:
                await store.keep_figures(connection, city, city, 1, await counted(connection, tools, city, month), now)
        own = await store.own_figures(connection, city)
        lacking = await store.untold(connection, city, peers, months)
    for month, peer in lacking:
        try:
            async with city_transaction(tools.pool, city) as connection:
                values: list[Any] = [city, peer, about(month), 1, FIGURES, msgspec.to_builtins(own[month].told)]
                await put(connection, *values, now=now, chance=os.urandom)
        except (Refused, Missing) as error:
            body = {"code": error.code, "peer": peer, "about": about(month)}
            await open_item(tools, city, "letter_not_written", "figures", f"{about(month)}-{peer}", body)


async def counted(connection: Connection, tools: Tools, city: str, month: str) -> Told:
    """A month of ours as it may be told: the same figures as `hejie statistics` gives."""
    settings = await settings_at(connection, city, tools.clock.now())
    found = await statistics(connection, city, period(*days_of(month)))
    least = settings.publicity.least_cell
    return Told(month=month, least=least, counts=withheld(told_counts(found.whole.now), least))


def told_counts(now: Figures) -> dict[str, int]:
    """The figures of a time under the names that cities tell each other."""
    whole = (
        now.received,
        now.answered,
        now.overdue,
        now.escalated,
        now.confirmed + now.performed + now.unconfirmed + now.mediated,
        now.silent + now.unsettled,
        now.withdrawn,
    )
    return dict(zip(COUNTS, whole, strict=True))


async def take_figures(tools: Tools, city: str, letter: Incoming) -> None:
    """A member's month; `Refused("letter_unreadable")`."""
    told = letter.read(Told)
    must_fit(told, letter.about, letter.at)
    async with city_transaction(tools.pool, city) as connection:
        await store.keep_figures(connection, city, letter.peer, letter.number, told, letter.at)


HANDLERS: Mapping[str, Handler] = {FIGURES: take_figures}
