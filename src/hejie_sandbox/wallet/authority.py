"""A merchant's authorisation of an application: code to token, renewal, question, withdrawal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hejie_sandbox import registry
from hejie_sandbox.clock import beijing
from hejie_sandbox.wallet.refusals import business

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.wallet.wire import Call


def exchange(call: Call) -> dict[str, Any]:
    """alipay.open.auth.token.app: a code, or a refresh token, becomes a token."""
    match call.text("grant_type", 20):
        case "authorization_code":
            merchant_id = _from_code(call)
        case "refresh_token":
            merchant_id = _from_refresh(call)
        case _:
            raise business("isv.grant-type-invalid", "grant_type 取值有误")
    token = registry.issue_token(call.box, call.app["app_id"], merchant_id)
    row = {
        "user_id": merchant_id,
        "auth_app_id": _auth_app_id(call, merchant_id),
        "app_auth_token": token["token"],
        "app_refresh_token": token["refresh_token"],
        "expires_in": token["expires_at"] - token["issued_at"],
        "re_expires_in": token["refresh_expires_at"] - token["issued_at"],
    }
    return row | {"tokens": [row]}


def _from_code(call: Call) -> str:
    ledger, code = call.box.ledger, call.text("code", 64)
    found = ledger.row("SELECT * FROM auth_codes WHERE code = ? AND app_id = ?", code, call.app["app_id"])
    if found is None:
        raise business("isv.code-invalid", "授权码无效")
    if found["used"] or found["expires_at"] <= call.box.now():
        raise business("isv.code-is-old", "授权码已使用或已过期")
    ledger.write("UPDATE auth_codes SET used = 1 WHERE code = ?", code)
    return str(found["merchant_id"])


def _from_refresh(call: Call) -> str:
    sql = "SELECT * FROM tokens WHERE refresh_token = ? AND app_id = ?"
    found = call.box.ledger.row(sql, call.text("refresh_token", 64), call.app["app_id"])
    if found is None or found["ended"]:
        raise business("isv.refresh-token-invalid", "刷新令牌无效")
    if found["refresh_expires_at"] <= call.box.now():
        raise business("isv.refresh-token-time-out", "刷新令牌已过期")
    return str(found["merchant_id"])


def _auth_app_id(call: Call, merchant_id: str) -> str:
    return str(registry.get(call.box, "merchants", "merchant_id", merchant_id)["auth_app_id"])


def query(call: Call) -> dict[str, Any]:
    """alipay.open.auth.token.app.query: whose a token is, and whether it still holds."""
    sql = "SELECT * FROM tokens WHERE token = ? AND app_id = ?"
    found = call.box.ledger.row(sql, call.text("app_auth_token", 128), call.app["app_id"])
    if found is None:
        raise business("isv.app-auth-token-not-exist", "应用授权令牌不存在")
    return {
        "user_id": found["merchant_id"],
        "auth_app_id": _auth_app_id(call, found["merchant_id"]),
        "expires_in": max(0, found["expires_at"] - call.box.now()),
        "auth_start": beijing(found["issued_at"]),
        "auth_end": beijing(found["expires_at"]),
        "status": _state(found, call.box.now()),
    }


def _state(token: sqlite3.Row, now: int) -> str:
    return "invalid" if token["ended"] or token["expires_at"] <= now else "valid"
