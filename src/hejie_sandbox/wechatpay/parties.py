"""Who is known to WeChat Pay, and the payments made there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from hejie_sandbox import keys
from hejie_sandbox.money import fen
from hejie_sandbox.sandbox import dated_number
from hejie_sandbox.wechatpay import wire

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox

DAY = 86400
API_KEY_BYTES = 32


class Partner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partner (服务商) with the public key of its certificate."""

    mchid: str
    public_key: str
    serial: str
    api_key: str
    certified: bool = False


class Merchant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merchant under a partner; `balance` in yuan, used only when it is new."""

    sub_mchid: str
    name: str
    balance: str = "1000.00"
    allows_refund: bool = True


class Payment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment to be made; `amount` in yuan."""

    sub_mchid: str
    amount: str
    description: str
    openid: str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    paid_at: int = 0
    refund_days: int = 365
    transaction_id: str = ""
    """The same twice is one payment; empty for a new number."""


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call brings in at once."""

    partners: list[Partner] = field(default_factory=list)
    merchants: list[Merchant] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


def load(box: Sandbox, seed: Seed) -> dict[str, Any]:
    """Bring in a seed in one transaction, renewing what stands there by its number; ValueError for a wrong key."""
    with box.ledger.transaction():
        for partner in seed.partners:
            keys.load_public(partner.public_key)
            if len(partner.api_key.encode()) != API_KEY_BYTES:
                raise ValueError("an APIv3 key has 32 bytes")
            box.ledger.write(
                "INSERT OR REPLACE INTO wx_partners VALUES (?, ?, ?, ?, ?)",
                *(partner.mchid, partner.public_key, partner.serial, partner.api_key, partner.certified),
            )
        for merchant in seed.merchants:
            box.ledger.write(
                "INSERT INTO wx_merchants VALUES (?, ?, ?, ?) ON CONFLICT (sub_mchid) DO UPDATE SET"
                " name = excluded.name, allows_refund = excluded.allows_refund",
                *(merchant.sub_mchid, merchant.name, fen(merchant.balance), merchant.allows_refund),
            )
        numbers = [_pay(box, payment) for payment in seed.payments]
    return {"transaction_ids": numbers, **wire.public(box)}


def _pay(box: Sandbox, payment: Payment) -> str:
    paid_at, total = payment.paid_at or box.now(), fen(payment.amount)
    number = payment.transaction_id or dated_number(paid_at, "4200", 28)
    if box.ledger.row("SELECT 1 FROM wx_trades WHERE transaction_id = ?", number) is not None:
        return number
    sql = "UPDATE wx_merchants SET balance = balance + ? WHERE sub_mchid = ?"
    if not box.ledger.write(sql, total, payment.sub_mchid):
        raise KeyError(payment.sub_mchid)
    box.ledger.insert(
        "wx_trades", transaction_id=number, out_trade_no=dated_number(paid_at, "W", 24), sub_mchid=payment.sub_mchid,
        openid=payment.openid, description=payment.description, total=total, paid_at=paid_at,
        refund_until=paid_at + payment.refund_days * DAY,
    )  # fmt: skip
    return number


def ledger(box: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """Return merchants, trades and refunds, row by row."""
    tables = {"merchants": "wx_merchants", "trades": "wx_trades", "refunds": "wx_refunds"}
    return {name: [dict(row) for row in box.ledger.rows(f"SELECT * FROM {table}")] for name, table in tables.items()}
