"""The consumer's steps in the authority's mediation."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.edge.forms import Checks
from hejie.web import story
from hejie.web.consumer.dispute import again
from hejie.web.mediation_acts import party_step
from hejie.web.shell import Answer, Visit, act


@act("/disputes/{id:str}/mediation/{step:str}", role=Role.consumer)
async def step(visit: Visit) -> Answer:
    """Who complains, that mediation is agreed to, or a wish for another mediator."""
    row, check = await story.load_row(visit, visit.path("id")), Checks()
    await party_step(visit, check, row.id)
    if check:
        return await again(visit, check, tried=visit.path("step"))
    return visit.go(f"/disputes/{row.id}?done=mediation#mediation")


ROUTES = (step,)
