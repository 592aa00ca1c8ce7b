"""The head's view: what is open, soon due and overdue at each authority and with each officer."""

from __future__ import annotations

from urllib.parse import urlencode

from msgspec import Struct

from hejie.base.actor import Role
from hejie.queries.duties import Load, supervision
from hejie.store.settings import settings_at
from hejie.web.officer.custody_part import authority_name
from hejie.web.officer.duties import NOBODY, SOON
from hejie.web.shell import Answer, Visit, page


class Line(Struct, frozen=True, kw_only=True):
    """One officer's load, or what nobody has, at one authority."""

    load: Load
    place: str
    address: str
    """Of the list behind its numbers; `&due=soon` and `&due=over` narrow it."""


@page("/officer/supervision", role=Role.officer)
async def shown(visit: Visit) -> Answer:
    """All authorities at the head's place and below."""
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        found = await supervision(connection, visit.city, visit.post.within, now, now + SOON)
    lines = [
        Line(
            load=each,
            place=authority_name(visit, settings, each.place),
            address="/officer/duties?" + urlencode({"of": each.officer or NOBODY, "place": each.place}),
        )
        for each in found
    ]
    return visit.render("officer/supervision.html", lines=lines)


ROUTES = (shown,)
