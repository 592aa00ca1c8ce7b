"""Coverage: how many consumers found a merchant that takes part, where not, and whom they looked for."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.merchants.trades import TRADES
from hejie.queries.campaigns import latest
from hejie.queries.coverage import coverage
from hejie.queries.handoffs import handoff_counts
from hejie.store.settings import settings_at
from hejie.web.districts import district_choices
from hejie.web.handoffs import STATES
from hejie.web.shell import Answer, Visit, page

_EARLIEST = date(2000, 1, 1)


@page("/officer/coverage", role=Role.officer)
async def shown(visit: Visit) -> Answer:
    """This month beside the last, or another month by `month=2026-11`."""
    now = visit.house.clock.now()
    month = _month(visit.query("month"), now)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        found = await coverage(connection, visit.city, month)
        campaigns = await latest(connection, visit.city)
        counts = await handoff_counts(connection, visit.city)
    return visit.render(
        "officer/coverage.html",
        found=found,
        campaigns=campaigns,
        handoffs=[(visit.say(STATES[state]), count) for state, count in counts.items() if any(counts.values())],
        latest=month == _month("", now),
        districts=dict(district_choices(visit.language, visit.city, settings)),
        trade=partial(trade_name, visit),
    )


def trade_name(visit: Visit, code: str) -> str:
    """A trade's name in the reader's language."""
    known = TRADES.get(code)
    return getattr(known, visit.language) if known else visit.say("Trade not known")


def _month(text: str, now: datetime) -> date:
    this = now.astimezone(SHANGHAI).date().replace(day=1)
    if not text:
        return this
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Refused("field_unreadable") from None
    if not _EARLIEST <= month <= this:
        raise Refused("field_unreadable")
    return month
