"""The merchant's own tool in the wallet: money received, refunds by hand, authorisations given."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from litestar import Response, Router, get, post
from litestar.response import Redirect

from hejie_sandbox import registry
from hejie_sandbox.money import fen
from hejie_sandbox.pages.render import Visit, box_of, go, page, sorry
from hejie_sandbox.wallet import refunds, trades
from hejie_sandbox.wallet.refusals import GatewayError

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox


@get("/merchant/{merchant_id:str}", sync_to_thread=False)
def counter(request: Visit) -> Response[str]:
    """A merchant's balance, payments, refunds and authorisations."""
    box = box_of(request)
    merchant = registry.get(box, "merchants", "merchant_id", request.path_params["merchant_id"])
    owner = merchant["merchant_id"]
    received = "SELECT * FROM trades WHERE merchant_id = ? ORDER BY paid_at DESC LIMIT 50"
    given_back = (
        "SELECT refunds.*, trades.subject FROM refunds JOIN trades USING (trade_no) WHERE merchant_id = ?"
        " ORDER BY at DESC LIMIT 50"
    )
    return page(
        request,
        "merchant.html",
        merchant=merchant,
        trades=[(row, trades.status(row, box.now())) for row in box.ledger.rows(received, owner)],
        refunds=box.ledger.rows(given_back, owner),
        authorities=_authorities(box, owner),
    )


def _authorities(box: Sandbox, merchant_id: str) -> list[sqlite3.Row]:
    sql = "SELECT apps.*, expires_at FROM tokens JOIN apps USING (app_id) WHERE tokens.merchant_id = ? AND ended = ''"
    return box.ledger.rows(sql, merchant_id)


@post("/merchant/{merchant_id:str}/refund")
async def refund(request: Visit) -> Redirect | Response[str]:
    """Refund by hand."""
    form, box = await request.form(), box_of(request)
    merchant_id = request.path_params["merchant_id"]
    trade = registry.get(box, "trades", "trade_no", form.get("trade_no", ""))
    if trade["merchant_id"] != merchant_id:
        raise KeyError(trade["trade_no"])
    try:
        refunds.by_hand(box, trade["trade_no"], fen(form.get("amount", "")), form.get("reason", ""))
    except GatewayError as refused:
        return page(request, "sorry.html", 409, text=None, detail=refused.sub_msg)
    except ValueError:
        return sorry(request, "金额有误，请填写如 12.50 的数字")
    return go(f"/merchant/{merchant_id}")


@post("/merchant/{merchant_id:str}/withdraw")
async def withdraw(request: Visit) -> Redirect:
    """Take an authorisation back."""
    form, merchant_id = await request.form(), request.path_params["merchant_id"]
    registry.withdraw(box_of(request), form.get("app_id", ""), merchant_id)
    return go(f"/merchant/{merchant_id}")


@get("/oauth2/appToAppAuth.htm", sync_to_thread=False)
def ask(request: Visit) -> Response[str]:
    """Where an application sends a merchant to agree: app_id, redirect_uri, state."""
    box, asked = box_of(request), request.query_params
    app = registry.get(box, "apps", "app_id", asked.get("app_id", ""))
    if urlsplit(asked.get("redirect_uri", "")).scheme not in ("http", "https"):
        return sorry(request, "缺少回跳地址 redirect_uri")
    return page(
        request,
        "authorise.html",
        app=app,
        merchants=box.ledger.rows("SELECT * FROM merchants ORDER BY rowid LIMIT 500"),
        redirect_uri=asked["redirect_uri"],
        state=asked.get("state", ""),
        chosen=asked.get("merchant_id", ""),
    )


@post("/oauth2/appToAppAuth.htm")
async def agree(request: Visit) -> Redirect:
    """The merchant agrees and goes back with an app_auth_code."""
    form = await request.form()
    code = registry.agree(box_of(request), form.get("app_id", ""), form.get("merchant_id", ""))
    back = {"app_id": form.get("app_id", ""), "source": "alipay_app_auth", "app_auth_code": code}
    if form.get("state"):
        back["state"] = form["state"]
    address = form.get("redirect_uri", "")
    return go(f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(back)}")


def router() -> Router:
    """Return the router of these pages."""
    return Router("/", route_handlers=[counter, refund, withdraw, ask, agree])
