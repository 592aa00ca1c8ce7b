"""An agreement that was reached in a mediation, as a document for both sides and the authority."""

from __future__ import annotations

from datetime import datetime, time

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.edge import papers
from hejie.edge.words import LANGUAGES
from hejie.mediations.events import AgreementReached
from hejie.mediations.model import Face, mediation_of
from hejie.papers.agreement import Agreement, Kind, Party, Side, Term
from hejie.papers.paper import paper_of
from hejie.queries.mediations import Course, read_course, read_identity
from hejie.queries.officer import officer_names
from hejie.queries.parties import party_names
from hejie.web import settlement, story_labels
from hejie.web.shell import Answer, Visit
from hejie.web.story import Story

COPIES = 3
"""Signed and sealed by hand: one for each side, one for the authority (Order 121, art. 24)."""
_LAST = time(23, 59)
_SHOWN = 4
_SIDES = {Role.consumer: Side.consumer, Role.merchant: Side.merchant}


async def as_pdf(visit: Visit, told: Story) -> Answer:
    """It in Chinese, or with `?in=en` its translation; the dispute was loaded as the visitor.

    Errors: `Refused("agreement_missing")` where none was reached or a record of it is enough, and those of `issued`.
    """
    await visit.limit(settlement.TAKEN, visit.viewer.person)
    language = visit.query("in", "zh")
    if language not in LANGUAGES:
        raise Refused("choice_missing")
    try:
        async with visit.connection() as connection:
            vault, mediation = visit.house.vaults(visit.city), mediation_of(told.dispute.id)
            course = await read_course(connection, vault, visit.city, mediation)
    except Missing:
        raise Refused("agreement_missing") from None
    version, _ = _reached(course)
    key = paper_of("mediation", mediation, Kind.mediation, version, language)
    found = await papers.kept(visit.desk, visit.city, key)
    if found is None:
        draft = await _draft(visit, told, course, language)
        found = await papers.issued(visit.desk, visit.house.settings.public_url, draft)
    return settlement.handed(found)


def _reached(course: Course) -> tuple[int, AgreementReached]:
    """The step at which it was reached, if a document was asked for."""
    for step in reversed(course.steps):
        if isinstance(step.event, AgreementReached) and step.event.face is Face.document:
            return step.version, step.event
    raise Refused("agreement_missing")


def _masked(document: str) -> str:
    """Enough of an identity document's number for who knows it to see that it is this one."""
    return f"{'*' * max(4, len(document) - 4)}{document[-4:]}" if len(document) > _SHOWN else ""


async def _draft(visit: Visit, told: Story, course: Course, language: str) -> Agreement:
    """Both sides by name; where the consumer lives and the whole number of the document are the authority's to know."""
    version, reached = _reached(course)
    async with visit.connection() as connection:
        who = await read_identity(connection, visit.house.vaults(visit.city), course.row)
        names = await party_names(connection, visit.city, told.dispute.merchant, told.dispute.shop)
        officers = await officer_names(connection, visit.city, [reached.officer])
    merchant, code, shop, address = names
    consumer = settlement.unnamed(language) if who is None else who.name
    return Agreement(
        kind=Kind.mediation,
        city=visit.city,
        noun="mediation",
        subject=course.row.id,
        edition=version,
        language=language,
        parties=(
            Party(side=Side.consumer, name=consumer, number=_masked(who.document) if who else ""),
            Party(side=Side.merchant, name=merchant, number=code, address=" ".join(filter(None, (shop, address)))),
        ),
        facts=(course.texts.get(reached.facts, ""), *settlement.payments_said(told, language)),
        terms=tuple(
            Term(
                who=_SIDES[term.who],
                what=course.texts.get(term.what, ""),
                by=datetime.combine(term.by, _LAST, SHANGHAI),
                amount_fen=term.amount_fen or None,
            )
            for term in reached.terms
        ),
        agreed_at=reached.at,
        agency=story_labels.agency(language, told.settings, reached.authority),
        mediator=officers.get(reached.officer, ""),
        sealed_copies=COPIES,
    )
