"""Agreements between merchants: an officer enters what both sides have agreed, and ends it for either."""

from __future__ import annotations

from datetime import date

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.desk.act import Content
from hejie.desk.agreements import AGREEMENTS
from hejie.edge.forms import Checks, a_day, one_of
from hejie.edge.texts import clean_text
from hejie.merchants.agreements import MOST_WORDS, Bond, Counts, EndAgreement, MakeAgreement, Part, Terms
from hejie.queries.parties import find_party
from hejie.web.officer import merchants
from hejie.web.shell import Answer, Visit, act

_FIELDS = {
    "agreement_days": "ends",
    "agreement_one_side": "other_code",
    "agreement_overlaps": "begins",
    "agreement_shop_elsewhere": "agreed_shop",
}


@act("/officer/merchants/{id:str}/agreements", role=Role.officer)
async def agree(visit: Visit) -> Answer:
    """Enter an agreement with both sides' consent."""
    check, form, here = Checks(), visit.form, visit.path("id")
    kind = check("bond", one_of, Bond, form.word("bond"), default=Bond.mall)
    side = check("side", one_of, Part, form.word("side"), default=Part.principal)
    terms = Terms(
        answers=check("answers", one_of, Part, form.word("answers"), default=Part.member),
        pays=check("pays", one_of, Part, form.word("pays"), default=Part.member),
        both_see=form.has("both_see"),
        counts=check("counts", one_of, Counts, form.word("counts"), default=Counts.member),
    )
    begins = check("begins", a_day, form.word("begins"), default=date.min)
    ends = check("ends", _day_or_none, form.word("ends"), default=None)
    told = [
        check(name, clean_text, form.text(name), MOST_WORDS, needed=True, default="")
        for name in ("principal_words", "member_words")
    ]
    other = await check.wait("other_code", _other(visit), default="")
    if check:
        return visit.refuse(merchants.PAGE, check, **await merchants.context(visit))
    said = [Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode()) for words in told]
    command = MakeAgreement(
        id=visit.desk.mint(visit.city),
        kind=kind,
        principal=here if side is Part.principal else other,
        member=other if side is Part.principal else here,
        shop=form.word("agreed_shop"),
        terms=terms,
        begins=begins,
        ends=ends,
        principal_words=said[0].id,
        member_words=said[1].id,
    )
    try:
        await visit.desk.act(
            AGREEMENTS, visit.city, command.id, command, visit.actor, contents=said, once=await visit.once()
        )
    except HejieError as why:
        field = _FIELDS.get(why.code, "agreement")
        return visit.refuse(merchants.PAGE, why, field, **await merchants.context(visit))
    return visit.go(f"/officer/merchants/{here}?done=agreed")


@act("/officer/merchants/{id:str}/agreements/end", role=Role.officer)
async def end(visit: Visit) -> Answer:
    """End one by a day, as one of its sides has asked."""
    try:
        command = EndAgreement(last=a_day(visit.form.word("last")))
        agreement = visit.form.word("agreement")
        await visit.desk.act(AGREEMENTS, visit.city, agreement, command, visit.actor, once=await visit.once())
    except HejieError as why:
        return visit.refuse(merchants.PAGE, why, "agreement", **await merchants.context(visit))
    return visit.go(f"/officer/merchants/{visit.path('id')}?done=agreement_ended")


async def _other(visit: Visit) -> str:
    """The other side by its exact credit code; `Refused("agreement_other_unknown")`."""
    code = visit.form.word("other_code").upper()
    async with visit.connection() as connection:
        found = await find_party(connection, visit.city, code, "", "")
    if found is None:
        raise Refused("agreement_other_unknown")
    return found[0]


def _day_or_none(word: str) -> date | None:
    return a_day(word) if word else None


ROUTES = (agree, end)
