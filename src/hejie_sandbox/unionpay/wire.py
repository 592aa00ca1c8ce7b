"""Forms as UnionPay reads and signs them: members checked by certificate or secret, answers signed in their own way."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from hejie_sandbox import keys

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from hejie_sandbox.sandbox import Sandbox


class RefusalError(Exception):
    """An answer that says no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Call:
    """A form that has been checked."""

    box: Sandbox
    member: sqlite3.Row
    form: dict[str, str]

    def merchant(self) -> sqlite3.Row:
        """Return the merchant that the call is about, if the member may act for it."""
        sql = "SELECT * FROM up_merchants WHERE mer_id = ? AND member = ?"
        found = self.box.ledger.row(sql, self.form.get("merId", ""), self.member["member"])
        if found is None:
            raise RefusalError("31", "商户状态不正确")
        return found

    def need(self, name: str) -> str:
        """Return a field that must be there."""
        value = self.form.get(name, "")
        if not value:
            raise RefusalError("13", f"报文交易要素缺失:{name}")
        return value


def read(body: bytes) -> dict[str, str]:
    """Read a form; code 10 for what is none."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=200)
    except ValueError:
        raise RefusalError("10", "报文格式错误") from None
    if len(dict(pairs)) != len(pairs):
        raise RefusalError("10", "报文格式错误")
    return dict(pairs)


def authenticate(box: Sandbox, form: Mapping[str, str]) -> sqlite3.Row:
    """Return the member that signed a form; code 11 for every way in which nobody did."""
    named = form.get("acqInsCode") or form.get("merId", "")
    member = box.ledger.row("SELECT * FROM up_members WHERE member = ?", named)
    if member is None or form.get("version") != "5.1.0" or form.get("encoding", "").upper() != "UTF-8":
        raise RefusalError("11", "验证签名失败")
    if form.get("signMethod") == "01":
        stands = form.get("certId") == member["cert_id"] and _by_certificate(member["public_key"], form)
    else:
        wanted = _digest(form.get("signMethod", ""), member["secret"], form)
        stands = bool(wanted) and hmac.compare_digest(wanted.encode(), form.get("signature", "").encode())
    if not stands:
        raise RefusalError("11", "验证签名失败")
    return member


def _plain(form: Mapping[str, str]) -> bytes:
    named = sorted(name for name, value in form.items() if value and name != "signature")
    return "&".join(f"{name}={form[name]}" for name in named).encode()


def _by_certificate(public_key: str, form: Mapping[str, str]) -> bool:
    hexed = hashlib.sha256(_plain(form)).hexdigest().encode()
    try:
        signature = base64.b64decode(form.get("signature", ""), validate=True)
        keys.load_public(public_key).verify(signature, hexed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _digest(method: str, secret: str, form: Mapping[str, str]) -> str:
    name = {"11": "sha256", "12": "sm3"}.get(method)
    if name is None or not secret:
        return ""
    inner = hashlib.new(name, secret.encode()).hexdigest()
    return hashlib.new(name, _plain(form) + f"&{inner}".encode()).hexdigest()


def signed(box: Sandbox, method: str, secret: str, fields: Mapping[str, str], *, forged: bool = False) -> bytes:
    """Write an answer: `k=v` joined with `&`, nothing encoded, signed the way it was asked."""
    told = {name: value for name, value in fields.items() if value} | {"signMethod": method}
    if method == "01":
        told["signPubKeyCert"] = keys.certificate_pem(box.keys.unionpay_chain[2]).replace("\n", "\r\n").strip()
        hexed = hashlib.sha256(_plain(told)).hexdigest().encode()
        raw = keys.sign(box.keys.wrong if forged else box.keys.unionpay, hexed)
        told["signature"] = base64.b64encode(raw).decode()
    else:
        told["signature"] = _digest(method, "wrong" if forged else secret, told)
    return "&".join(f"{name}={told[name]}" for name in sorted(told)).encode()
