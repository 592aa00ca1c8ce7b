"""A case within the merchant's own house: give it to somebody, agree to a colleague's answer or give it back."""

from __future__ import annotations

from hejie.access import must_afford
from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused, Stale
from hejie.desk.act import Content, subject_of
from hejie.desk.disputes import DISPUTES
from hejie.desk.handlings import HANDLINGS
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.merchants import handling as h
from hejie.merchants.answering import Answers
from hejie.merchants.handling import Stand, handling_of
from hejie.merchants.handling_rules import must_answer, must_be_second
from hejie.store.contents import read_contents
from hejie.web.merchant import case
from hejie.web.merchant.case import BASE, PAGE, View
from hejie.web.merchant.giving import command_of, once_of
from hejie.web.shell import Answer, Visit, act


@act(f"{BASE}/assign", role=Role.merchant)
async def assign(visit: Visit) -> Answer:
    """Give it to the shop, the head office or one colleague."""
    found = await case.view(visit)
    try:
        await visit.desk.act(
            HANDLINGS,
            visit.city,
            handling_of(found.dispute.id),
            assignment(visit.form.word("to")),
            visit.actor,
            once=await visit.once(),
        )
    except HejieError as why:
        return await _again(visit, why, "to")
    return visit.go(f"/merchant/disputes/{found.dispute.id}?done=assigned#desk")


def assignment(word: str) -> h.Assign:
    """What a form's choice means: a desk's name or a person's identifier; `Refused("field_unreadable")` for none."""
    if not word:
        raise Refused("field_unreadable")
    if word in set(Answers):
        return h.Assign(answers=Answers(word))
    return h.Assign(answers=Answers.shop, person=word)


@act(f"{BASE}/approve", role=Role.merchant)
async def approve(visit: Visit) -> Answer:
    """Agree to a colleague's answer: the very same is given now, once, in the name of who agrees."""
    found = await case.view(visit)
    try:
        approval = _asked(found, visit.form.word("wish"))
        await _give(visit, found, approval)
        command = h.Approve(wish=approval.wish.id)
        await visit.desk.act(HANDLINGS, visit.city, handling_of(found.dispute.id), command, visit.actor)
    except HejieError as why:
        return await _again(visit, why, "")
    return visit.go(f"/merchant/disputes/{found.dispute.id}?done=approved")


async def _give(visit: Visit, found: View, approval: h.Approval) -> None:
    """The answer as it was asked for, on the version that was read: what has moved on meanwhile refuses it."""
    wish, merchant = approval.wish, found.seat.merchant
    if approval.stand is Stand.given:
        return
    must_answer(found.seat.staff, found.answers)
    must_be_second(approval, merchant, visit.actor.id)
    must_afford(visit.actor, merchant, wish.cost_fen)
    subject, contents = subject_of("handling", handling_of(found.dispute.id)), list[Content]()
    if wish.words:
        async with visit.connection() as connection:
            vault = visit.house.vaults(visit.city)
            read = await read_contents(connection, vault, visit.city, subject, [wish.words])
        contents = [Content(id=wish.words, kind=kind, plain=plain) for kind, plain in read.values()]
    await visit.desk.act(
        DISPUTES,
        visit.city,
        found.dispute.id,
        command_of(wish),
        visit.actor,
        contents=contents,
        once=once_of("approval", wish.id),
        version=wish.seen,
    )


@act(f"{BASE}/return", role=Role.merchant)
async def give_back(visit: Visit) -> Answer:
    """Do not agree; the colleague reads why."""
    found, check = await case.view(visit), Checks()
    text = check("note", clean_text, visit.form.text("note"), needed=True, default="")
    if check:
        return await _again(visit, check, "")
    note = Content(id=visit.desk.mint(visit.city), kind="text", plain=text.encode())
    try:
        approval = _asked(found, visit.form.word("wish"))
        await visit.desk.act(
            HANDLINGS,
            visit.city,
            handling_of(found.dispute.id),
            h.Return(wish=approval.wish.id, note=note.id),
            visit.actor,
            contents=[note],
            once=await visit.once(),
        )
    except HejieError as why:
        return await _again(visit, why, "note")
    return visit.go(f"/merchant/disputes/{found.dispute.id}?done=returned")


def _asked(found: View, wish: str) -> h.Approval:
    """The approval on the page; `Missing` for another, `Stale` for one that was settled otherwise."""
    approval = found.handling.approval if found.handling else None
    if approval is None or approval.wish.id != wish:
        raise Missing("approval_unknown")
    if approval.stand is Stand.returned:
        raise Stale
    return approval


async def _again(visit: Visit, why: HejieError | Checks, field: str) -> Answer:
    return visit.refuse(PAGE, why, field, **{**await case.context(visit), "tried": "desk"})


ROUTES = (assign, approve, give_back)
"""What a member of staff does to a case within the house."""
