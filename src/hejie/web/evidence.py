"""Pictures as evidence, for whoever may read the dispute."""

from __future__ import annotations

from litestar import Response

from hejie.disputes.model import Dispute
from hejie.queries.record import read_picture
from hejie.web.shell import Answer, Visit

_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


async def show_picture(visit: Visit, dispute: Dispute) -> Answer:
    """The picture that the address names; the dispute was loaded as the visitor. It never changes: kept for an hour."""
    vault, name = visit.house.vaults(visit.city), visit.path("name")
    async with visit.connection() as connection:
        kind, raw = await read_picture(connection, vault, visit.city, dispute.id, name)
    return Response(raw, media_type=_TYPES[kind], headers={"cache-control": "private, max-age=3600"})
