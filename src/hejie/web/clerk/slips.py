"""One filing for its helper: number and state to read to the person, the slip on paper, and a mandate taken back."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import segno
from litestar import Response
from markupsafe import Markup

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.assist import Assist, Holder
from hejie.disputes.model import Dispute
from hejie.documents.paper import paper
from hejie.edge import sessions, words
from hejie.edge.private_link import SLIP, slip_address, slip_code, slip_number
from hejie.queries import assisted
from hejie.store.settings import settings_at
from hejie.web import story_labels as labels
from hejie.web.clerk.start import BASE, HELPERS, own
from hejie.web.shell import Answer, Visit, act, page

_PAGE = "clerk/filed.html"
_DONE = frozenset({"filed", "slip", "mandate"})


@page(f"{BASE}/{{id:str}}", role=HELPERS)
async def filed(visit: Visit) -> Answer:
    """Where it stands, for reading to the person; nothing that the two sides say."""
    return visit.render(_PAGE, **await _context(visit))


@page(f"{BASE}/{{id:str}}/slip", role=HELPERS)
async def slip(visit: Visit) -> Answer:
    """The slip as a page to print."""
    told, code = await _slip(visit)
    return visit.render("clerk/slip.html", **told, qr=Markup(code.svg_inline(scale=4, border=2)))  # noqa: S704  made here, of letters and digits


@page(f"{BASE}/{{id:str}}/slip.pdf", role=HELPERS)
async def slip_on_paper(visit: Visit) -> Answer:
    """The slip as a PDF; `Refused("paper_missing")` where this machine cannot make one."""
    told, code = await _slip(visit)
    say, now = visit.say, visit.house.clock.now()
    filled = {
        "title": say("Slip for your dispute"),
        "lang": visit.language,
        "region": "cn" if visit.language == "zh" else "gb",
        "what": told["whose"],
        "facts": told["facts"],
        "open": say("Open your dispute"),
        "how": say("Scan the square, or open {address} and type number and code.", address=told["short"]),
        "code": [say("Your code"), told["code"]],
        "picture": say("The private link as a square to scan"),
        "keep": told["keep"],
    }
    square = io.BytesIO()
    code.save(square, kind="svg", border=2)
    made = await asyncio.to_thread(paper, "slip", filled, {"qr.svg": square.getvalue()}, now)
    name = f'attachment; filename="hejie-slip-{told["number"]}.pdf"'
    headers = {"content-disposition": name, "cache-control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


@act(f"{BASE}/{{id:str}}/slip", role=HELPERS)
async def new_slip(visit: Visit) -> Answer:
    """A new slip; the one before stops, and so does whoever is in by it."""
    try:
        holder = _holder(visit.form.text("holder"))
        dispute = await own(visit, visit.path("id"))
        await _do(visit, dispute, c.IssueSlip(holder=holder), holder)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(_PAGE, why, **await _context(visit))
    return visit.go(f"{BASE}/{dispute.id}/slip?holder={holder.value}")


@act(f"{BASE}/{{id:str}}/mandate", role=HELPERS)
async def withdraw_mandate(visit: Visit) -> Answer:
    """The relative acts no longer; the dispute goes on for the person."""
    try:
        dispute = await own(visit, visit.path("id"))
        await _do(visit, dispute, c.WithdrawMandate(), Holder.relative)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(_PAGE, why, **await _context(visit))
    return visit.go(f"{BASE}/{dispute.id}?done=mandate")


async def _do(visit: Visit, dispute: Dispute, command: c.OnExisting, holder: Holder) -> None:
    once = await visit.once()
    await visit.desk.act(DISPUTES, visit.city, dispute.id, command, visit.actor, once=once)
    async with visit.connection() as connection:
        await sessions.end_opened(connection, visit.city, dispute.id, SLIP, f"{holder.value}:")


def _holder(word: str) -> Holder:
    try:
        return Holder(word)
    except ValueError:
        raise Refused("field_unreadable") from None


async def _context(visit: Visit) -> dict[str, Any]:
    dispute, now = await own(visit, visit.path("id")), visit.house.clock.now()
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        place = await assisted.place_name(connection, dispute)
        name, mandate = await assisted.read_person(connection, visit.house.vaults(visit.city), dispute)
    assist, done = _assist(dispute), visit.query("done")
    return {
        "dispute": dispute,
        "assist": assist,
        "place": place,
        "person": name,
        "mandate": mandate,
        "stands": assist.mandate_stands(now),
        "state": labels.state(visit.language, dispute.state, Role.clerk),
        "tag": labels.state_tag(dispute.state),
        "next": labels.next_step(visit.language, dispute, Role.clerk),
        "problem": labels.problem(visit.language, settings, dispute.problem),
        "terms": labels.terms(visit.language, dispute.claim),
        "proof": labels.proof(visit.language, assist.proof),
        "channel": labels.channel(visit.language, assist.channel),
        "number": slip_number(dispute.id),
        "home": visit.url(f"{BASE}/{dispute.id}"),
        "base": visit.url(BASE),
        "done": done if done in _DONE and visit.request.method == "GET" else "",
    }


def _assist(dispute: Dispute) -> Assist:
    if dispute.assist is None:
        raise Missing("dispute_unknown")
    return dispute.assist


async def _slip(visit: Visit) -> tuple[dict[str, Any], segno.QRCode]:
    """What stands on the slip, and the square that a camera reads.

    Errors: `Refused("mandate_missing")` for a relative without a mandate in force.
    """
    holder, told, now = _holder(visit.query("holder", "person")), await _context(visit), visit.house.clock.now()
    if holder is Holder.relative and not told["stands"]:
        raise Refused("mandate_missing")
    dispute, say, house = told["dispute"], visit.say, visit.house
    async with visit.connection() as connection:
        phone = (await settings_at(connection, visit.city, now)).door.phone
    public, vault = house.settings.public_url, house.vaults(visit.city)
    due = dispute.due if dispute.is_open else None
    rows = [
        (say("Dispute number"), told["number"]),
        (say("Shop"), told["place"]),
        (say("What happened"), told["problem"]),
        (say("Asked for"), told["terms"]),
        (say("Filed"), words.instant_with_year(visit.language, dispute.filed_at)),
        (say("State"), told["state"]),
        (say("Next due time"), words.instant_with_year(visit.language, due.at) if due else ""),
        (say("Questions? Call"), phone),
    ]
    slip = {
        **told,
        "holder": holder.value,
        "whose": _whose(visit, holder, told["assist"]),
        "facts": [[name, value] for name, value in rows if value],
        "code": slip_code(vault, dispute, holder),
        "short": f"{public.rstrip('/')}/{visit.city}/p",
        "keep": [
            say("Whoever holds this slip can read this dispute and answer in it. Please keep it like a key."),
            say("No phone is needed: call the number above or come back, give your number, and hear how it stands."),
            say("Lost it? A new slip is made where you filed; this one then opens nothing."),
        ],
    }
    return slip, segno.make(slip_address(vault, public, dispute, holder), error="m")


def _whose(visit: Visit, holder: Holder, assist: Assist) -> str:
    if holder is Holder.relative and assist.mandate_until:
        day = words.day(visit.language, assist.mandate_until - timedelta(seconds=1))
        return visit.say("For the relative who acts under a mandate, until {day}.", day=day)
    return visit.say("For the person whose dispute it is.")


ROUTES = (filed, slip, slip_on_paper, new_slip, withdraw_mandate)
