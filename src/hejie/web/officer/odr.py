"""From when to when a merchant is a 12315 ODR enterprise, written down by an officer."""

from __future__ import annotations

from datetime import date

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.merchants import MERCHANTS
from hejie.edge.forms import Checks
from hejie.merchants.commands import SetOdr
from hejie.merchants.odr import OdrSpan
from hejie.web.officer import merchants
from hejie.web.shell import Answer, Visit, act


@act("/officer/merchants/{id:str}/odr", role=Role.officer)
async def set_odr(visit: Visit) -> Answer:
    """A span of days; the same first day again gives it another last day."""
    check, form, identifier = Checks(), visit.form, visit.path("id")
    first = check("odr_first", _day, form.word("odr_first"), default=date.min)
    last = check("odr_last", _day, form.word("odr_last"), default=None) if form.has("odr_last") else None
    if check:
        return visit.refuse(merchants.PAGE, check, **await merchants.context(visit))
    command = SetOdr(span=OdrSpan(first=first, last=last))
    try:
        await visit.desk.act(MERCHANTS, visit.city, identifier, command, visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(merchants.PAGE, why, "odr_first", **await merchants.context(visit))
    return visit.go(f"/officer/merchants/{identifier}?done=odr")


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise Refused("day_unusable") from None


ROUTES = (set_odr,)
