"""Not our sale: the merchant denies, and the party that is said to have made it takes it or says no."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.denying import DenialReason
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.web.denying import reason_of, typed_party
from hejie.web.merchant import beside, case
from hejie.web.merchant.answers import Step, again, do
from hejie.web.merchant.case import BASE
from hejie.web.shell import Answer, Visit, act

FORM = "not-ours"


@act(f"{BASE}/not-ours", role=Role.merchant)
async def deny(visit: Visit) -> Answer:
    """We did not sell this, and this is who did, if we know."""
    found, check = await case.view(visit), Checks()
    why = check("denial_reason", reason_of, visit.form.word("denial_reason"), default=DenialReason.other)
    words = check("denial_words", clean_text, visit.form.text("denial_words"), needed=True, default="")
    to = await check.wait("party_code", typed_party(visit), default=None)
    if check:
        return await again(visit, check, FORM)
    said = Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())
    command = c.DenySale(reason=why, words=said.id, to=to)
    step = Step(command=command, form=FORM, done="denied_sale", field="party_code", contents=(said,))
    return await do(visit, found, step)


@act(f"{BASE}/sale", role=Role.merchant)
async def take(visit: Visit) -> Answer:
    """The named party's answer; once it is ours, the case opens as any other."""
    found = await beside.look(visit)
    if found is None or found.asked is None:
        raise Missing("dispute_unknown")
    ours = {"yes": True, "no": False}.get(visit.form.word("ours"))
    check = Checks()
    words = check("sale_words", clean_text, visit.form.text("sale_words"), default="")
    if ours is None:
        check.add("ours", Refused("field_unreadable"))
    if check or ours is None:
        return visit.refuse(beside.ASKED, check, **await beside.asked_context(visit, found))
    identifier = found.dispute.id
    said = [Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())] if words and not ours else []
    command = c.TakeSale(ours=ours, words=said[0].id if said else "")
    try:
        await visit.desk.act(
            DISPUTES, visit.city, identifier, command, visit.actor, contents=said, once=await visit.once()
        )
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(beside.ASKED, why, "ours", **await beside.asked_context(visit, found))
    if ours:
        return visit.go(f"/merchant/disputes/{identifier}?done=taken")
    return visit.render("merchant/refused.html")


ROUTES = (deny, take)
