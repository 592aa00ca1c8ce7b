"""What Alipay pushes: verified over its own bytes, ours by application, fresh, and only ever a hint."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from hejie.base.errors import Refused
from hejie.connectors.alipay.moments import instant
from hejie.connectors.alipay.reply import strict_object
from hejie.connectors.alipay.signing import content
from hejie.connectors.rsa import verifies
from hejie.connectors.wallet import Callback

_MOST_BYTES = 256 * 1024
_MOST_FIELDS = 200
_OLDEST = timedelta(minutes=15)
"""Each of Alipay's re-deliveries carries the time of its own sending (`notify_time`, 通知的发送时间)."""
_SKEW = timedelta(minutes=5)
_MEANINGS = {
    "alipay.merchant.tradecomplain.changed": ("case_changed", "complain_event_id"),
    "alipay.open.auth.appauth.cancelled": ("authority_withdrawn", "user_id"),
}
"""Service messages that we act on, and the field of their content that says about what."""


def callback(raw: bytes, key: RSAPublicKey, app_id: str, now: datetime) -> Callback:
    """Read one push (a form); replays are told by `delivery_id`, which the caller keeps.

    Errors: `Refused("callback_unreadable" | "signature_wrong" | "callback_misdirected" | "callback_stale")`,
    in this order; an unverified push is never read further.
    """
    form, charset = _form(raw)
    signed = _signed(form, charset, key)
    if form.get("app_id") != app_id:
        raise Refused("callback_misdirected")
    sent = _sent(form)
    if not now - _OLDEST <= sent <= now + _SKEW:
        raise Refused("callback_stale")
    kind, about = _kind(form)
    return Callback(
        application=app_id,
        delivery_id=form.get("notify_id") or hashlib.sha256(signed).hexdigest(),
        kind=kind,
        event_id=about if kind == "case_changed" else "",
        account=about if kind == "authority_withdrawn" else "",
        trade_no=form.get("trade_no", ""),
        sent_at=sent,
    )


def _form(raw: bytes) -> tuple[dict[str, str], str]:
    if len(raw) > _MOST_BYTES:
        raise Refused("callback_unreadable")
    charset = "gb18030" if b"CHARSET=GB" in raw.upper() else "utf-8"
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding=charset,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise Refused("callback_unreadable") from None
    form = dict(pairs)
    if not pairs or len(form) != len(pairs):
        raise Refused("callback_unreadable")
    return form, charset


def _signed(form: dict[str, str], charset: str, key: RSAPublicKey) -> bytes:
    """The bytes that the signature stands over: without `sign_type` for payments, with it for some service messages."""
    signature = form.get("sign", "")
    if form.get("sign_type", "RSA2") == "RSA2":
        for drop in (("sign", "sign_type"), ("sign",)):
            data = content(form, drop).encode(charset)
            if verifies(key, data, signature):
                return data
    raise Refused("signature_wrong")


def _sent(form: dict[str, str]) -> datetime:
    """`notify_time` (Beijing) of notifications, `utc_timestamp` (milliseconds) of service messages."""
    try:
        if "notify_time" in form:
            return instant(form["notify_time"])
        return datetime.fromtimestamp(int(form.get("utc_timestamp", "")) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused("callback_unreadable") from None


def _kind(form: dict[str, str]) -> tuple[str, str]:
    """What a push means, and for service messages about what."""
    if form.get("msg_method") not in _MEANINGS:
        return ("trade_changed" if form.get("trade_no") else "other"), ""
    kind, name = _MEANINGS[form["msg_method"]]
    try:
        about = strict_object(form.get("biz_content", "")).get(name)
    except ValueError:
        about = None
    if not isinstance(about, str) or not about:
        raise Refused("callback_unreadable")
    return kind, about
