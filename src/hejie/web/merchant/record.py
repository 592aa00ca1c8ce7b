"""The merchant's copy of a whole record."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.web import mediated_paper, settlement, story, takeaway
from hejie.web.merchant import beside, case
from hejie.web.shell import Answer, Visit, page


@page("/merchant/disputes/{id:str}/record.pdf", role=Role.merchant)
async def on_paper(visit: Visit) -> Answer:
    """As a PDF."""
    return await takeaway.as_paper(visit, await _told(visit))


@page("/merchant/disputes/{id:str}/record.zip", role=Role.merchant)
async def in_archive(visit: Visit) -> Answer:
    """As an archive."""
    return await takeaway.as_archive(visit, await _told(visit))


async def _told(visit: Visit) -> story.Story:
    """The whole story, or for who had the dispute before as much as it has seen."""
    found = await beside.look(visit)
    return await beside.story_then(visit, found) if found is not None else (await case.view(visit)).told


@page("/merchant/disputes/{id:str}/agreement.pdf", role=Role.merchant)
async def agreement(visit: Visit) -> Answer:
    """The settlement as a document."""
    return await settlement.as_pdf(visit, (await case.view(visit)).told)


@page("/merchant/disputes/{id:str}/mediation.pdf", role=Role.merchant)
async def mediated(visit: Visit) -> Answer:
    """The agreement that the authority mediated, as a document."""
    return await mediated_paper.as_pdf(visit, (await case.view(visit)).told)


ROUTES = (on_paper, in_archive, agreement, mediated)
