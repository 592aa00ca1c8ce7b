"""A dispute's log as it goes between cities: what happened, in order, and on whose side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from hejie.disputes.events import AnyEvent
from hejie.disputes.homing_events import HomingEvent
from hejie.store.pool import Connection

_LOG = "select actor_role, body::text from log where city = %s and noun = 'dispute' and id = %s order by version"


class Lived(NamedTuple):
    """One event, and the side that did it."""

    role: str
    event: AnyEvent


async def read_events(connection: Connection, city: str, dispute: str) -> list[Lived]:
    """All of a dispute's events here, the first one first; none of one that is unknown."""
    rows = await (await connection.execute(_LOG, [city, dispute])).fetchall()
    return [Lived(role, msgspec.json.decode(body, type=AnyEvent)) for role, body in rows]


def record_in(events: Iterable[Lived]) -> list[Lived]:
    """The record, the same in every city: without the steps between the cities."""
    return [each for each in events if not isinstance(each.event, HomingEvent)]
