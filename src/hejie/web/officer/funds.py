"""Funds that pay consumers in advance: who promised them, what they have, and the ledger of each."""

from __future__ import annotations

from datetime import date
from typing import Any

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Missing, Refused
from hejie.base.money import positive_fen
from hejie.desk.advances import FUNDS
from hejie.edge.forms import Checks, a_day, one_of
from hejie.edge.words import mark
from hejie.payments.fund import Close, Command, Contribute, Found, Promiser
from hejie.payments.ledger import Account
from hejie.queries import advances
from hejie.queries.parties import find_party
from hejie.web.shell import Answer, Visit, act, page

PATH, LIST, PAGE = "/officer/funds", "officer/funds.html", "officer/fund.html"
PROMISERS = {
    Promiser.city: mark("the city"),
    Promiser.market: mark("a market"),
    Promiser.platform: mark("a platform"),
    Promiser.head_office: mark("a head office"),
}
ACCOUNTS = {
    Account.cash: mark("In the fund"),
    Account.capital: mark("Put into the fund"),
    Account.claim: mark("Owed by merchants"),
    Account.loss: mark("Given up"),
}
DONE = {
    "found": mark("The promise is entered. Now write down what is put into the fund."),
    "contributed": mark("Written down."),
    "closed": mark("It has a last day. What was paid until then stays covered."),
}
_FIELDS = {
    "fund_name": "fund_name",
    "fund_principal": "principal_code",
    "party_unknown": "principal_code",
    "fund_days": "last",
    "reference_missing": "reference",
    "reference_used": "reference",
    "amount_not_positive": "amount",
}


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """All of them, and the form for another."""
    return visit.render(LIST, **await _all(visit))


@act(PATH, role=Role.officer)
async def found(visit: Visit) -> Answer:
    """Enter a promise."""
    check, form = Checks(), visit.form
    name = form.word("fund_name")
    promiser = check("promiser", one_of, Promiser, form.word("promiser"), default=Promiser.city)
    cap = check("cap", positive_fen, form.text("cap").strip(), default=0)
    begins = check("begins", a_day, form.word("begins"), default=date.min)
    principal = await check.wait("principal_code", _principal(visit), default="")
    if check:
        return visit.refuse(LIST, check, **await _all(visit))
    identifier = visit.desk.mint(visit.city)
    command = Found(name=name, promiser=promiser, principal=principal, cap_fen=cap, begins=begins)
    try:
        await visit.desk.act(FUNDS, visit.city, identifier, command, visit.actor, once=await visit.once())
    except HejieError as why:
        return visit.refuse(LIST, why, _FIELDS.get(why.code, "fund"), **await _all(visit))
    return visit.go(f"{PATH}/{identifier}?done=found")


@page(f"{PATH}/{{id:str}}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One fund and its ledger."""
    return visit.render(PAGE, **await _one(visit))


@act(f"{PATH}/{{id:str}}/contribute", role=Role.officer)
async def contribute(visit: Visit) -> Answer:
    """Write down what was put into it."""
    check, form = Checks(), visit.form
    amount = check("amount", positive_fen, form.text("amount").strip(), default=0)
    if check:
        return visit.refuse(PAGE, check, **await _one(visit))
    command = Contribute(amount_fen=amount, reference=form.word("reference"))
    return await _do(visit, command, "contributed", "reference")


@act(f"{PATH}/{{id:str}}/close", role=Role.officer)
async def close(visit: Visit) -> Answer:
    """Give it a last day."""
    check = Checks()
    last = check("last", a_day, visit.form.word("last"), default=date.min)
    if check:
        return visit.refuse(PAGE, check, **await _one(visit))
    return await _do(visit, Close(last=last), "closed", "last")


async def _do(visit: Visit, command: Command, done: str, field: str) -> Answer:
    identifier = visit.path("id")
    try:
        await visit.desk.act(FUNDS, visit.city, identifier, command, visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, _FIELDS.get(why.code, field), **await _one(visit))
    return visit.go(f"{PATH}/{identifier}?done={done}")


async def _all(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        held = await advances.funds(connection, visit.city)
    return {
        "funds": [(each, visit.say(PROMISERS[each.fund.promiser])) for each in held],
        "promisers": [(each.value, visit.say(words)) for each, words in PROMISERS.items()],
        "today": visit.house.clock.now().astimezone(SHANGHAI).date().isoformat(),
    }


async def _one(visit: Visit) -> dict[str, Any]:
    identifier = visit.path("id")
    async with visit.connection() as connection:
        held = await advances.read_fund(connection, visit.city, identifier)
        lines, after = await advances.ledger_page(connection, visit.city, identifier, visit.query("after"))
    return {
        "held": held,
        "promiser": visit.say(PROMISERS[held.fund.promiser]),
        "lines": [
            (each, visit.say(ACCOUNTS[Account(each.debit)]), visit.say(ACCOUNTS[Account(each.credit)]))
            for each in lines
        ],
        "after": after,
        "today": visit.house.clock.now().astimezone(SHANGHAI).date().isoformat(),
        "done": visit.say(DONE[visit.query("done")]) if visit.query("done") in DONE else "",
    }


async def _principal(visit: Visit) -> str:
    """Who promised, by its exact credit code; nobody for the city. `Refused("agreement_other_unknown")`."""
    code = visit.form.word("principal_code").upper()
    if not code:
        return ""
    async with visit.connection() as connection:
        party = await find_party(connection, visit.city, code, "", "")
    if party is None:
        raise Refused("agreement_other_unknown")
    return party[0]


ROUTES = (listed, found, one, contribute, close)
