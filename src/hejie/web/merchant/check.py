"""Is this message from us? Whoever types the number printed in it learns when it was sent, and nothing else."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.edge import limits
from hejie.edge.limits import Limit
from hejie.edge.links import check_handle
from hejie.edge.sessions import passing
from hejie.store.settings import settings_at
from hejie.web.shell import Answer, Visit, act, page

TRIES = Limit("message-checks", 20, 600)
"""Numbers typed from one network address."""
PAGE = "merchant/check.html"
_FIND = "select made_at, tail from delivery where city = %s and check_code = %s"


@page("/check", role=Role.merchant, anyone=True)
async def ask(visit: Visit) -> Answer:
    """The field for the number."""
    return await _show(visit)


@act("/check", role=Role.merchant, anyone=True)
async def tell(visit: Visit) -> Answer:
    """Whether we sent it."""
    async with passing(visit.house.pool, visit.city) as connection:
        await limits.take(connection, visit.city, TRIES, visit.address)
    handle = check_handle(visit.house.vaults(visit.city), visit.form.word("number"))
    found = None
    if handle is not None:
        async with visit.connection() as connection:
            found = await (await connection.execute(_FIND, [visit.city, handle])).fetchone()
    return await _show(visit, found=found, asked=True)


async def _show(visit: Visit, *, found: Any = None, asked: bool = False) -> Answer:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    ours = f"{visit.house.settings.public_url.rstrip('/')}/{visit.city}/"
    return visit.render(PAGE, settings=settings, ours=ours, found=found, asked=asked)


ROUTES = (ask, tell)
