"""The officer's word on "not my sale": whether the merchant was right, and whose sale it was."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk import items as desk_items
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.web import story
from hejie.web.denying import typed_party
from hejie.web.officer import case
from hejie.web.shell import Answer, Visit, act

ITEM = "sale_denied"
"""The kind of item that a decision ends."""


@act("/officer/disputes/{id:str}/denial", role=Role.officer)
async def judge(visit: Visit) -> Answer:
    """Decide, in words that all sides read."""
    check, form = Checks(), visit.form
    dispute = await story.load_row(visit, visit.path("id"))
    found = form.word("found")
    words = check("denial_words", clean_text, form.text("denial_words"), needed=True, default="")
    to = None
    if found == "named" and dispute.denial and dispute.denial.to:
        to = c.Named(merchant=dispute.denial.to.merchant, shop=dispute.denial.to.shop)
    elif found == "typed":
        to = await check.wait("party_code", typed_party(visit), default=None)
        if to is None and not check:
            check.add("party_code", Refused("party_not_found"))
    elif found not in {"nobody", "wrong"}:
        check.add("found", Refused("outcome_wrong"))
    if check:
        return visit.refuse(case.PAGE, check, **await case.context(visit))
    said = Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())
    command = c.JudgeDenial(upheld=found != "wrong", words=said.id, to=to)
    try:
        await visit.desk.act(
            DISPUTES, visit.city, dispute.id, command, visit.actor, contents=[said], once=await visit.once()
        )
    except HejieError as why:
        if isinstance(why, Missing) and why.code == "dispute_unknown":
            raise
        return visit.refuse(case.PAGE, why, "found", **await case.context(visit))
    await desk_items.finish_of(visit.desk, visit.city, ITEM, dispute.id, words, visit.actor)
    return visit.go(f"/officer/disputes/{dispute.id}?done=denial_judged")


ROUTES = (judge,)
