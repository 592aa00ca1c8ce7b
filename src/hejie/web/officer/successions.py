"""Successions of merchants: an officer registers that one goes on with another's business, and undoes a mistake."""

from __future__ import annotations

from datetime import UTC, datetime

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.successions import SUCCESSIONS
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.merchants.successions import MOST_WORDS, Command, Succeed, UndoSuccession
from hejie.merchants.uscc import credit_code
from hejie.queries.successions import merchant_with_code, successions_of
from hejie.web.officer import merchants
from hejie.web.shell import Answer, Visit, act

_FIELDS = {
    "succession_ahead": "succession_from",
    "succession_order": "succession_from",
    "text_empty": "succession_words",
}


@act("/officer/merchants/{id:str}/successions", role=Role.officer)
async def succeed(visit: Visit) -> Answer:
    """Register that this merchant succeeds the one that bears a credit code."""
    check, form = Checks(), visit.form
    code = check("succession_code", credit_code, form.text("succession_code"), default="")
    begins = check("succession_from", _day, form.word("succession_from"), default=visit.house.clock.now())
    note = check("succession_words", clean_text, form.text("succession_words"), MOST_WORDS, needed=True, default="")
    if check:
        return visit.refuse(merchants.PAGE, check, **await merchants.context(visit))
    async with visit.connection() as connection:
        former = await merchant_with_code(connection, visit.city, code)
    if not former:
        why = Missing("party_unknown")
        return visit.refuse(merchants.PAGE, why, "succession_code", **await merchants.context(visit))
    identifier = visit.desk.mint(visit.city)
    command = Succeed(id=identifier, former=former, later=visit.path("id"), begins=begins, note=note)
    return await _do(visit, identifier, command, "succeeded")


@act("/officer/merchants/{id:str}/successions/undo", role=Role.officer)
async def undo(visit: Visit) -> Answer:
    """Undo one that was a mistake; a person looks at the numbers of the two."""
    try:
        command = UndoSuccession(reason=clean_text(visit.form.text("mistake_words"), MOST_WORDS, needed=True))
    except Refused as why:
        return visit.refuse(merchants.PAGE, why, "bindings", **await merchants.context(visit))
    return await _do(visit, await _own(visit), command, "parted")


async def _own(visit: Visit) -> str:
    """The succession that was named, if it is this merchant's; `Missing("succession_unknown")`."""
    wanted = visit.form.word("succession")
    async with visit.connection() as connection:
        found = await successions_of(connection, visit.city, visit.path("id"))
    if wanted not in {each.succession.id for each in found}:
        raise Missing("succession_unknown")
    return wanted


async def _do(visit: Visit, identifier: str, command: Command, done: str) -> Answer:
    try:
        await visit.desk.act(SUCCESSIONS, visit.city, identifier, command, visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        field = _FIELDS.get(why.code, "succession_code") if isinstance(command, Succeed) else "bindings"
        return visit.refuse(merchants.PAGE, why, field, **await merchants.context(visit))
    return visit.go(f"/officer/merchants/{visit.path('id')}?done={done}")


def _day(word: str) -> datetime:
    """The begin of a day in Shanghai (`2026-11-30`); `Refused("day_unusable")`."""
    try:
        return datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("day_unusable") from None


ROUTES = (succeed, undo)
