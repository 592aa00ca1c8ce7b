"""Who is known to the wallet: applications, users, merchants and their authorisations."""

from __future__ import annotations

from secrets import token_hex, token_urlsafe
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from hejie_sandbox import keys
from hejie_sandbox.clock import beijing, from_beijing
from hejie_sandbox.money import fen
from hejie_sandbox.sandbox import digits
from hejie_sandbox.wallet import pushes, trades

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

CODE_LIFE = 86400
TOKEN_LIFE = 31536000
REFRESH_LIFE = 32140800


class App(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application; empty addresses fall back to those the sandbox was started with."""

    app_id: str
    public_key: str
    name: str = ""
    notify_url: str = ""
    platform_url: str = ""
    city: str = ""
    merchant_id: str = ""
    keep_sign_type: bool = False


class User(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payer."""

    user_id: str
    name: str
    logon: str = ""
    phone: str = "13800000000"


class Merchant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merchant's account; `balance` is its opening balance in yuan, used only when it is new."""

    merchant_id: str
    cert_no: str
    name: str
    merchant_type: str = "DIRECT"
    logon: str = ""
    city: str = ""
    category: str = ""
    notice: str = ""
    refund_days: int = 365
    balance: str = "1000.00"


class Payment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment to be made; `amount` in yuan, `paid_at` Beijing time (default: now)."""

    user_id: str
    amount: str
    subject: str
    merchant_id: str = ""
    kind: str = "purchase"
    paid_at: str = ""
    trade_no: str = ""
    out_trade_no: str = ""
    counterparty: str = ""
    store_id: str = ""
    store_name: str = ""
    terminal_id: str = ""
    category: str = ""
    method: str = ""


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file or a call brings in at once."""

    apps: list[App] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    merchants: list[Merchant] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


def load(box: Sandbox, seed: Seed) -> list[str]:
    """Bring in a seed in one transaction and return the trade numbers; what exists by its number is kept or renewed."""
    with box.ledger.transaction():
        for app in seed.apps:
            put_app(box, app)
        for user in seed.users:
            logon = user.logon or f"{user.user_id[-6:]}@example.com"
            box.ledger.write(
                "INSERT INTO users VALUES (?, ?, ?, ?) ON CONFLICT (user_id) DO UPDATE"
                " SET name = excluded.name, logon = excluded.logon, phone = excluded.phone",
                *(user.user_id, user.name, logon, user.phone),
            )
        for merchant in seed.merchants:
            _put_merchant(box, merchant)
        return [_pay(box, payment) for payment in seed.payments]


def put_app(box: Sandbox, app: App) -> None:
    """Register an application, or renew its key and addresses; ValueError where the key is no RSA key."""
    keys.load_public(app.public_key)
    with box.ledger.transaction():
        box.ledger.write(
            "INSERT INTO apps (app_id, name, public_key, notify_url, platform_url, city, merchant_id, keep_sign_type)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id) DO UPDATE SET name = excluded.name,"
            " public_key = excluded.public_key, notify_url = excluded.notify_url, certificate = CASE"
            " WHEN apps.public_key = excluded.public_key THEN apps.certificate ELSE '' END,"
            " platform_url = excluded.platform_url, city = excluded.city, merchant_id = excluded.merchant_id,"
            " keep_sign_type = excluded.keep_sign_type",
            *(app.app_id, app.name or app.app_id, app.public_key, app.notify_url),
            *(app.platform_url, app.city, app.merchant_id, app.keep_sign_type),
        )


def certify(box: Sandbox, app_id: str) -> dict[str, str]:
    """Turn an application to certificate mode and return what its engineer downloads; KeyError if unknown."""
    app = get(box, "apps", "app_id", app_id)
    certificate = box.keys.issue(app_id, app["public_key"])
    with box.ledger.transaction():
        box.ledger.write("UPDATE apps SET certificate = ? WHERE app_id = ?", certificate, app_id)
    return {"app_certificate": certificate} | public(box)


def uncertify(box: Sandbox, app_id: str) -> None:
    """Turn an application back to key mode."""
    with box.ledger.transaction():
        box.ledger.write("UPDATE apps SET certificate = '' WHERE app_id = ?", app_id)


def public(box: Sandbox) -> dict[str, str]:
    """Return the wallet's public keys and certificates as PEM."""
    pem = keys.certificate_pem
    return {
        "gateway_public_key": keys.public_pem(box.keys.gateway),
        "entry_public_key": keys.public_pem(box.keys.entry),
        "alipay_certificate": pem(box.keys.alipay),
        "root_certificate": pem(box.keys.root),
        "alipay_cert_sn": keys.certificate_sn(box.keys.alipay),
        "alipay_root_cert_sn": keys.certificate_sn(box.keys.root),
    }


def _put_merchant(box: Sandbox, merchant: Merchant) -> None:
    logon = merchant.logon or f"m{merchant.merchant_id[-8:]}@example.com"
    box.ledger.write(
        "INSERT INTO merchants (merchant_id, cert_no, name, merchant_type, logon, city, category, notice, refund_days,"
        " auth_app_id, balance) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (merchant_id) DO UPDATE SET"
        " cert_no = excluded.cert_no, name = excluded.name, merchant_type = excluded.merchant_type,"
        " logon = excluded.logon, city = excluded.city, category = excluded.category, notice = excluded.notice,"
        " refund_days = excluded.refund_days",
        *(merchant.merchant_id, merchant.cert_no, merchant.name, merchant.merchant_type.upper(), logon),
        *(merchant.city, merchant.category, merchant.notice, merchant.refund_days),
        *(f"2021{digits(12)}", fen(merchant.balance)),
    )


def _pay(box: Sandbox, payment: Payment) -> str:
    if payment.trade_no and box.ledger.row("SELECT 1 FROM trades WHERE trade_no = ?", payment.trade_no):
        return payment.trade_no
    names = ("trade_no", "out_trade_no", "counterparty", "store_id", "store_name", "terminal_id", "category", "method")
    details: dict[str, Any] = {name: value for name in names if (value := getattr(payment, name))}
    if payment.paid_at:
        details["paid_at"] = from_beijing(payment.paid_at)
    return trades.pay(
        box, user_id=payment.user_id, merchant_id=payment.merchant_id or None, total=fen(payment.amount),
        subject=payment.subject, kind=payment.kind, **details,
    )  # fmt: skip


def withdraw(box: Sandbox, app_id: str, merchant_id: str) -> None:
    """A merchant takes its authorisation back; the application is told. KeyError where there was none."""
    with box.ledger.transaction():
        sql = "UPDATE tokens SET ended = 'withdrawn' WHERE app_id = ? AND merchant_id = ? AND ended = ''"
        if not box.ledger.write(sql, app_id, merchant_id):
            raise KeyError(merchant_id)
        told = {"app_id": app_id, "user_id": merchant_id, "cancel_time": beijing(box.now())}
        pushes.put(box, app_id, "alipay.open.auth.appauth.cancelled", told)


def get(box: Sandbox, table: str, column: str, value: str) -> sqlite3.Row:
    """Return one row by its number; KeyError where there is none."""
    row = box.ledger.row(f"SELECT * FROM {table} WHERE {column} = ?", value)
    if row is None:
        raise KeyError(value)
    return row


def agree(box: Sandbox, app_id: str, merchant_id: str) -> str:
    """A merchant agrees that an application may act for it; return the single-use app_auth_code (one day)."""
    get(box, "apps", "app_id", app_id)
    get(box, "merchants", "merchant_id", merchant_id)
    code = f"P{token_urlsafe(24)}"
    with box.ledger.transaction():
        box.ledger.insert(
            "auth_codes", code=code, app_id=app_id, merchant_id=merchant_id, expires_at=box.now() + CODE_LIFE
        )
    return code


def issue_token(box: Sandbox, app_id: str, merchant_id: str) -> sqlite3.Row:
    """Issue a token for an agreed authorisation, ending the one before."""
    now, token = box.now(), f"2026BB{token_hex(16)}"
    box.ledger.write(
        "UPDATE tokens SET ended = 'refreshed' WHERE app_id = ? AND merchant_id = ? AND ended = ''", app_id, merchant_id
    )
    box.ledger.insert(
        "tokens", token=token, refresh_token=f"2026BB{token_hex(16)}", app_id=app_id, merchant_id=merchant_id,
        issued_at=now, expires_at=now + TOKEN_LIFE, refresh_expires_at=now + REFRESH_LIFE,
    )  # fmt: skip
    return get(box, "tokens", "token", token)
