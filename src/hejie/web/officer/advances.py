"""The advance of one dispute: granted after a finding, paid, recovered from the merchant, or given up."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.base.money import positive_fen
from hejie.desk.act import Content
from hejie.desk.advances import ADVANCES
from hejie.disputes.model import Outcome
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.edge.words import mark, money
from hejie.payments.advance import CancelAdvance, Command, GrantAdvance, PayOut, Recover, WriteOff
from hejie.queries.advances import Held, funds
from hejie.web import advanced, story
from hejie.web.shell import Answer, Visit, act, page

PATH, PAGE = "/officer/disputes/{id:str}/advance", "officer/advance.html"
DONE = {
    "granted": mark("Granted. Both sides have been told. Now let the fund's bank pay, and write its number down."),
    "paid": mark("Written down. Both sides have been told."),
    "recovered": mark("Written down."),
    "given_up": mark("What was still owed is given up."),
    "cancelled": mark("It is called off. Both sides have been told."),
}
_FREE = mark("at most {cap} for one dispute; {free} free")
_FIELDS = {"reference_missing": "reference", "reference_used": "reference", "fund_unknown": "fund"}


@page(PATH, role=Role.officer)
async def one(visit: Visit) -> Answer:
    """What there is, and what can be done next."""
    return visit.render(PAGE, **await _context(visit))


@act(f"{PATH}/grant", role=Role.officer)
async def grant(visit: Visit) -> Answer:
    """Grant it after a finding."""
    check, form = Checks(), visit.form
    amount = check("amount", positive_fen, form.text("amount").strip(), default=0)
    finding = check("finding_words", clean_text, form.text("finding_words"), needed=True, default="")
    if check:
        return visit.refuse(PAGE, check, **await _context(visit))
    kept = _text(visit, finding)
    command = GrantAdvance(fund=form.word("fund"), amount_fen=amount, finding=kept.id)
    return await _do(visit, command, "granted", "amount", kept)


@act(f"{PATH}/pay", role=Role.officer)
async def pay(visit: Visit) -> Answer:
    """The bank has paid the consumer."""
    return await _do(visit, PayOut(reference=visit.form.word("reference")), "paid", "reference")


@act(f"{PATH}/recover", role=Role.officer)
async def recover(visit: Visit) -> Answer:
    """The merchant has paid some of it back."""
    check, form = Checks(), visit.form
    amount = check("amount", positive_fen, form.text("amount").strip(), default=0)
    if check:
        return visit.refuse(PAGE, check, **await _context(visit))
    command = Recover(amount_fen=amount, reference=form.word("reference"))
    return await _do(visit, command, "recovered", "amount")


@act(f"{PATH}/give-up", role=Role.officer)
async def give_up(visit: Visit) -> Answer:
    """What is still owed is given up, with a reason."""
    return await _with_reason(visit, "loss_words", "given_up", WriteOff)


@act(f"{PATH}/cancel", role=Role.officer)
async def cancel(visit: Visit) -> Answer:
    """It is called off before anything was paid, with a reason."""
    return await _with_reason(visit, "cancel_words", "cancelled", CancelAdvance)


async def _with_reason(visit: Visit, field: str, done: str, kind: type[WriteOff | CancelAdvance]) -> Answer:
    check = Checks()
    reason = check(field, clean_text, visit.form.text(field), needed=True, default="")
    if check:
        return visit.refuse(PAGE, check, **await _context(visit))
    kept = _text(visit, reason)
    return await _do(visit, kind(reason=kept.id), done, field, kept)


async def _do(visit: Visit, command: Command, done: str, field: str, *contents: Content) -> Answer:
    identifier, once = visit.path("id"), await visit.once()
    try:
        await visit.desk.act(ADVANCES, visit.city, identifier, command, visit.actor, contents=contents, once=once)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, _FIELDS.get(why.code, field), **await _context(visit))
    return visit.go(f"/officer/disputes/{identifier}/advance?done={done}")


async def _context(visit: Visit) -> dict[str, Any]:
    dispute = await story.load_row(visit, visit.path("id"))
    async with visit.connection() as connection:
        held = await funds(connection, visit.city)
    told = await advanced.shown(visit, dispute.id)
    return {
        "dispute": dispute,
        "advance": told,
        "may_grant": dispute.outcome is Outcome.unsettled and (told is None or told.over),
        "funds": [(each.fund.id, _named(visit, each)) for each in held],
        "done": visit.say(DONE[visit.query("done")]) if visit.query("done") in DONE else "",
    }


def _named(visit: Visit, held: Held) -> str:
    told = visit.say(_FREE, cap=money(held.fund.cap_fen), free=money(held.free_fen))
    return f"{held.fund.name} · {told}"


def _text(visit: Visit, words: str) -> Content:
    return Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())


ROUTES = (one, grant, pay, recover, give_up, cancel)
