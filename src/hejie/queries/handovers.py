"""Hand-overs between cities, as this city has them."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.base.errors import Missing
from hejie.handovers.model import Handover
from hejie.store.pool import Connection

_ONE = "select body::text from handover where city = %s and id = %s"
_OF_DISPUTE = "select body::text from handover where city = %s and dispute = %s order by id"
_PAGE = """
select body::text from handover
where city = %s and (%s::timestamptz is null or (offered_at, id) < (%s, %s))
order by offered_at desc, id desc limit %s
"""


async def read_handover(connection: Connection, city: str, identifier: str) -> Handover:
    """One hand-over; `Missing("handover_unknown")`."""
    row = await (await connection.execute(_ONE, [city, identifier])).fetchone()
    if row is None:
        raise Missing("handover_unknown")
    return msgspec.json.decode(row[0], type=Handover)


async def handovers_of(connection: Connection, city: str, dispute: str) -> list[Handover]:
    """All of a dispute's that this city had a part in, the oldest first."""
    rows = await (await connection.execute(_OF_DISPUTE, [city, dispute])).fetchall()
    return [msgspec.json.decode(body, type=Handover) for (body,) in rows]


async def handover_page(connection: Connection, city: str, after: tuple[Any, str] | None, most: int) -> list[Handover]:
    """The newest first, from after one (its `offered_at` and identifier) on; one more than `most` where there are."""
    at, identifier = after or (None, "")
    rows = await (await connection.execute(_PAGE, [city, at, at, identifier, most + 1])).fetchall()
    return [msgspec.json.decode(body, type=Handover) for (body,) in rows]
