"""What the law may give, for everybody: facts typed into a form, and the reference that follows from them."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.web import entitlement_asked
from hejie.web.shell import Answer, Visit, page


@page("/entitlements", role=Role.consumer, anyone=True)
async def shown(visit: Visit) -> Answer:
    """The cases, a form, or its answer; nothing of it is kept."""
    return entitlement_asked.answer(visit, "consumer/entitlements.html", officer=False)


ROUTES = (shown,)
