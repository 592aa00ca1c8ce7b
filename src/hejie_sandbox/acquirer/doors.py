"""The lab's doors to the bank: who is known there, what is paid, and what the bank tells the house."""

from __future__ import annotations

import json
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

import httpx
from litestar import get, post
from litestar.datastructures import State
from litestar.params import JSONBody
from msgspec import Struct, field, structs

from hejie_sandbox import keys
from hejie_sandbox.acquirer import wire
from hejie_sandbox.calling import caller
from hejie_sandbox.money import fen
from hejie_sandbox.sandbox import dated_number

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox


class Bank(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bank, the city's key there, and where the city's house is told of things."""

    id: str
    key_id: str
    public_key: str
    algorithm: str = "rsa-pss-sha512"
    own_algorithm: str = "rsa-pss-sha512"
    house: str = ""
    pushes: bool = False
    """Whether the house is told by itself when a refund is through."""


class Merchant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merchant of a bank; `balance` in yuan, used only when it is new."""

    bank: str
    number: str
    name: str
    balance: str = "1000.00"
    allows: bool = True


class Payment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment to be made; `amount` in yuan."""

    bank: str
    merchant: str
    amount: str
    terminal: str = "01080209"
    paid_at: int = 0


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one call brings in at once."""

    banks: list[Bank] = field(default_factory=list)
    merchants: list[Merchant] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


class Telling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bank tells the house: what it is about, the body, and the key where it is a repeat."""

    bank: str
    what: str
    body: dict[str, Any]
    key: str = ""
    forged: bool = False


class Looking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bank asks the house for: a path behind its base, with its query."""

    bank: str
    what: str


def _box(state: State) -> Sandbox:
    box: Sandbox = state["box"]
    return box


@post("/acquirer", sync_to_thread=False)
def load(state: State, data: JSONBody[Seed]) -> dict[str, Any]:
    """Bring in banks, merchants and payments; the banks' own key and the payments' numbers."""
    box = _box(state)
    with box.ledger.transaction():
        for bank in data.banks:
            keys.load_public(bank.public_key)
            box.ledger.insert("aq_banks", replace=True, **structs.asdict(bank))
        for merchant in data.merchants:
            box.ledger.write(
                "INSERT INTO aq_merchants VALUES (?, ?, ?, ?, ?) ON CONFLICT (bank, number) DO UPDATE SET"
                " name = excluded.name, allows = excluded.allows",
                *(merchant.bank, merchant.number, merchant.name, fen(merchant.balance), merchant.allows),
            )
        made = [_pay(box, payment) for payment in data.payments]
    return {"payments": made, "key_id": wire.KEY_ID, "public_key": keys.public_pem(box.keys.acquirer)}


def _pay(box: Sandbox, payment: Payment) -> str:
    paid_at, amount = payment.paid_at or box.now(), fen(payment.amount)
    number, order = dated_number(paid_at, "", 20), dated_number(paid_at, "A", 20)
    sql = "UPDATE aq_merchants SET balance = balance + ? WHERE bank = ? AND number = ?"
    if not box.ledger.write(sql, amount, payment.bank, payment.merchant):
        raise KeyError(payment.merchant)
    box.ledger.insert(
        "aq_payments", bank=payment.bank, payment=number, merchant=payment.merchant, terminal=payment.terminal,
        order_no=order, amount=amount, paid_at=paid_at,
    )  # fmt: skip
    return number


@post("/acquirer/tell")
async def tell(state: State, data: JSONBody[Telling]) -> dict[str, Any]:
    """Have a bank tell the house something, signed; what the house answered, and whether the answer is signed."""
    box = _box(state)
    bank = _bank(box, data.bank)
    url, key = f"{bank['house']}/v1/{data.what}", data.key or token_urlsafe(24)
    body = json.dumps(data.body, ensure_ascii=False).encode()
    headers = wire.request_headers(box, bank, url, body, key, forged=data.forged)
    async with caller(30) as client:
        answer = await client.post(url, content=body, headers=headers)
    return _heard(box, bank, headers, answer) | {"key": key}


@post("/acquirer/look")
async def look(state: State, data: JSONBody[Looking]) -> dict[str, Any]:
    """Have a bank ask the house for something, such as `disputes`; as `tell`."""
    box = _box(state)
    bank = _bank(box, data.bank)
    url = f"{bank['house']}/v1/{data.what}"
    headers = wire.look_headers(box, bank, url)
    async with caller(30) as client:
        answer = await client.get(url, headers=headers)
    return _heard(box, bank, headers, answer)


def _bank(box: Sandbox, number: str) -> sqlite3.Row:
    bank = box.ledger.row("SELECT * FROM aq_banks WHERE id = ?", number)
    if bank is None:
        raise KeyError(number)
    return bank


def _heard(box: Sandbox, bank: sqlite3.Row, asked: dict[str, str], answer: httpx.Response) -> dict[str, Any]:
    heard = wire.Answer(answer.status_code, dict(answer.headers), answer.content)
    believed = wire.believes(box, bank, asked, heard)
    return {"status": heard.status, "headers": heard.headers, "text": answer.text, "believed": believed}


@get("/acquirer/ledger", sync_to_thread=False)
def ledger(state: State) -> dict[str, list[dict[str, Any]]]:
    """Everything the banks booked (fen, seconds), row by row."""
    tables = ("merchants", "payments", "refunds", "asked")
    return {name: [dict(row) for row in _box(state).ledger.rows(f"SELECT * FROM aq_{name}")] for name in tables}


HANDLERS = (load, tell, look, ledger)
