"""A dispute's settlement as a document for both sides: made when one of them first asks, the same for ever after."""

from __future__ import annotations

from litestar import Response

from hejie.base.errors import Refused
from hejie.disputes import events as e
from hejie.disputes.model import NEEDS_AMOUNT, Dispute, Offer
from hejie.edge import papers, words
from hejie.edge.limits import Limit
from hejie.edge.words import LANGUAGES, mark
from hejie.papers.agreement import Agreement, Kind, Party, Side, Term
from hejie.papers.paper import paper_of
from hejie.queries.parties import party_names
from hejie.queries.record import Line, Record
from hejie.web import story_labels as labels
from hejie.web.shell import Answer, Visit
from hejie.web.story import Story

TAKEN = Limit("settlements", 30, 3600)
"""Settlements one visitor takes away."""
_CONSUMER = mark("The person who paid the payments named below")
_PAID = mark("Payment of {amount} on {when} through {wallet}, number {number}: {place}")
_PAID_UNPROVEN = mark("Payment of {amount} on {when}: {place}")
_PROBLEM = mark("What happened: {problem}")


async def as_pdf(visit: Visit, told: Story) -> Answer:
    """The settlement in Chinese, or with `?in=en` its translation; the story was loaded as the visitor.

    Errors: `Refused("agreement_missing")`, and those of `papers.issued`.
    """
    await visit.limit(TAKEN, visit.viewer.person)
    dispute, language = told.dispute, visit.query("in", "zh")
    if language not in LANGUAGES:
        raise Refused("choice_missing")
    edition = agreed_at(told.record)
    if dispute.agreement is None or edition is None:
        raise Refused("agreement_missing")
    key = paper_of("dispute", dispute.id, Kind.settlement, edition.version, language)
    found = await papers.kept(visit.desk, visit.city, key)
    if found is None:
        draft = await _draft(visit, told, language)
        found = await papers.issued(visit.desk, visit.house.settings.public_url, draft)
    return handed(found)


def handed(found: papers.Kept) -> Answer:
    """The very bytes that were recorded, under the document's number."""
    headers = {
        "content-disposition": f'attachment; filename="{found.paper.number}.pdf"',
        "cache-control": "no-store",
    }
    return Response(found.raw, media_type="application/pdf", headers=headers)


def unnamed(language: str) -> str:
    """How a consumer is called whose name nobody needs or knows."""
    return words.say(language, _CONSUMER)


def agreed_at(record: Record) -> Line | None:
    """The step at which what stands now was agreed; none where nothing stands agreed."""
    steps = [line for line in record.lines if isinstance(line.event, e.Agreed)]
    return steps[-1] if steps and record.dispute.agreed else None


async def _draft(visit: Visit, told: Story, language: str) -> Agreement:
    """What it says, the same for whoever asks first: nobody is named who need not be."""
    dispute, record = told.dispute, told.record
    step, offer = agreed_at(record), dispute.agreement
    if step is None or offer is None:
        raise Refused("agreement_missing")
    async with visit.connection() as connection:
        names = await party_names(connection, visit.city, dispute.merchant, dispute.shop)
    merchant, code, shop, address = names
    place = " ".join(filter(None, (shop, address)))
    return Agreement(
        kind=Kind.settlement,
        city=visit.city,
        noun="dispute",
        subject=dispute.id,
        edition=step.version,
        language=language,
        parties=(
            Party(side=Side.consumer, name=unnamed(language)),
            Party(side=Side.merchant, name=merchant, number=code, address=place),
        ),
        facts=_facts(told, language),
        terms=(_term(record, dispute, offer, step, language),),
        agreed_at=step.at,
    )


def _facts(told: Story, language: str) -> tuple[str, ...]:
    problem = labels.problem(language, told.settings, told.dispute.problem)
    return (*payments_said(told, language), words.say(language, _PROBLEM, problem=problem))


def payments_said(told: Story, language: str) -> list[str]:
    """The disputed payments, a sentence each."""
    dispute, say = told.dispute, words.say
    return [
        say(
            language,
            _PAID_UNPROVEN if dispute.unverified else _PAID,
            amount=words.money(each.paid_fen),
            when=words.instant_with_year(language, each.paid_at),
            wallet=labels.wallet(language, dispute.wallet),
            number=each.trade_no,
            place=" ".join(filter(None, (told.record.place, each.item))),
        )
        for each in dispute.payments
    ]


def _term(record: Record, dispute: Dispute, offer: Offer, step: Line, language: str) -> Term:
    """What the merchant does; the words written beside the offer are part of it, in the language they were written."""
    agreed = step.event
    way = agreed.road if isinstance(agreed, e.Agreed) else offer.road
    said = (
        labels.remedy(language, offer.remedy),
        labels.road(language, way, dispute.wallet),
        record.offer_words.get(offer.id, ""),
    )
    return Term(
        who=Side.merchant,
        what="\n".join(filter(None, said)),
        by=agreed.due.at if isinstance(agreed, e.Agreed) and agreed.due else None,
        amount_fen=offer.amount_fen if offer.remedy in NEEDS_AMOUNT else None,
    )
