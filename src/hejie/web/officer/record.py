"""The officer's copy of a whole record."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.web import mediated_paper, settlement, story, takeaway
from hejie.web.shell import Answer, Visit, page


@page("/officer/disputes/{id:str}/record.pdf", role=Role.officer)
async def on_paper(visit: Visit) -> Answer:
    """As a PDF."""
    return await takeaway.as_paper(visit, await story.load(visit, visit.path("id")))


@page("/officer/disputes/{id:str}/record.zip", role=Role.officer)
async def in_archive(visit: Visit) -> Answer:
    """As an archive."""
    return await takeaway.as_archive(visit, await story.load(visit, visit.path("id")))


@page("/officer/disputes/{id:str}/agreement.pdf", role=Role.officer)
async def agreement(visit: Visit) -> Answer:
    """The settlement as a document."""
    return await settlement.as_pdf(visit, await story.load(visit, visit.path("id")))


@page("/officer/disputes/{id:str}/mediation.pdf", role=Role.officer)
async def mediated(visit: Visit) -> Answer:
    """The agreement that the authority mediated, as a document."""
    return await mediated_paper.as_pdf(visit, await story.load(visit, visit.path("id")))


ROUTES = (on_paper, in_archive, agreement, mediated)
