"""APIv3 as WeChat Pay speaks it: requests checked, answers signed, callbacks sealed."""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hejie_sandbox import keys
from hejie_sandbox.clock import BEIJING
from hejie_sandbox.wechatpay import certificates

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from hejie_sandbox.sandbox import Sandbox

PUBLIC_KEY_ID = "PUB_KEY_ID_0100000000002026112700000000000001"
SKEW = 300
_SCHEME = "WECHATPAY2-SHA256-RSA2048 "
_PART = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')
_PARTS = {"mchid", "nonce_str", "timestamp", "serial_no", "signature"}


class RefusalError(Exception):
    """An answer that says no, with its HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Call:
    """A request that has been checked."""

    box: Sandbox
    partner: sqlite3.Row
    method: str
    path: str
    query: dict[str, str]
    content: dict[str, Any]
    base: str
    subject: str = ""
    """What stands in the path where its pattern leaves a gap."""
    file: bytes = b""

    def merchant(self) -> str:
        """Return the merchant that the call is about."""
        given = self.query.get("sub_mchid") or self.content.get("sub_mchid")
        if not isinstance(given, str) or not given:
            raise RefusalError(400, "PARAM_ERROR", "sub_mchid 为空")
        return given


def authenticate(box: Sandbox, method: str, target: str, authorization: str, body: bytes) -> sqlite3.Row:
    """Return the partner that signed a request; SIGN_ERROR for every way in which it did not."""
    parts = _parts(authorization)
    if set(parts) != _PARTS or not parts["timestamp"].isdigit():
        raise _unsigned("Authorization 不合法")
    partner = box.ledger.row("SELECT * FROM wx_partners WHERE mchid = ?", parts["mchid"])
    if partner is None or parts["serial_no"].upper() != str(partner["serial"]).upper():
        raise _unsigned("商户证书序列号有误")
    if abs(int(parts["timestamp"]) - box.clock.now()) > SKEW:
        raise _unsigned("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    text = f"{method}\n{target}\n{parts['timestamp']}\n{parts['nonce_str']}\n".encode() + body + b"\n"
    try:
        signature = base64.b64decode(parts["signature"], validate=True)
        keys.load_public(partner["public_key"]).verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        raise _unsigned("签名错误") from None
    return partner


def _parts(authorization: str) -> dict[str, str]:
    if not authorization.startswith(_SCHEME):
        raise _unsigned("Authorization 不合法")
    found = [_PART.fullmatch(part) for part in authorization.removeprefix(_SCHEME).split(",")]
    return {each[1]: each[2] for each in found if each}


def _unsigned(message: str) -> RefusalError:
    return RefusalError(401, "SIGN_ERROR", message)


def signature(
    box: Sandbox, body: bytes, *, certified: bool, forged: bool = False, at: int | None = None
) -> dict[str, str]:
    """Return the four headers that stand over a body, made now or at another second."""
    timestamp, nonce = str(box.now() if at is None else at), secrets.token_hex(16)
    text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    serial, key = certificates.signing(box) if certified else (PUBLIC_KEY_ID, box.keys.wechatpay)
    signed = keys.sign(box.keys.wrong if forged else key, text)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": base64.b64encode(signed).decode(),
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }


def sealed(api_key: str, plain: bytes, about: str) -> dict[str, str]:
    """Seal with a partner's APIv3 key: AEAD_AES_256_GCM, 12 bytes of nonce, the tag behind the ciphertext."""
    nonce = secrets.token_hex(6)
    packed = AESGCM(api_key.encode()).encrypt(nonce.encode(), plain, about.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(packed).decode(),
        "associated_data": about,
        "nonce": nonce,
    }


def push(
    box: Sandbox, mchid: str, event_type: str, inside: Mapping[str, Any], *, push_id: str = "", **signing: Any
) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a callback, sealed with the partner's APIv3 key."""
    partner = box.ledger.row("SELECT * FROM wx_partners WHERE mchid = ?", mchid)
    if partner is None:
        raise KeyError(mchid)
    about = event_type.partition(".")[0].lower()
    plain = json.dumps(inside, ensure_ascii=False).encode()
    body = json.dumps(
        {
            "id": push_id or str(uuid4()),
            "create_time": instant(box.now()),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": "通知",
            "resource": {"original_type": about, **sealed(partner["api_key"], plain, about)},
        },
        ensure_ascii=False,
    ).encode()
    return signature(box, body, certified=bool(partner["certified"]), **signing), body


def instant(seconds: float) -> str:
    """Write an instant as WeChat Pay does: RFC 3339 with Beijing's offset."""
    return datetime.fromtimestamp(int(seconds), BEIJING).isoformat()


def public(box: Sandbox) -> dict[str, str]:
    """Return what a partner downloads: public key with its name, and the platform certificate."""
    return {
        "public_key_id": PUBLIC_KEY_ID,
        "public_key": keys.public_pem(box.keys.wechatpay),
        "platform_certificate": certificates.listed(box)[0],
    }
