"""The gateway's wire: what is signed in a request, who sent it, and how a reply is signed over its raw bytes."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography import x509

from hejie_sandbox import keys
from hejie_sandbox.clock import from_beijing
from hejie_sandbox.wallet.refusals import GatewayError, bad_token, forbidden, invalid, missing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric import rsa

    from hejie_sandbox.sandbox import Sandbox

CHARSETS = {"utf-8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030"}
REQUIRED = (
    ("method", "method"),
    ("app_id", "app-id"),
    ("sign_type", "signature-type"),
    ("sign", "signature"),
    ("timestamp", "timestamp"),
    ("version", "version"),
)


@dataclass(frozen=True)
class Call:
    """One authentic call: the application, the merchant it speaks for ('' = none), and the business content."""

    box: Sandbox
    app: sqlite3.Row
    method: str
    content: dict[str, Any]
    merchant_id: str
    base_url: str
    files: Mapping[str, bytes] = field(default_factory=dict)

    def text(self, name: str, limit: int, *, required: bool = True) -> str:
        """Return a text argument; 40002 where it is absent though required, no text, or too long."""
        value = self.content.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or len(value) > limit or (required and not value):
            raise invalid("parameter", f"参数有误：{name}")
        return value

    def merchant(self) -> str:
        """Return the merchant spoken for; 40006 without one."""
        if not self.merchant_id:
            raise forbidden()
        return self.merchant_id


def signed_text(params: Mapping[str, str], *leave_out: str) -> str:
    """Return the text that RSA2 signs: non-empty parameters by ASCII order, `k=v` joined with `&`, not URL-encoded."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name not in leave_out and params[name])


def authenticate(
    box: Sandbox, params: Mapping[str, str], files: Mapping[str, bytes], known: Mapping[str, Any], base_url: str
) -> Call:
    """Check a request as the gateway does and return the call; GatewayError otherwise."""
    for name, word in REQUIRED:
        if not params.get(name):
            raise missing(word)
    app = box.ledger.row("SELECT * FROM apps WHERE app_id = ?", params["app_id"])
    if app is None:
        raise invalid("app-id", "无效的AppID参数")
    if params["method"] not in known:
        raise invalid("method", "不存在的方法名")
    _check_envelope(box, params, app)
    try:
        content = json.loads(params.get("biz_content") or "{}")
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise invalid("parameter", "biz_content 不是 JSON 对象")
    loose = {name: value for name, value in params.items() if name not in _COMMON}
    merchant_id = _merchant(box, app, params.get("app_auth_token", ""))
    return Call(box, app, params["method"], loose | content, merchant_id, base_url, files)


_COMMON = {
    *("app_id", "method", "format", "charset", "sign_type", "sign", "timestamp", "version", "biz_content"),
    *("notify_url", "return_url", "app_auth_token", "app_cert_sn", "alipay_root_cert_sn", "alipay_sdk"),
}


def _check_envelope(box: Sandbox, params: Mapping[str, str], app: sqlite3.Row) -> None:
    if params["sign_type"] != "RSA2":
        raise invalid("signature-type", "无效的签名类型")
    charset = CHARSETS.get((params.get("charset") or "utf-8").lower())
    if charset is None:
        raise invalid("charset", "字符集错误")
    if params.get("format", "JSON").upper() != "JSON":
        raise invalid("format", "无效的数据格式")
    if app["certificate"]:
        _check_certificates(box, params, app)
    try:
        signature = base64.b64decode(params["sign"], validate=True)
    except binascii.Error:
        signature = b""
    if not keys.verify(_public_key(app), signature, signed_text(params, "sign").encode(charset)):
        raise invalid("signature", "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配")
    try:
        from_beijing(params["timestamp"])
    except ValueError:
        raise invalid("timestamp", "非法的时间戳参数") from None


def _public_key(app: sqlite3.Row) -> rsa.RSAPublicKey:
    return keys.load_public(app["public_key"])


def _check_certificates(box: Sandbox, params: Mapping[str, str], app: sqlite3.Row) -> None:
    certificate = x509.load_pem_x509_certificate(app["certificate"].encode())
    if params.get("app_cert_sn") != keys.certificate_sn(certificate):
        raise invalid("app-cert-sn", "应用证书序列号有误")
    if params.get("alipay_root_cert_sn") != keys.certificate_sn(box.keys.root):
        raise invalid("alipay-root-cert-sn", "支付宝根证书序列号有误")


def _merchant(box: Sandbox, app: sqlite3.Row, token: str) -> str:
    if not token:
        return str(app["merchant_id"])
    row = box.ledger.row("SELECT * FROM tokens WHERE token = ? AND app_id = ?", token, app["app_id"])
    if row is None or row["ended"]:
        raise bad_token("aop.invalid-app-auth-token", "无效的应用授权令牌")
    if row["expires_at"] <= box.now():
        raise bad_token("aop.app-auth-token-time-out", "应用授权令牌已过期")
    return str(row["merchant_id"])


def reply(
    box: Sandbox, params: Mapping[str, str], outcome: Mapping[str, Any] | GatewayError, *, forged: bool = False
) -> bytes:
    """Write the signed reply; `forged` signs it with a wrong key. Slashes are escaped, as the real gateway does."""
    charset = CHARSETS.get((params.get("charset") or "utf-8").lower(), "utf-8")
    if isinstance(outcome, GatewayError):
        inner: dict[str, Any] = outcome.body()
    else:
        inner = {"code": "10000", "msg": "Success", **outcome}
    raw = json.dumps(inner, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/").encode(charset)
    signature = base64.b64encode(keys.sign(box.keys.wrong if forged else box.keys.gateway, raw))
    method = params.get("method", "")
    named = method.startswith("alipay.") and method.replace(".", "").replace("_", "").isalnum() and method.isascii()
    name = f"{method.replace('.', '_')}_response" if named else "error_response"
    certificate = f'"alipay_cert_sn":"{keys.certificate_sn(box.keys.alipay)}",' if "app_cert_sn" in params else ""
    return f'{{"{name}":'.encode() + raw + f",{certificate}".encode() + b'"sign":"' + signature + b'"}'
