"""Payments at WeChat Pay and UnionPay as their payers see them: alike, whatever each wallet calls its parts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

MOST = 200
WALLETS = {"wechatpay": "微信支付", "unionpay": "银联"}
_WECHAT = """
SELECT t.*, m.name, (SELECT mchid FROM wx_partners ORDER BY rowid LIMIT 1) AS app FROM wx_trades t
JOIN wx_merchants m ON m.sub_mchid = t.sub_mchid
"""
_UNIONPAY = """
SELECT t.*, m.name, m.member AS app FROM up_transactions t JOIN up_merchants m ON m.mer_id = t.mer_id
WHERE t.txn_type = '01'
"""


class Payment(Struct, frozen=True, kw_only=True):
    """One payment; `total` and `refunded` in fen, `paid_at` in seconds."""

    wallet: str
    app: str
    """The city's partner or member there: the application of entry links."""
    number: str
    payer: str
    account: str
    name: str
    item: str
    total: int
    refunded: int
    paid_at: int


def payer_of(card: str) -> str:
    """Return what a UnionPay payer is called outside: never the card."""
    return hashlib.sha256(card.encode()).hexdigest()[:24]


def get(box: Sandbox, wallet: str, number: str) -> Payment:
    """Return one payment; KeyError where there is none."""
    sql = f"{_WECHAT} WHERE t.transaction_id = ?" if wallet == "wechatpay" else f"{_UNIONPAY} AND t.query_id = ?"
    row = box.ledger.row(sql, number)
    if row is None or wallet not in WALLETS:
        raise KeyError(number)
    return _read(wallet, row)


def newest(box: Sandbox, wallet: str, payer: str = "") -> list[Payment]:
    """Return the newest payments, of one payer or of all."""
    sql = f"{_WECHAT} ORDER BY t.paid_at DESC" if wallet == "wechatpay" else f"{_UNIONPAY} ORDER BY t.at DESC"
    found = [_read(wallet, row) for row in box.ledger.rows(f"{sql} LIMIT {MOST}")]
    return [each for each in found if payer in {"", each.payer}]


def _read(wallet: str, row: sqlite3.Row) -> Payment:
    if wallet == "wechatpay":
        return Payment(
            wallet=wallet, app=row["app"], number=row["transaction_id"], payer=row["openid"], account=row["sub_mchid"],
            name=row["name"], item=row["description"], total=row["total"], refunded=row["refunded"],
            paid_at=row["paid_at"],
        )  # fmt: skip
    return Payment(
        wallet=wallet, app=row["app"], number=row["query_id"], payer=payer_of(row["card"]), account=row["mer_id"],
        name=row["name"], item="", total=row["amount"], refunded=row["refunded"], paid_at=row["at"],
    )  # fmt: skip
