"""Bills of WeChat Pay and UnionPay, plain: what was paid, and the door to the platform."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.response import Redirect

from hejie_sandbox import entry, others
from hejie_sandbox.pages.render import Visit, box_of, go, page, sorry


@get("/others/{wallet:str}", sync_to_thread=False)
def bill(request: Visit) -> Response[str]:
    """The newest payments, of one payer (`payer`) or of all."""
    wallet = request.path_params["wallet"]
    if wallet not in others.WALLETS:
        raise KeyError(wallet)
    found = others.newest(box_of(request), wallet, request.query_params.get("payer", ""))
    return page(request, "others.html", wallet=wallet, name=others.WALLETS[wallet], payments=found)


@get("/others/{wallet:str}/payments/{number:str}", sync_to_thread=False)
def payment(request: Visit) -> Response[str]:
    """One payment and the button."""
    found = others.get(box_of(request), request.path_params["wallet"], request.path_params["number"])
    return page(request, "other.html", payment=found, name=others.WALLETS[found.wallet])


@post("/others/{wallet:str}/payments/{number:str}/platform", sync_to_thread=False)
def open_platform(request: Visit) -> Redirect | Response[str]:
    """Make a signed entry link for this payment and go there."""
    box = box_of(request)
    try:
        return go(entry.link_to(box, others.get(box, request.path_params["wallet"], request.path_params["number"])))
    except KeyError:
        return sorry(request, "平台地址未登记", 409)


def router() -> Router:
    """Return the router of these pages."""
    return Router("/", route_handlers=[bill, payment, open_platform])
