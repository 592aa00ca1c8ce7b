"""Who is known to UnionPay's gateway, and the payments made there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from hejie_sandbox import keys
from hejie_sandbox.money import fen
from hejie_sandbox.sandbox import digits
from hejie_sandbox.unionpay import book

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox


class Member(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member with the public key of its certificate, or a shared secret."""

    member: str
    cert_id: str = ""
    public_key: str = ""
    secret: str = ""


class Merchant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merchant under a member; `balance` in yuan, used only when it is new."""

    mer_id: str
    member: str
    name: str
    balance: str = "1000.00"
    terminal: str = "01080209"
    mcc: str = "5812"


class Payment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment to be made; `amount` in yuan."""

    mer_id: str
    amount: str
    card: str = "6212142000000000012"
    paid_at: int = 0
    order_id: str = ""
    """The same twice, with one time, is one payment; empty for a new number."""


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call brings in at once."""

    members: list[Member] = field(default_factory=list)
    merchants: list[Merchant] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


def load(box: Sandbox, seed: Seed) -> dict[str, Any]:
    """Bring in a seed in one transaction, renewing what stands there by its number; ValueError for a wrong key."""
    with box.ledger.transaction():
        for member in seed.members:
            if member.public_key:
                keys.load_public(member.public_key)
            box.ledger.write(
                "INSERT INTO up_members VALUES (?, ?, ?, ?) ON CONFLICT (member) DO UPDATE SET"
                " cert_id = excluded.cert_id, public_key = excluded.public_key, secret = excluded.secret",
                *(member.member, member.cert_id, member.public_key, member.secret),
            )
        for merchant in seed.merchants:
            box.ledger.write(
                "INSERT INTO up_merchants VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (mer_id) DO UPDATE SET"
                " member = excluded.member, name = excluded.name",
                *(merchant.mer_id, merchant.member, merchant.name, fen(merchant.balance)),
                *(merchant.terminal, merchant.mcc),
            )
        made = [_pay(box, payment) for payment in seed.payments]
    root, middle, _ = (keys.certificate_pem(each) for each in box.keys.unionpay_chain)
    return {"payments": made, "root": root, "middle": middle}


def _pay(box: Sandbox, payment: Payment) -> dict[str, str]:
    paid_at, amount = payment.paid_at or box.now(), fen(payment.amount)
    order = payment.order_id or f"U{book.stamp(paid_at)}{digits(6)}"
    known = book.find(box, payment.mer_id, order, book.stamp(paid_at))
    if known is not None:
        return {"query_id": known["query_id"], "order_id": order, "txn_time": known["txn_time"]}
    sql = "UPDATE up_merchants SET balance = balance + ? WHERE mer_id = ?"
    if not box.ledger.write(sql, amount, payment.mer_id):
        raise KeyError(payment.mer_id)
    made = book.write(
        box, mer_id=payment.mer_id, order_id=order, txn_time=book.stamp(paid_at), txn_type="01", amount=amount,
        card=payment.card, at=paid_at, settles_at=paid_at,
    )  # fmt: skip
    return {"query_id": made, "order_id": order, "txn_time": book.stamp(paid_at)}


def ledger(box: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """Return merchants and transactions, row by row."""
    tables = {"merchants": "up_merchants", "transactions": "up_transactions"}
    return {name: [dict(row) for row in box.ledger.rows(f"SELECT * FROM {table}")] for name, table in tables.items()}
