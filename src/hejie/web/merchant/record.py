"""The merchant's copy of a whole record."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.web import takeaway
from hejie.web.merchant import case
from hejie.web.shell import Answer, Visit, page


@page("/merchant/disputes/{id:str}/record.pdf", role=Role.merchant)
async def on_paper(visit: Visit) -> Answer:
    """As a PDF."""
    return await takeaway.as_paper(visit, (await case.view(visit)).told)


@page("/merchant/disputes/{id:str}/record.zip", role=Role.merchant)
async def in_archive(visit: Visit) -> Answer:
    """As an archive."""
    return await takeaway.as_archive(visit, (await case.view(visit)).told)


ROUTES = (on_paper, in_archive)
