"""“Call me”: whoever finds the pages hard leaves a number, and an officer calls."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.desk import items
from hejie.edge.forms import Checks
from hejie.edge.limits import Limit
from hejie.edge.phones import masked, read_phone
from hejie.edge.texts import clean_text
from hejie.queries.calls import Call
from hejie.queries.officer import phone_of
from hejie.store.settings import settings_at
from hejie.web import story
from hejie.web.call_words import WHENS, when_words
from hejie.web.shell import Answer, Visit, act, page

ADDRESS = Limit("calls", 20, 86_400)
"""Calls asked for from one network address in a day: a home for the elderly may share one."""
EACH = Limit("calls-each", 5, 86_400)
"""Of one person, and to one number."""
_PAGE = "consumer/call.html"


@page("/call-me", role=Role.consumer, anyone=True)
async def call_me(visit: Visit) -> Answer:
    """Number and time; the number is filled in, masked, where we know it."""
    return visit.render(_PAGE, **await _context(visit, await _dispute(visit, visit.query("dispute"))))


@act("/call-me", role=Role.consumer, anyone=True)
async def ask(visit: Visit) -> Answer:
    """An officer has it as a work item; asked again before the call, the newest number and time hold."""
    dispute = await _dispute(visit, visit.form.word("dispute"))
    known, check = await _known_phone(visit), Checks()
    typed = visit.form.text("phone").strip()
    phone = known
    if not known or typed != masked(known):
        phone = check("phone", read_phone, typed, needed=True, landline=True, default="")
    words = check("words", clean_text, visit.form.text("words"), 500, default="")
    if check:
        return visit.refuse(_PAGE, check, **await _context(visit, dispute))
    try:
        await _limit(visit, phone)
    except Refused as why:
        return visit.refuse(_PAGE, why, "", **await _context(visit, dispute))
    when = visit.form.text("when")
    body = {"when": when if when in WHENS else "any", "language": visit.language, "dispute": dispute}
    call = msgspec.json.encode(Call(phone=phone, words=words))
    await items.ask_call(visit.desk, visit.city, _who(visit, phone), body, call)
    return visit.render(_PAGE, **await _context(visit, dispute, called=masked(phone)))


async def _limit(visit: Visit, phone: str) -> None:
    await visit.limit(ADDRESS)
    await visit.limit(EACH, _who(visit, phone))
    await visit.limit(EACH, f"to:{_handle(visit, phone)}")


def _who(visit: Visit, phone: str) -> str:
    """One open call for each person; for somebody unknown, for each number."""
    return _handle(visit, f"person:{visit.viewer.person}" if visit.known else phone)


def _handle(visit: Visit, word: str) -> str:
    return visit.house.vaults(visit.city).handle("call", word).hex()


async def _dispute(visit: Visit, wanted: str) -> str:
    """The dispute that the visitor comes from, if it is theirs."""
    if not (wanted and visit.known):
        return ""
    try:
        return (await story.load_row(visit, wanted)).id
    except Missing:
        return ""


async def _known_phone(visit: Visit) -> str:
    if not visit.known:
        return ""
    async with visit.connection() as connection:
        vault, person = visit.house.vaults(visit.city), visit.viewer.person
        return await phone_of(connection, vault, visit.city, f"person:{person}", "phone")


async def _context(visit: Visit, dispute: str, called: str = "") -> dict[str, Any]:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    return {
        "dispute": dispute,
        "phone": masked(await _known_phone(visit)),
        "whens": [(each, when_words(visit.language, each)) for each in WHENS],
        "agency": getattr(settings.agency(visit.city).name, visit.language),
        "hotline": settings.door.phone,
        "called": called,
    }


ROUTES = (call_me, ask)
