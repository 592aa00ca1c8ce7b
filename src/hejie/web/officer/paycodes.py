"""Payment codes with promises, as an officer decides on them: those that wait, one of them, granted, refused, ended."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.desk.act import Once
from hejie.desk.paycodes import PAYCODES, grant_instead
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.payments.paycode import MOST_WORDS, Command, EndPaycode, Refuse
from hejie.queries.paycodes import paycode_in_force, paycodes_decided, paycodes_waiting, read_paycode
from hejie.store.settings import all_settings
from hejie.web.paycode_lines import card
from hejie.web.shell import Answer, Visit, act, page

PATH, PAGE = "/officer/paycodes", "officer/paycode.html"
DONE = {
    "granted": mark("It is granted. Payments from now on remember its promises."),
    "refused": mark("It is not granted. The merchant sees your reason."),
    "ended": mark("It is over. Payments before keep its promises."),
}


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """Those that wait, then those that were decided."""
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        rows = await all_settings(connection, visit.city)
        waiting = await paycodes_waiting(connection, visit.city)
        decided = await paycodes_decided(connection, visit.city)
    return visit.render(
        "officer/paycodes.html",
        waiting=[card(visit, each, rows, now) for each in waiting],
        decided=[card(visit, each, rows, now) for each in decided],
    )


@page(f"{PATH}/{{id:str}}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One of them, with what the acquirer's code says."""
    return visit.render(PAGE, **await context(visit))


@act(f"{PATH}/{{id:str}}/grant", role=Role.officer)
async def grant(visit: Visit) -> Answer:
    """Grant it; the one that the shop has so far ends by the same act."""
    identifier, once = visit.path("id"), await visit.once()
    try:
        await grant_instead(visit.desk, visit.city, identifier, visit.actor, once)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, "grant", **await context(visit))
    return visit.go(f"{PATH}/{identifier}?done=granted")


@act(f"{PATH}/{{id:str}}/refuse", role=Role.officer)
async def refuse(visit: Visit) -> Answer:
    """Do not grant it; the merchant reads why."""
    return await _with_reason(visit, "refuse_reason", "refused", Refuse)


@act(f"{PATH}/{{id:str}}/end", role=Role.officer)
async def end(visit: Visit) -> Answer:
    """End it, as where its promises are not kept."""
    return await _with_reason(visit, "end_reason", "ended", EndPaycode)


async def _with_reason(visit: Visit, field: str, done: str, kind: type[Refuse | EndPaycode]) -> Answer:
    identifier = visit.path("id")
    try:
        command = kind(reason=clean_text(visit.form.text(field), MOST_WORDS, needed=True))
        await _tell(visit, identifier, command, await visit.once())
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, field, **await context(visit))
    return visit.go(f"{PATH}/{identifier}?done={done}")


async def _tell(visit: Visit, identifier: str, command: Command, once: Once) -> None:
    await visit.desk.act(PAYCODES, visit.city, identifier, command, visit.actor, once=once)


async def context(visit: Visit) -> dict[str, Any]:
    """What the page of one sees."""
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        named = await read_paycode(connection, visit.city, visit.path("id"))
        former = await paycode_in_force(connection, visit.city, named.paycode.shop)
        rows = await all_settings(connection, visit.city)
    return {
        "card": card(visit, named, rows, now),
        "former": former.paycode if former is not None and former.paycode.id != named.paycode.id else None,
        "done": visit.say(DONE[visit.query("done")]) if visit.query("done") in DONE else "",
    }


ROUTES = (listed, one, grant, refuse, end)
