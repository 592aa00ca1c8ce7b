"""The merchant's steps in the authority's mediation."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.edge.forms import Checks
from hejie.web.mediation_acts import party_step
from hejie.web.merchant.answers import again
from hejie.web.merchant.case import BASE, row_of
from hejie.web.shell import Answer, Visit, act


@act(f"{BASE}/mediation/{{step:str}}", role=Role.merchant)
async def step(visit: Visit) -> Answer:
    """That mediation is agreed to, or a wish for another mediator."""
    row, check = await row_of(visit), Checks()
    await party_step(visit, check, row.id)
    if check:
        return await again(visit, check, visit.path("step"))
    return visit.go(f"/merchant/disputes/{row.id}?done=mediation#mediation")


ROUTES = (step,)
