"""Hand-offs to 12315, each state counted apart."""

from __future__ import annotations

from typing import Any

from hejie.disputes.handoff import HandoffState
from hejie.store.pool import Connection

_COUNTS = """
select body->'handoff'->>'state', count(*) from dispute
where city = %s and body->'handoff' <> 'null'::jsonb group by 1
"""
"""The very condition of the index, so that disputes without one are not looked at."""


async def handoff_counts(connection: Connection, city: str) -> dict[HandoffState, int]:
    """How many of a city's disputes stand where with their latest hand-off; states without any are 0."""
    rows: list[Any] = await (await connection.execute(_COUNTS, [city])).fetchall()
    found = {HandoffState(state): count for state, count in rows}
    return {state: found.get(state, 0) for state in HandoffState}
