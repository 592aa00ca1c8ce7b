"""What the law may give, for officers: the same form, with the question of more than the price, which they open."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.web import entitlement_asked
from hejie.web.shell import Answer, Visit, page


@page("/officer/entitlements", role=Role.officer)
async def shown(visit: Visit) -> Answer:
    """The cases, a form, or its answer; nothing of it is kept, and it belongs to no dispute."""
    return entitlement_asked.answer(visit, "officer/entitlements.html", officer=True)


ROUTES = (shown,)
