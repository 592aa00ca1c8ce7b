"""The signed link by which the wallet opens the platform for one payment (docs/protocol/entry.md)."""

from __future__ import annotations

import base64
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hejie_sandbox import keys
from hejie_sandbox.money import yuan
from hejie_sandbox.wallet.trades import PURCHASES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric import rsa

    from hejie_sandbox.others import Payment
    from hejie_sandbox.sandbox import Sandbox

_UNSIGNABLE = re.compile(r"[&=\x00-\x1f\x7f-\x9f\u2028\u2029]")
LIFE_SECONDS = 240
"""Below the five minutes that the platform allows, so that clocks a little apart still agree."""


def text_to_sign(params: Mapping[str, str]) -> str:
    """Return `k=v` joined with `&`, sorted by key, values as they are, without `sign`."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "sign")


def sign(key: rsa.RSAPrivateKey, params: Mapping[str, str]) -> str:
    """Return base64url without padding of RSA PKCS#1 v1.5 SHA-256 over the text."""
    signature = keys.sign(key, text_to_sign(params).encode())
    return base64.urlsafe_b64encode(signature).decode().rstrip("=")


def link(box: Sandbox, trade_no: str, app_id: str = "") -> str:
    """Return the address that opens the platform for a payment; KeyError for no such purchase or application."""
    trade = box.ledger.row("SELECT * FROM trades WHERE trade_no = ?", trade_no)
    if trade is None or trade["kind"] not in PURCHASES:
        raise KeyError(trade_no)
    app = _application(box, trade, app_id)
    params = {
        "wallet": "alipay",
        "app": app["app_id"],
        "trade_no": trade_no,
        "payer": trade["user_id"],
        "amount": yuan(trade["total"]),
        "expires": str(box.now() + LIFE_SECONDS),
        "nonce": secrets.token_urlsafe(24),
        **_told_besides(trade),
    }
    params["sign"] = sign(box.keys.entry, params)
    return f"{app['platform_url'] or box.platform_url}/{app['city'] or box.city}/entry?{urlencode(params)}"


def link_to(box: Sandbox, payment: Payment) -> str:
    """Return the address that opens the platform for a payment at another wallet; KeyError without a platform."""
    app = box.ledger.row("SELECT * FROM apps WHERE merchant_id = '' ORDER BY rowid LIMIT 1")
    where = (app and app["platform_url"]) or box.platform_url
    if not where:
        raise KeyError(payment.app)
    told = {"payee": _signable(payment.name), "item": _signable(payment.item)}
    params = {
        "wallet": payment.wallet,
        "app": payment.app,
        "trade_no": payment.number,
        "payer": payment.payer,
        "amount": yuan(payment.total),
        "expires": str(box.now() + LIFE_SECONDS),
        "nonce": secrets.token_urlsafe(24),
        "account": payment.account,
        "paid_at": str(payment.paid_at),
        **{name: value for name, value in told.items() if value},
    }
    params["sign"] = sign(box.keys.entry, params)
    return f"{where}/{(app and app['city']) or box.city}/entry?{urlencode(params)}"


def _told_besides(trade: sqlite3.Row) -> dict[str, str]:
    """Return whom and what the payment was for, and when; an item loses what the signed text cannot hold."""
    told = {
        "account": trade["merchant_id"],
        "shop": trade["store_id"],
        "payee": _signable(trade["store_name"] or trade["counterparty"]),
        "item": _signable(trade["subject"]),
        "paid_at": str(int(trade["paid_at"])),
    }
    return {name: value for name, value in told.items() if value}


def _signable(text: str) -> str:
    return _UNSIGNABLE.sub(" ", text).strip()[:64]


def _application(box: Sandbox, trade: sqlite3.Row, app_id: str) -> sqlite3.Row:
    """Return the asked application, else the one that opened the merchant, else its city's, else the first city's."""
    sql = (
        "SELECT apps.* FROM apps LEFT JOIN openings ON openings.app_id = apps.app_id AND openings.status = 'OPENED'"
        " AND openings.merchant_id = ? LEFT JOIN merchants ON merchants.merchant_id = ?"
        " WHERE apps.merchant_id = '' AND ? IN ('', apps.app_id)"
        " ORDER BY openings.app_id IS NULL, apps.city <> merchants.city, apps.rowid LIMIT 1"
    )
    app = box.ledger.row(sql, trade["merchant_id"], trade["merchant_id"], app_id)
    if app is None or not (app["platform_url"] or box.platform_url):
        raise KeyError(app_id or "no application with a platform address")
    return app
