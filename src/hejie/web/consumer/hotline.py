"""The 12315 form, filled in with what is known: open at every step, and where this road is not. We send nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Response
from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.cities.settings import CitySettings
from hejie.documents.paper import paper
from hejie.edge import words
from hejie.edge.limits import Limit
from hejie.queries import consumer
from hejie.queries.reach import Payee, payee_of
from hejie.store.settings import settings_at
from hejie.web import story_labels as labels
from hejie.web.claims import WANTED
from hejie.web.consumer import reaching
from hejie.web.consumer.box import open_box
from hejie.web.consumer.statement import Rows, Statement, Told, as_text, of_bought, of_box, rows, typed
from hejie.web.shell import PICTURES_BYTES, Answer, Visit, act, page

PAPERS = Limit("complaints-on-paper", 20, 3600)
"""PDF files one network address takes away."""
_PAGE = "consumer/hotline.html"


class Known(Struct, frozen=True, kw_only=True):
    """What the form is filled in with."""

    settings: CitySettings
    statements: Sequence[Statement]
    payee: Payee | None = None
    elsewhere: tuple[str, str] = ("", "")
    """Code and name of the city in which the merchant takes part, where that is why the form is shown."""
    box: str = ""
    """A bill file's payments that are not kept here, sealed for the next step."""


@page("/12315", role=Role.consumer, anyone=True)
async def hotline(visit: Visit) -> Answer:
    """The form for the payment named by `trade`, or an empty one."""
    trades = [visit.query("trade")] if visit.query("trade") else []
    known = await _known(visit, trades, visit.query("why"))
    return visit.render(_PAGE, **context(visit, known, Told()))


@act("/12315", role=Role.consumer, anyone=True, most_bytes=PICTURES_BYTES)
async def filled(visit: Visit) -> Answer:
    """The same with what was typed, here or on the form that was about to be sent; as a page or on paper."""
    known = await _known(visit, visit.form.words("trade") or visit.form.words("first"), visit.form.text("why"))
    try:
        told = typed(visit, known.settings)
        if visit.form.has("paper"):
            return await _printed(visit, known, told)
    except Refused as refusal:
        field = "words" if refusal.code.startswith("text") else ""
        return visit.refuse(_PAGE, refusal, field, **context(visit, known, Told()))
    return visit.render(_PAGE, **context(visit, known, told))


async def _known(visit: Visit, trades: Sequence[str], why: str) -> Known:
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
    if visit.form.has("box"):
        box = open_box(visit.house.vaults(visit.city), visit.form.text("box"), now)
        return Known(settings=settings, statements=of_box(visit, box), box=visit.form.text("box"))
    if not trades:
        return Known(settings=settings, statements=())
    if not visit.known:
        raise Missing("payment_unknown")
    async with visit.connection() as connection:
        bought = await consumer.payments(connection, visit.city, visit.viewer.person, trades)
        payee = await payee_of(connection, visit.city, bought[0])
    return Known(
        settings=settings,
        statements=[of_bought(visit, each, payee) for each in bought],
        payee=payee,
        elsewhere=await reaching.elsewhere(visit, bought[0]) if why == "elsewhere" else ("", ""),
    )


def context(visit: Visit, known: Known, told: Told) -> dict[str, Any]:
    """What the templates of the form show."""
    forms = _forms(visit, known, told)
    return {
        "known": known,
        "door": known.settings.door,
        "forms": forms,
        "copied": as_text(visit, forms),
        "box": known.box,
        "trades": [each.trade_no for each in known.statements],
        "cause": visit.query("why") or visit.form.text("why"),
        "problems": [(each.id, getattr(each.name, visit.language)) for each in known.settings.problems],
        "remedies": [(each.value, labels.remedy(visit.language, each)) for each in WANTED],
    }


def _forms(visit: Visit, known: Known, told: Told) -> list[Rows]:
    statements: Sequence[Statement | None] = known.statements or [None]
    return [rows(visit, each, told) for each in statements]


async def _printed(visit: Visit, known: Known, told: Told) -> Answer:
    await visit.limit(PAPERS)
    say, door, now = visit.say, known.settings.door, visit.house.clock.now()
    data = {
        "title": say("Complaint to 12315"),
        "lang": visit.language,
        "region": "cn" if visit.language == "zh" else "gb",
        "what": say(
            "Filled in on {when} from the payment's own record. Nothing of it has been sent to 12315.",
            when=words.instant_with_year(visit.language, now),
        ),
        "door": say("Hand it in by phone {phone} or at {site}", phone=door.phone, site=door.url),
        "forms": _forms(visit, known, told),
    }
    printed = await asyncio.to_thread(paper, "complaint", data, {}, now)
    headers = {"content-disposition": 'attachment; filename="12315.pdf"', "cache-control": "no-store"}
    return Response(printed, media_type="application/pdf", headers=headers)


ROUTES = (hotline, filled)
