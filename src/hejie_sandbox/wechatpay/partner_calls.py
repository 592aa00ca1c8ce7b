"""What a partner sets up for itself: pictures up and down, where callbacks go, and the platform's certificates."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography import x509

from hejie_sandbox.wechatpay import certificates, wire
from hejie_sandbox.wechatpay.wire import RefusalError

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.wechatpay.wire import Call

LARGEST_IMAGE = 2 * 1024 * 1024
MAGIC = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/bmp": b"BM"}
HERE = {"127.0.0.1", "localhost"}


def upload(call: Call) -> dict[str, Any]:
    """POST /images/upload: the signature stood over `meta` alone, so the digest in it must be the file's."""
    name, digest = call.content.get("filename"), call.content.get("sha256")
    if not isinstance(name, str) or not name.lower().endswith((".jpg", ".jpeg", ".png", ".bmp")):
        raise RefusalError(400, "PARAM_ERROR", "filename 错误")
    if digest != hashlib.sha256(call.file).hexdigest():
        raise RefusalError(400, "PARAM_ERROR", "图片的sha256与实际不符")
    try:
        return {"media_id": keep(call.box, call.partner["mchid"], call.file)}
    except ValueError:
        raise RefusalError(400, "PARAM_ERROR", "图片格式错误或超过2M") from None


def keep(box: Sandbox, mchid: str, content: bytes) -> str:
    """Store a picture and return its id; ValueError for what is none or too large."""
    kind = kind_of(content)
    if not kind or len(content) > LARGEST_IMAGE:
        raise ValueError("a JPEG, PNG or BMP picture up to 2 MB")
    media_id = f"ChsyMDAw{uuid4().hex}"
    with box.ledger.transaction():
        box.ledger.insert("wx_images", media_id=media_id, mchid=mchid, kind=kind, content=content, at=box.now())
    return media_id


def kind_of(content: bytes) -> str:
    """Return the media type of a picture; nothing for what is none."""
    return next((kind for kind, magic in MAGIC.items() if content.startswith(magic)), "")


def download(call: Call) -> bytes:
    """GET /images/{media_id}: the bytes."""
    sql = "SELECT content FROM wx_images WHERE media_id = ? AND mchid = ?"
    found: bytes | None = call.box.ledger.value(sql, call.subject, call.partner["mchid"])
    if found is None:
        raise RefusalError(404, "RESOURCE_NOT_EXISTS", "图片不存在")
    return found


def _address(call: Call) -> dict[str, Any]:
    found = call.box.ledger.row("SELECT * FROM wx_notifications WHERE mchid = ?", call.partner["mchid"])
    if found is None:
        raise RefusalError(404, "RESOURCE_NOT_EXISTS", "回调地址不存在")
    return {"mchid": found["mchid"], "url": found["url"]}


def _given(call: Call) -> str:
    """The address of a call: https, or a machine that is this one."""
    url = call.content.get("url")
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    if not (parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE))):
        raise RefusalError(400, "PARAM_ERROR", "通知地址仅支持https")
    return str(url)


def create_address(call: Call) -> dict[str, Any]:
    """POST /complaint-notifications: one address for each partner."""
    url, mchid = _given(call), call.partner["mchid"]
    if call.box.ledger.row("SELECT 1 FROM wx_notifications WHERE mchid = ?", mchid):
        raise RefusalError(400, "INVALID_REQUEST", "回调地址已存在")
    call.box.ledger.insert("wx_notifications", mchid=mchid, url=url)
    return _address(call)


def show_address(call: Call) -> dict[str, Any]:
    """GET /complaint-notifications."""
    return _address(call)


def update_address(call: Call) -> dict[str, Any]:
    """PUT /complaint-notifications."""
    url = _given(call)
    _address(call)
    call.box.ledger.write("UPDATE wx_notifications SET url = ? WHERE mchid = ?", url, call.partner["mchid"])
    return _address(call)


def delete_address(call: Call) -> None:
    """DELETE /complaint-notifications."""
    _address(call)
    call.box.ledger.write("DELETE FROM wx_notifications WHERE mchid = ?", call.partner["mchid"])


def list_certificates(call: Call) -> dict[str, Any]:
    """GET /v3/certificates: each sealed with the partner's APIv3 key."""
    return {"data": [_certificate(call, pem) for pem in certificates.listed(call.box)]}


def _certificate(call: Call, pem: str) -> dict[str, Any]:
    found = x509.load_pem_x509_certificate(pem.encode())
    return {
        "serial_no": certificates.serial(pem),
        "effective_time": wire.instant(found.not_valid_before_utc.timestamp()),
        "expire_time": wire.instant(found.not_valid_after_utc.timestamp()),
        "encrypt_certificate": wire.sealed(call.partner["api_key"], pem.encode(), "certificate"),
    }
