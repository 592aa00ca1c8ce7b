"""The merchant's payment codes with promises: asked for, looked at, printed, ended."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.settings import in_force
from hejie.desk.paycodes import PAYCODES
from hejie.edge.forms import Checks
from hejie.edge.links import letters
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.payments.emvco_writer import around
from hejie.payments.paycode import MOST_WORDS, NUMBER_LETTERS, Apply, EndPaycode
from hejie.queries.paycodes import Named, paycodes_of, read_paycode
from hejie.store.settings import all_settings
from hejie.web.merchant.seat import Seat, managing_seat
from hejie.web.paycode_lines import card, link_of
from hejie.web.paycode_poster import poster
from hejie.web.shell import Answer, Visit, act, page

PATH, PAGE = "/merchant/paycode", "merchant/paycode.html"
DONE = {
    "asked": mark("Thank you. The authority looks at it; the answer shows here."),
    "ended": mark("It is over. Please take the poster down."),
}
_PROMISES = frozenset({"promise_none", "promise_unknown"})
_SHOP = frozenset({"shop_unknown", "paycode_asked_already", "not_allowed"})


@page(PATH, role=Role.merchant)
async def shown(visit: Visit) -> Answer:
    """What this merchant's shops have and have asked for, and the form for one more."""
    return visit.render(PAGE, **await context(visit))


@act(PATH, role=Role.merchant)
async def ask(visit: Visit) -> Answer:
    """Ask for one; what the code says is checked before anything is kept."""
    seat, check, form = await managing_seat(visit), Checks(), visit.form
    number, payload = letters(visit.house.chance, NUMBER_LETTERS), form.text("payload").strip()
    check("payload", around, payload, link_of(visit, number), default="")
    if not form.words("promises"):
        check.add("promises", Refused("promise_none"))
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    command = Apply(
        id=visit.desk.mint(visit.city),
        number=number,
        merchant=seat.merchant.id,
        shop=form.word("code_shop"),
        payload=payload,
        promises=tuple(form.words("promises")),
    )
    try:
        await visit.desk.act(PAYCODES, visit.city, command.id, command, visit.actor, once=await visit.once())
    except HejieError as why:
        field = "promises" if why.code in _PROMISES else "code_shop" if why.code in _SHOP else "payload"
        return visit.refuse(PAGE, why, field, **await context(visit))
    return visit.go(f"{PATH}?done=asked")


@act(f"{PATH}/end", role=Role.merchant)
async def end(visit: Visit) -> Answer:
    """Take one back, whether it is in force or was only asked for."""
    await managing_seat(visit)
    identifier = visit.form.word("paycode")
    try:
        command = EndPaycode(reason=clean_text(visit.form.text("reason"), MOST_WORDS, needed=True))
        await visit.desk.act(PAYCODES, visit.city, identifier, command, visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, "paycodes", **await context(visit))
    return visit.go(f"{PATH}?done=ended")


@page(f"{PATH}/{{id:str}}/poster.pdf", role=Role.merchant)
async def paper(visit: Visit) -> Answer:
    """The poster to print."""
    return await poster(visit, await _own(visit), as_picture=False)


@page(f"{PATH}/{{id:str}}/poster.png", role=Role.merchant)
async def picture(visit: Visit) -> Answer:
    """The poster as a picture."""
    return await poster(visit, await _own(visit), as_picture=True)


async def _own(visit: Visit) -> Named:
    """One of this merchant's that its person may see; `Missing("paycode_unknown")`."""
    seat = await managing_seat(visit)
    async with visit.connection() as connection:
        found = await read_paycode(connection, visit.city, visit.path("id"))
    if found.paycode.merchant != seat.merchant.id or not _works_for(seat, found.paycode.shop):
        raise Missing("paycode_unknown")
    return found


def _works_for(seat: Seat, shop: str) -> bool:
    return seat.staff is not None and seat.staff.works_for(shop)


async def context(visit: Visit) -> dict[str, Any]:
    """What the page sees."""
    seat, now = await managing_seat(visit), visit.house.clock.now()
    async with visit.connection() as connection:
        rows = await all_settings(connection, visit.city)
        found = await paycodes_of(connection, visit.city, seat.merchant.id)
    settings = in_force(rows, now)
    return {
        "merchant": seat.merchant,
        "cards": [card(visit, each, rows, now) for each in found if _works_for(seat, each.paycode.shop)],
        "shops": [(each.id, each.name) for each in seat.merchant.shops if _works_for(seat, each.id)],
        "promises": [(each.id, each.said(visit.language)) for each in settings.promises_on(now)],
        "door": settings.door,
        "done": visit.say(DONE[visit.query("done")]) if visit.query("done") in DONE else "",
    }


ROUTES = (shown, ask, end, paper, picture)
