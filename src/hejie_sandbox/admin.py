"""The lab's JSON API under /admin: what is put in, moved on and looked at from outside the wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from hejie_sandbox import registry
from hejie_sandbox.clock import beijing
from hejie_sandbox.money import fen
from hejie_sandbox.wallet import refunds

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox


class Turn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a knob is set."""

    name: str
    probability: float = 0
    remaining: int = 0
    value: float | None = None
    method: str = ""


class Advance(Struct, frozen=True, forbid_unknown_fields=True):
    """How far the clock goes on."""

    advance_seconds: float


class HandRefund(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refund in the merchant's own tool; `amount` in yuan."""

    trade_no: str
    amount: str
    reason: str = ""


class Agreement(Struct, frozen=True, forbid_unknown_fields=True):
    """A merchant's authorisation of an application."""

    app_id: str
    merchant_id: str


def box_of(state: State) -> Sandbox:
    """Return the sandbox of this server."""
    box: Sandbox = state["box"]
    return box


@get("/public", sync_to_thread=False)
def show_public(state: State) -> dict[str, str]:
    """Public keys and certificates."""
    return registry.public(box_of(state))


@post("/load", sync_to_thread=False)
def load(state: State, data: JSONBody[registry.Seed]) -> dict[str, list[str]]:
    """Bring in applications, users, merchants and payments in one transaction."""
    return {"trade_nos": registry.load(box_of(state), data)}


@post("/apps/{app_id:str}/certificate", sync_to_thread=False)
def certify(state: State, app_id: FromPath[str]) -> dict[str, str]:
    """Turn an application to certificate mode."""
    return registry.certify(box_of(state), app_id)


@post("/apps/{app_id:str}/key", sync_to_thread=False)
def uncertify(state: State, app_id: FromPath[str]) -> dict[str, str]:
    """Turn an application back to key mode."""
    registry.uncertify(box_of(state), app_id)
    return {}


@post("/authorise", sync_to_thread=False)
def authorise(state: State, data: JSONBody[Agreement]) -> dict[str, str]:
    """Agree for a merchant, as its page does."""
    return {"app_auth_code": registry.agree(box_of(state), data.app_id, data.merchant_id)}


@post("/hand-refunds", sync_to_thread=False)
def hand_refund(state: State, data: JSONBody[HandRefund]) -> dict[str, str]:
    """Refund in the merchant's own tool."""
    return {"out_request_no": refunds.by_hand(box_of(state), data.trade_no, fen(data.amount), data.reason)}


@post("/merchants/{merchant_id:str}/top-up", sync_to_thread=False)
def top_up(state: State, merchant_id: FromPath[str], data: JSONBody[dict[str, str]]) -> dict[str, str]:
    """Put money into a merchant's account: {"amount": yuan}."""
    box = box_of(state)
    registry.get(box, "merchants", "merchant_id", merchant_id)
    with box.ledger.transaction():
        sql = "UPDATE merchants SET balance = balance + ? WHERE merchant_id = ?"
        box.ledger.write(sql, fen(data["amount"]), merchant_id)
    return {}


@get("/clock", sync_to_thread=False)
def show_clock(state: State) -> dict[str, Any]:
    """The sandbox's time."""
    box = box_of(state)
    return {"now": box.clock.now(), "beijing": beijing(box.clock.now()), "offset_seconds": box.clock.offset}


@post("/clock", sync_to_thread=False)
def advance(state: State, data: JSONBody[Advance]) -> dict[str, Any]:
    """Move the clock on."""
    box_of(state).clock.advance(data.advance_seconds)
    return {"now": box_of(state).clock.now(), "offset_seconds": box_of(state).clock.offset}


@get("/knobs", sync_to_thread=False)
def show_knobs(state: State) -> list[dict[str, Any]]:
    """Every knob with its counter."""
    return box_of(state).knobs.all()


@post("/knobs", sync_to_thread=False)
def turn(state: State, data: JSONBody[list[Turn] | Turn]) -> list[dict[str, Any]]:
    """Set one knob or several."""
    knobs = box_of(state).knobs
    for each in data if isinstance(data, list) else [data]:
        knobs.turn(
            each.name, probability=each.probability, remaining=each.remaining, value=each.value, method=each.method
        )
    return knobs.all()


@post("/knobs/off", sync_to_thread=False)
def knobs_off(state: State) -> list[dict[str, Any]]:
    """Turn every knob off; counters stay."""
    box_of(state).knobs.all_off()
    return box_of(state).knobs.all()


_TABLES = ("merchants", "openings", "trades", "refunds", "cases", "replies", "sms")


@get("/ledger", sync_to_thread=False)
def show_ledger(state: State) -> dict[str, list[dict[str, Any]]]:
    """Everything the wallet booked: merchants, trades, refunds, cases (fen, seconds), row by row."""
    ledger = box_of(state).ledger
    return {table: [dict(row) for row in ledger.rows(f"SELECT * FROM {table}")] for table in _TABLES}


def router() -> Router:
    """Return the router of /admin."""
    handlers = [
        show_public, load, certify, uncertify, authorise, hand_refund, top_up, show_clock, advance,
        show_knobs, turn, knobs_off, show_ledger,
    ]  # fmt: skip
    return Router("/admin", route_handlers=handlers)
