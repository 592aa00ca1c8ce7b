"""The payer's wallet: bill, one payment, the door to the platform, and disputes born in the wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, Router, get, post
from litestar.response import Redirect

from hejie_sandbox import entry, registry
from hejie_sandbox.money import fen
from hejie_sandbox.pages.render import Visit, box_of, go, page, sorry
from hejie_sandbox.wallet import cases, openings, statement, trades

if TYPE_CHECKING:
    import sqlite3


def _user(request: Visit) -> sqlite3.Row:
    return registry.get(box_of(request), "users", "user_id", request.path_params["user_id"])


def _trade(request: Visit) -> sqlite3.Row:
    trade = registry.get(box_of(request), "trades", "trade_no", request.path_params["trade_no"])
    if trade["user_id"] != request.path_params["user_id"]:
        raise KeyError(trade["trade_no"])
    return trade


@get("/wallet/{user_id:str}", sync_to_thread=False)
def bill(request: Visit) -> Response[str]:
    """A payer's bill."""
    user, box = _user(request), box_of(request)
    page_number = max(1, int(request.query_params.get("page", "1")))
    lines = statement.lines(box, user["user_id"])
    shown = lines[(page_number - 1) * 50 : page_number * 50]
    more = len(lines) > page_number * 50
    mine = box.ledger.rows("SELECT * FROM cases WHERE user_id = ? ORDER BY created_at DESC LIMIT 20", user["user_id"])
    return page(request, "bill.html", user=user, lines=shown, cases=mine, page_number=page_number, more=more)


@get("/wallet/{user_id:str}/bill.csv", sync_to_thread=False)
def export(request: Visit) -> Response[bytes]:
    """The exported bill file."""
    old = request.query_params.get("layout") == "old"
    content = statement.export(box_of(request), request.path_params["user_id"], old=old)
    disposition = {"content-disposition": 'attachment; filename="alipay_record.csv"'}
    return Response(content, media_type="text/csv; charset=gbk", headers=disposition)


@get("/wallet/{user_id:str}/payments/{trade_no:str}", sync_to_thread=False)
def payment(request: Visit) -> Response[str]:
    """One payment, its refunds, and the button."""
    box, trade = box_of(request), _trade(request)
    return page(
        request,
        "payment.html",
        user=_user(request),
        trade=trade,
        state=trades.status(trade, box.now()),
        purchase=trade["kind"] in trades.PURCHASES,
        refunds=box.ledger.rows("SELECT * FROM refunds WHERE trade_no = ? ORDER BY at", trade["trade_no"]),
    )


@post("/wallet/{user_id:str}/payments/{trade_no:str}/platform", sync_to_thread=False)
def open_platform(request: Visit) -> Redirect | Response[str]:
    """Make a signed entry link for this payment and go there."""
    try:
        return go(entry.link(box_of(request), _trade(request)["trade_no"]))
    except KeyError:
        return sorry(request, "平台地址未登记", 409)


@get("/wallet/{user_id:str}/payments/{trade_no:str}/complain", sync_to_thread=False)
def complain_form(request: Visit) -> Response[str]:
    """The wallet's own complaint form."""
    return page(
        request, "complain.html", user=_user(request), trade=_trade(request), reasons=cases.REASONS,
        demands=cases.DEMANDS,
    )  # fmt: skip


@post("/wallet/{user_id:str}/payments/{trade_no:str}/complain")
async def complain(request: Visit) -> Redirect | Response[str]:
    """File a dispute in the wallet."""
    form, box = await request.form(), box_of(request)
    picture = form.get("picture")
    content = await picture.read() if picture is not None and not isinstance(picture, str) else b""
    try:
        event_id = cases.complain(
            box, user_id=request.path_params["user_id"], trade_no=request.path_params["trade_no"],
            reason=form.get("reason", ""), demand=form.get("demand", ""), content=form.get("content", ""),
            phone=form.get("phone", ""), images=openings.keep_image(box, content) if content else "",
        )  # fmt: skip
    except ValueError:
        return sorry(request, "没有提交：内容不完整、图片格式不对，或这笔付款已有一件进行中的投诉")
    return go(f"/cases/{event_id}")


@get("/cases/{event_id:str}", sync_to_thread=False)
def case(request: Visit) -> Response[str]:
    """One wallet-born dispute as its payer sees it."""
    box = box_of(request)
    found = cases.get(box, request.path_params["event_id"])
    trade = registry.get(box, "trades", "trade_no", found["trade_no"])
    talk = cases.replies(box, found["event_id"])
    return page(request, "case.html", case=found, trade=trade, talk=talk, live=cases.LIVE)


@post("/cases/{event_id:str}/{step:str}")
async def move(request: Visit) -> Redirect | Response[str]:
    """The payer's next step."""
    box, event_id, form = box_of(request), request.path_params["event_id"], await request.form()
    steps = {"confirm": cases.confirm, "cancel": cases.cancel, "escalate": cases.escalate}
    try:
        if request.path_params["step"] == "say":
            user = registry.get(box, "users", "user_id", cases.get(box, event_id)["user_id"])
            cases.say(box, event_id, "USER", user["name"], form.get("content", "")[:200])
        else:
            steps[request.path_params["step"]](box, event_id)
    except ValueError:
        return sorry(request, "这一步现在不能做：状态已经变了，或没有填写内容", 409)
    return go(f"/cases/{event_id}")


@get("/shop", sync_to_thread=False)
def shop(request: Visit) -> Response[str]:
    """A counter where a payer pays a merchant."""
    ledger = box_of(request).ledger
    return page(
        request,
        "shop.html",
        users=ledger.rows("SELECT * FROM users ORDER BY rowid LIMIT 200"),
        merchants=ledger.rows("SELECT * FROM merchants ORDER BY rowid LIMIT 500"),
    )


@post("/shop")
async def pay(request: Visit) -> Redirect | Response[str]:
    """Pay."""
    form = await request.form()
    user_id, kind = form.get("user_id", ""), "stall" if form.get("stall") else "purchase"
    try:
        trade_no = trades.pay(
            box_of(request), user_id=user_id, merchant_id=form.get("merchant_id", ""),
            total=fen(form.get("amount", "")), subject=form.get("subject") or "商品", kind=kind,
        )  # fmt: skip
    except ValueError:
        return sorry(request, "金额有误，请填写如 12.50 的数字")
    return go(f"/wallet/{user_id}/payments/{trade_no}")


def router() -> Router:
    """Return the router of these pages."""
    pages = [bill, export, payment, open_platform, complain_form, complain, case, move, shop, pay]
    return Router("/", route_handlers=pages)
