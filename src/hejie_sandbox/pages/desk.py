"""The sandbox's front page, its knobs and clock, the SMS outbox and the messages sent."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.response import Redirect

from hejie_sandbox import sms, smtp
from hejie_sandbox.knobs import FAULTS
from hejie_sandbox.pages.render import Visit, box_of, go, page, static


@get("/", sync_to_thread=False)
def home(request: Visit) -> Response[str]:
    """Every door of the sandbox."""
    ledger = box_of(request).ledger
    users = ledger.rows("SELECT * FROM users ORDER BY rowid LIMIT 50")
    merchants = ledger.rows("SELECT * FROM merchants ORDER BY rowid LIMIT 200")
    return page(request, "home.html", users=users, merchants=merchants)


@get("/knobs", sync_to_thread=False)
def knobs(request: Visit) -> Response[str]:
    """Knobs with their counters, and the clock."""
    box = box_of(request)
    return page(request, "knobs.html", knobs=box.knobs.all(), faults=FAULTS, offset=box.clock.offset)


@post("/knobs/{name:str}")
async def turn(request: Visit) -> Redirect:
    """Set one knob from its form."""
    form = await request.form()
    box_of(request).knobs.turn(
        request.path_params["name"],
        probability=float(form.get("percent") or 0) / 100,
        remaining=int(form.get("remaining") or 0),
        value=float(form["value"]) if form.get("value") else None,
        method=form.get("method") or "",
    )
    return go("/knobs")


@post("/knobs-off", sync_to_thread=False)
def all_off(request: Visit) -> Redirect:
    """Turn everything off."""
    box_of(request).knobs.all_off()
    return go("/knobs")


@post("/clock")
async def advance(request: Visit) -> Redirect:
    """Move the wallet's clock on by hours."""
    form = await request.form()
    box_of(request).clock.advance(float(form.get("hours") or 0) * 3600)
    return go("/knobs")


@get("/sms", sync_to_thread=False)
def outbox(request: Visit) -> Response[str]:
    """SMS as phones show them, newest first."""
    to = request.query_params.get("to", "")
    numbers = box_of(request).ledger.rows(
        "SELECT recipient, count(*) AS sent FROM sms GROUP BY 1 ORDER BY max(id) DESC"
    )
    return page(request, "sms.html", messages=sms.outbox(box_of(request), to), numbers=numbers, to=to)


@get("/email", sync_to_thread=False)
def mailbox(request: Visit) -> Response[str]:
    """E-mails as mailboxes show them, newest first."""
    to = request.query_params.get("to", "")
    boxes = box_of(request).ledger.rows(
        "SELECT recipient, count(*) AS sent FROM letters GROUP BY 1 ORDER BY max(id) DESC"
    )
    return page(request, "email.html", letters=smtp.outbox(box_of(request), to), boxes=boxes, to=to)


@get("/pushes", sync_to_thread=False)
def messages(request: Visit) -> Response[str]:
    """Messages to applications, newest first."""
    rows = box_of(request).ledger.rows("SELECT * FROM pushes ORDER BY id DESC LIMIT 200")
    return page(request, "pushes.html", pushes=rows)


@get("/static/style.css", media_type="text/css", sync_to_thread=False)
def style() -> str:
    """The one style sheet."""
    return static("style.css")


@get("/static/live.js", media_type="text/javascript", sync_to_thread=False)
def live() -> str:
    """Fresh lists without a reload."""
    return static("live.js")


def router() -> Router:
    """Return the router of these pages."""
    return Router("/", route_handlers=[home, knobs, turn, all_off, advance, outbox, mailbox, messages, style, live])
