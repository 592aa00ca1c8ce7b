"""What stands behind an invitation: who asks, what joining means, and how to check that it is true."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.store.settings import settings_at
from hejie.web.shell import Answer, Visit, page


@page("/join", role=Role.merchant, anyone=True)
async def join(visit: Visit) -> Answer:
    """For everybody: nobody signs in to read who is asking."""
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    address = f"{visit.house.settings.public_url.rstrip('/')}{visit.url('/join')}"
    agency = getattr(settings.agency(visit.city).name, visit.language)
    return visit.render("merchant/join.html", settings=settings, agency=agency, address=address)


ROUTES = (join,)
