"""A dispute's way between cities, as its page tells it: where it is, by when it is answered, how it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.cities.homes import Summary
from hejie.desk.act import subject_of
from hejie.disputes.model import Dispute
from hejie.handovers.model import Handover
from hejie.queries.handovers import read_handover
from hejie.store.contents import read_contents
from hejie.store.pool import Connection
from hejie.web import handover_words as hw
from hejie.web.shell import Visit

LINK = "link"
"""The content under which the way to a dispute's new home lies."""


class There(Struct, frozen=True, kw_only=True):
    """How it stands at its home, in the reader's words."""

    city: str
    state: str
    due_at: datetime | None
    outcome: str
    over: bool


class Handed(Struct, frozen=True, kw_only=True):
    """A dispute that rests or is gone."""

    handover: str
    city: str
    """The name of the city that is asked, or decides now."""
    gone: bool
    since: datetime
    why: str
    answer_by: datetime | None
    there: There | None
    link: str
    """The consumer's own way to it; empty for everybody else."""


class Came(Struct, frozen=True):
    """A dispute that has its home here and came from another city."""

    city: str
    handover: str
    back: bool
    """Whether it began here."""


async def shown(visit: Visit, dispute: Dispute) -> Handed | None:
    """Where it is or goes; None for a dispute that is decided here."""
    away = dispute.away
    if away is None:
        return None
    async with visit.connection() as connection:
        names = await hw.city_names(connection, visit.city, visit.language)
        row = await _row(connection, visit.city, away.handover)
        link = await _link(visit, connection, dispute) if away.gone else ""
    return Handed(
        handover=away.handover,
        city=hw.named(names, dispute.home if away.gone else away.to),
        gone=away.gone,
        since=away.since,
        why=visit.say(hw.BECAUSE.get(row.because, row.because)) if row else "",
        answer_by=row.answer_by if row else None,
        there=there(visit, names, away.summary) if away.gone and away.summary else None,
        link=link,
    )


def there(visit: Visit, names: Mapping[str, str], told: Summary) -> There:
    """What another city told of how it stands."""
    return There(
        city=hw.named(names, told.home),
        state=hw.state_there(visit.language, told.state, visit.actor.role),
        due_at=None if told.is_over else told.due_at,
        outcome=hw.outcome_there(visit.language, told.outcome),
        over=told.is_over,
    )


async def came(visit: Visit, dispute: Dispute) -> Came | None:
    """Where it came from; None for a dispute that began here, or is not decided here."""
    if not dispute.sent_by or dispute.home != dispute.city:
        return None
    async with visit.connection() as connection:
        names = await hw.city_names(connection, visit.city, visit.language)
    back = dispute.id.startswith(f"{dispute.city}-")
    return Came(hw.named(names, dispute.sent_by), dispute.arrived, back)


async def _row(connection: Connection, city: str, handover: str) -> Handover | None:
    """The hand-over, which is written down a moment after the dispute rests."""
    try:
        return await read_handover(connection, city, handover)
    except Missing:
        return None


async def _link(visit: Visit, connection: Connection, dispute: Dispute) -> str:
    """Opened for the consumer alone, who has been let in before; only ever an address of the web."""
    if visit.actor.role is not Role.consumer or dispute.consumer != visit.viewer.person or dispute.away is None:
        return ""
    subject = subject_of("handover", dispute.away.handover)
    found = await read_contents(connection, visit.house.vaults(visit.city), visit.city, subject, [LINK])
    link = found[LINK][1].decode(errors="replace") if LINK in found else ""
    return link if urlsplit(link).scheme in {"http", "https"} else ""
