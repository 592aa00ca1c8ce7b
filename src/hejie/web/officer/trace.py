"""A payment traced at the desk: by any reference, with a purpose; where nobody is known here, its acquirer is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.trace_requests import TRACE_REQUESTS
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.edge.tracing import TRACES, reference_typed, traced
from hejie.edge.words import mark
from hejie.intake.asked import MOST_WORDS, Asker
from hejie.merchants.bindings import Identity, Scheme
from hejie.payments.trace_request import AskAcquirer, Found, TraceRequest
from hejie.queries.bindings import register_of
from hejie.queries.merchant import read_merchant
from hejie.queries.successions import heirs_of
from hejie.queries.trace import Answer as Traced
from hejie.queries.trace import Belief, Reference, payee_of
from hejie.queries.trace_requests import disputed_payments, read_trace_request, trace_requests_of
from hejie.store.pool import Connection
from hejie.web import story
from hejie.web.officer import trace_lines
from hejie.web.officer.trace_lines import TraceLine
from hejie.web.shell import Answer, Visit, act, page

PATH, PAGE, ONE = "/officer/trace", "officer/trace.html", "officer/trace_request.html"
_NOWHERE = Reference()


@page(PATH, role=Role.officer)
async def form(visit: Visit) -> Answer:
    """The field for any reference, prefilled where it is for a dispute."""
    return visit.render(PAGE, **await _context(visit, visit.query("dispute")))


@act(PATH, role=Role.officer)
async def find(visit: Visit) -> Answer:
    """All answers; who asked and what for is written down first."""
    check, sent = Checks(), visit.form
    dispute = sent.word("dispute")
    reference = check("reference", reference_typed, sent.text("reference"), default=_NOWHERE)
    purpose = check("purpose", clean_text, sent.text("purpose"), MOST_WORDS, needed=True, default="")
    asker = Asker(role=visit.actor.role.value, person=visit.actor.id, purpose=purpose, dispute=dispute)
    if purpose:
        check("purpose", asker.must_say_why, default=None)
    told = await _context(visit, dispute)
    if check:
        return visit.refuse(PAGE, check, **told)
    await visit.limit(TRACES, visit.viewer.digest)
    answers = await traced(visit.house, visit.city, reference, asker)
    known = any(each.merchant for each in answers)
    return visit.render(
        PAGE,
        **told | {"answers": await _lines(visit, answers), "asked": True, "askable": () if known else told["askable"]},
    )


@act(f"{PATH}/ask", role=Role.officer)
async def ask(visit: Visit) -> Answer:
    """Have the payment's acquirer asked; its answer comes by itself."""
    sent, identifier = visit.form, visit.desk.mint(visit.city)
    dispute, trade_no = sent.word("dispute"), sent.word("trade_no")
    told = await _context(visit, dispute)
    try:
        purpose = clean_text(sent.text("purpose"), MOST_WORDS, needed=True)
        if not _can_be_asked(visit, trade_no):
            raise Refused("trace_nobody_to_ask")
        command = AskAcquirer(id=identifier, dispute=dispute, trade_no=trade_no, purpose=purpose)
        done = await visit.desk.act(
            TRACE_REQUESTS, visit.city, identifier, command, visit.actor, once=await visit.once()
        )
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, "purpose", **told)
    return visit.go(f"{PATH}/{done.id}")


@page(f"{PATH}/{{id:str}}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One question to an acquirer and, once it is there, its answer."""
    return visit.render(ONE, **await _question(visit))


@page(f"{PATH}/{{id:str}}/part", role=Role.officer, quiet=True)
async def part(visit: Visit) -> Answer:
    """The answer alone, for the page that is open."""
    return visit.render("officer/trace_answer.html", **await _question(visit))


@page(f"{PATH}/{{id:str}}/live", role=Role.officer, quiet=True)
async def live(visit: Visit) -> Answer:
    """Tells that it was answered."""
    row = (await _question(visit))["question"].row
    return visit.stream(row.id, row.version)


async def _context(visit: Visit, dispute: str) -> dict[str, Any]:
    """What the page sees before anything is asked; `Missing("dispute_unknown")` for one that is not there to read."""
    payments: list[str] = []
    through: list[str] = []
    questions: list[TraceRequest] = []
    if dispute:
        await story.load_row(visit, dispute)
        async with visit.connection() as connection:
            payments, through = await disputed_payments(connection, visit.city, dispute)
            questions = await trace_requests_of(connection, visit.city, dispute)
    waiting = {each.trade_no for each in questions if each.open}
    askable = [each for each in through if each not in waiting and _can_be_asked(visit, each)]
    return {
        "dispute": dispute,
        "reference": payments[0] if payments else "",
        "purpose": visit.say(mark("Dispute {number}"), number=dispute) if dispute else "",
        "questions": [trace_lines.question(visit, each) for each in questions],
        "askable": [(each, trace_lines.masked_number(each)) for each in askable],
        "answers": [],
        "asked": False,
    }


def _can_be_asked(visit: Visit, trade_no: str) -> bool:
    door = visit.house.acquirers.get((visit.city, trade_no.partition("-")[0]))
    return door is not None and bool(door.gateway)


async def _lines(visit: Visit, answers: Sequence[Traced]) -> list[TraceLine]:
    async with visit.connection() as connection:
        heirs = {
            each.merchant.id: await heirs_of(connection, visit.city, each.merchant.id)
            for each in answers
            if each.merchant
        }
    return [trace_lines.line(visit, each, heirs[each.merchant.id] if each.merchant else ()) for each in answers]


async def _question(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        row = await read_trace_request(connection, visit.city, visit.path("id"))
    await story.load_row(visit, row.dispute)
    async with visit.connection() as connection:
        lines = [await _told(visit, connection, row, each) for each in row.answers]
    return {"question": trace_lines.question(visit, row), "answers": lines}


async def _told(visit: Visit, connection: Connection, row: TraceRequest, found: Found) -> TraceLine:
    """An acquirer's answer held against what is known here: who had this number then, and how it is reached."""
    named = [
        Identity(Scheme.terminal, found.terminal, row.acquirer),
        Identity(Scheme.acquirer, found.merchant, row.acquirer),
    ]
    identities = [each for each in named if each.number]
    stood = (await register_of(connection, visit.city, identities)).at(identities, found.paid_at)
    belief = Belief.bound if stood.binding else Belief.opened if stood.merchant else Belief.unknown
    merchant = await read_merchant(connection, visit.city, stood.merchant) if stood.merchant else None
    who = payee_of(merchant, stood.shop) if merchant else None
    evidence = stood.binding.evidence if stood.binding else None
    sure = stood.binding.confidence if stood.binding else 0
    return TraceLine(
        payment=trace_lines.masked_number(row.trade_no),
        paid_fen=found.amount_fen,
        refunded_fen=found.refunded_fen,
        paid_at=found.paid_at,
        dispute="",
        numbers=trace_lines.numbers(visit, identities),
        who=who,
        reach=trace_lines.reach(visit, who),
        accounts=trace_lines.accounts(visit, who),
        why=trace_lines.why(visit, belief, evidence.basis.value if evidence else "", sure),
        note=evidence.note if evidence else "",
        heirs=tuple(await heirs_of(connection, visit.city, who.id)) if who else (),
    )


ROUTES = (form, find, ask, one, part, live)
