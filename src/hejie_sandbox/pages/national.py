"""The desk of the emulated 12315: what cities handed over, and the next step on each."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.response import Redirect

from hejie_sandbox.national import book
from hejie_sandbox.pages.render import Visit, box_of, go, page, sorry


@get("/12315", sync_to_thread=False)
def desk(request: Visit) -> Response[str]:
    """The newest hand-offs."""
    rows = box_of(request).ledger.rows("SELECT * FROM nat_handoffs ORDER BY rowid DESC LIMIT 100")
    found = [(row, [step for step, before in book.STEPS.items() if row["state"] in before]) for row in rows]
    return page(request, "national.html", found=found)


@post("/12315/{city:str}/{key:str}")
async def decide(request: Visit) -> Redirect | Response[str]:
    """Receive, take up, refuse, return or conclude one."""
    form, box, where = await request.form(), box_of(request), request.path_params
    step = str(form.get("step") or "")
    code = str(form.get("code") or "") if step == "refused" else ""
    try:
        with box.ledger.transaction():
            book.decide(
                box, where["city"], where["key"], step, code, str(form.get("words") or ""),
                settled=form.get("settled") == "yes",
            )  # fmt: skip
    except ValueError:
        return sorry(request, "这一步现在不能做：状态已经变了，或没有填写内容", 409)
    return go("/12315")


def router() -> Router:
    """Return the router of these pages."""
    return Router("/", route_handlers=[desk, decide])
