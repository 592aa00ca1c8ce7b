"""Printed codes at a merchant's shops, as an officer brings them: made, printed, taken down."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.edge import stalls
from hejie.edge.stalls import Stall
from hejie.queries.merchant import read_merchant
from hejie.web import stall_poster
from hejie.web.officer.merchants import merchant_page
from hejie.web.shell import Answer, Visit, act

BASE = "/officer/merchants/{id:str}/stall"


@act(BASE, role=Role.officer)
async def make(visit: Visit) -> Answer:
    """A fresh code for one shop; it is shown this once."""
    stall = await _named(visit)
    code = await stall_poster.made_for(visit, stall)
    address = stalls.address_of(visit.house.settings.public_url, visit.city, code)
    return await merchant_page(visit, hung_now=(stall.shop, code, address))


@act(f"{BASE}/poster", role=Role.officer)
async def poster(visit: Visit) -> Answer:
    """The poster of a code of this merchant."""
    return await stall_poster.poster(visit, visit.path("id"))


@act(f"{BASE}/end", role=Role.officer)
async def end(visit: Visit) -> Answer:
    """A shop's code opens nothing any more."""
    await stall_poster.ended_for(visit, await _named(visit))
    return visit.go(f"/officer/merchants/{visit.path('id')}?done=unhung")


async def _named(visit: Visit) -> Stall:
    async with visit.connection() as connection:
        merchant = await read_merchant(connection, visit.city, visit.path("id"))
    shop = merchant.shop(visit.form.word("stall_shop"))
    if shop is None:
        raise Missing("shop_unknown")
    return Stall(merchant.id, shop.id)


ROUTES = (make, poster, end)
