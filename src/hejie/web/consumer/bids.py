"""The consumer's part in blind bidding: the least that would do."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import HejieError
from hejie.base.money import positive_fen
from hejie.web import bidding, story
from hejie.web.consumer.dispute import again
from hejie.web.shell import Answer, Visit, act


@act("/disputes/{id:str}/limit", role=Role.consumer)
async def limit(visit: Visit) -> Answer:
    """Name the least."""
    row = await story.load_row(visit, visit.path("id"))
    try:
        await bidding.name(visit, row, positive_fen(visit.form.text("limit").strip()))
    except HejieError as why:
        return await again(visit, why, "limit", tried="limit")
    return visit.go(f"/disputes/{row.id}?done=limit")


@act("/disputes/{id:str}/compare", role=Role.consumer)
async def compare(visit: Visit) -> Answer:
    """See whether the two meet."""
    row = await story.load_row(visit, visit.path("id"))
    try:
        met = await bidding.compare(visit, row)
    except HejieError as why:
        return await again(visit, why, tried="limit")
    return visit.go(f"/disputes/{row.id}?done={'met' if met else 'missed'}")


ROUTES = (limit, compare)
