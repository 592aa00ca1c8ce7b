"""The consumer's consent to a hand-off to 12315: first exactly what would go, then yes, and back while nothing left."""

from __future__ import annotations

from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused, Stale
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes.handoff_commands import ConsentHandoff, HandoffCommand, WithdrawHandoffConsent
from hejie.disputes.handoff_package import Complainant, Package, written
from hejie.edge.forms import Checks
from hejie.edge.phones import read_phone
from hejie.edge.texts import clean_text
from hejie.web import handoffs, story
from hejie.web.shell import Answer, Visit, act, page

PAGE = "consumer/handoff.html"
MOST_NAME, MOST_ADDRESS = 60, 120
"""Characters of a real name and of an address."""


@page("/disputes/{id:str}/12315", role=Role.consumer)
async def handoff(visit: Visit) -> Answer:
    """How far it is, and the form while nothing has been agreed."""
    return visit.render(PAGE, **_context(visit, await story.load(visit, visit.path("id"))))


@act("/disputes/{id:str}/12315", role=Role.consumer)
async def consent(visit: Visit) -> Answer:
    """Show exactly what would go; with that very digest, agree to it."""
    told = await story.load(visit, visit.path("id"))
    if not handoffs.connected(visit, told):
        return visit.refuse(PAGE, Refused("handoff_off"), "", **_context(visit, told))
    complainant, check = _typed(visit)
    if check:
        return visit.refuse(PAGE, check, **_context(visit, told))
    whole = await handoffs.gather(visit, told, complainant)
    digest = handoffs.digest_of(whole)
    if not visit.form.has("digest"):
        return visit.render(PAGE, **_context(visit, told, whole))
    if visit.form.word("digest") != digest:
        return visit.refuse(PAGE, Stale("handoff_changed"), "", **_context(visit, told, whole))
    content = Content(id=visit.desk.mint(visit.city), kind="text", plain=written(whole))
    return await _do(visit, told, ConsentHandoff(package=content.id, digest=digest), "consented", [content])


@act("/disputes/{id:str}/12315/withdraw", role=Role.consumer)
async def withdraw(visit: Visit) -> Answer:
    """Take the consent back."""
    told = await story.load(visit, visit.path("id"))
    return await _do(visit, told, WithdrawHandoffConsent(), "withdrawn", [])


def _typed(visit: Visit) -> tuple[Complainant, Checks]:
    """Who complains, as typed, and all that is wrong with it."""
    check, form = Checks(), visit.form
    name = check("name", clean_text, form.text("name"), MOST_NAME, needed=True, default="")
    phone = check("phone", read_phone, form.text("phone"), needed=True, default="")
    address = check("address", clean_text, form.text("address"), MOST_ADDRESS, needed=True, default="")
    return Complainant(name=" ".join(name.split()), phone=phone, address=" ".join(address.split())), check


async def _do(visit: Visit, told: story.Story, command: HandoffCommand, done: str, contents: list[Content]) -> Answer:
    identifier, once = told.dispute.id, await visit.once()
    try:
        await visit.desk.act(
            DISPUTES,
            visit.city,
            identifier,
            command,
            visit.actor,
            contents=contents,
            once=once,
            version=told.dispute.version if contents else None,
        )
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, "", **_context(visit, await story.load(visit, identifier)))
    return visit.go(f"/disputes/{identifier}/12315?done={done}")


def _context(visit: Visit, told: story.Story, whole: Package | None = None) -> dict[str, Any]:
    return {
        "story": told,
        "home": visit.url(f"/disputes/{told.dispute.id}"),
        "connected": handoffs.connected(visit, told),
        "handoff": handoffs.shown(visit, told.dispute),
        "odr": handoffs.odr(visit, told.dispute),
        "rows": handoffs.rows(visit, whole, told.claim) if whole else [],
        "whole": whole,
        "digest": handoffs.digest_of(whole) if whole else "",
        "done": visit.query("done") if visit.request.method == "GET" else "",
    }


ROUTES = (handoff, consent, withdraw)
