"""Opening the function for merchants: by credit code, by a sample payment, asked for, closed; and pictures in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from hejie_sandbox.wallet.refusals import business, invalid

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.wallet.wire import Call

LARGEST_IMAGE = 5 * 1024 * 1024
MAGIC = {"jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


def create(call: Call) -> dict[str, Any]:
    """…reconciliation.create: open every account under a credit code."""
    code = call.text("merchant_cert_no", 64)
    found = call.box.ledger.rows("SELECT * FROM merchants WHERE cert_no = ? ORDER BY merchant_id", code)
    if not found:
        raise business("MERCHANT_NOT_EXIST", "该统一社会信用代码下没有商户")
    for merchant in found:
        _set(call, merchant["merchant_id"], "OPENED")
    infos = [
        {"merchant_credit_no": code, "merchant_id": row["merchant_id"], "merchant_type": row["merchant_type"]}
        for row in found
    ]
    return {"merchant_credit_no": code, "merchant_infos": infos}


def submit(call: Call) -> dict[str, Any]:
    """…reconciliation.submit: open the one account that a sample payment went to."""
    code = call.text("merchant_cert_no", 64)
    merchant = _by_trade(call.box, call.text("trade_no", 64))
    if merchant["cert_no"] != code:
        raise business("MERCHANT_CERT_NO_NOT_MATCH", "统一社会信用代码与收款商户不一致")
    _set(call, merchant["merchant_id"], "OPENED")
    return {
        "merchant_credit_no": code,
        "merchant_id": merchant["merchant_id"],
        "merchant_name": merchant["name"],
        "merchant_type": merchant["merchant_type"],
        "notice": merchant["notice"],
    }


def query(call: Call) -> dict[str, Any]:
    """…reconciliation.query: how far the opening is (the published interface names no values; ours are two)."""
    trade_no = call.text("trade_no", 64, required=False)
    merchant = _by_trade(call.box, trade_no) if trade_no else _merchant(call)
    sql = "SELECT status FROM openings WHERE merchant_id = ? AND app_id = ?"
    status = call.box.ledger.value(sql, merchant["merchant_id"], call.app["app_id"])
    return {"status": status or "CLOSED", "notice": merchant["notice"]}


def close(call: Call) -> dict[str, Any]:
    """…reconciliation.close: switch the function off."""
    _set(call, _merchant(call)["merchant_id"], "CLOSED")
    return {}


def _by_trade(box: Sandbox, trade_no: str) -> sqlite3.Row:
    sql = "SELECT merchants.* FROM trades JOIN merchants USING (merchant_id) WHERE trade_no = ?"
    found = box.ledger.row(sql, trade_no)
    if found is None:
        raise business("TRADE_NOT_EXIST", "交易不存在或不是商户收款")
    return found


def _merchant(call: Call) -> sqlite3.Row:
    kind = (call.text("merchant_type", 20, required=False) or "DIRECT").upper()
    sql = "SELECT * FROM merchants WHERE merchant_id = ? AND merchant_type = ?"
    found = call.box.ledger.row(sql, call.text("merchant_id", 32), kind)
    if found is None:
        raise business("MERCHANT_NOT_EXIST", "商户不存在")
    return found


def _set(call: Call, merchant_id: str, status: str) -> None:
    ledger, app_id = call.box.ledger, call.app["app_id"]
    ledger.insert(
        "openings", replace=True, merchant_id=merchant_id, app_id=app_id, status=status, changed_at=call.box.now()
    )
    if status == "OPENED":
        ledger.write("UPDATE cases SET app_id = ? WHERE merchant_id = ? AND app_id = ''", app_id, merchant_id)


def upload(call: Call) -> dict[str, Any]:
    """alipay.merchant.image.upload: a picture for feedback; its type must be true."""
    kind, content = call.text("image_type", 8).lower(), call.files.get("image_content", b"")
    if kind not in MAGIC or not content.startswith(MAGIC[kind]):
        raise invalid("file-extension", "无效的文件扩展名")
    if len(content) > LARGEST_IMAGE:
        raise invalid("file-size", "文件过大")
    image_id = keep_image(call.box, content)
    return {"image_id": image_id, "image_url": f"{call.base_url}/images/{image_id}"}


def keep_image(box: Sandbox, content: bytes) -> str:
    """Store a JPEG or PNG and return its id; ValueError for anything else."""
    kind = next((kind for kind in ("jpeg", "png") if content.startswith(MAGIC[kind])), None)
    if kind is None or len(content) > LARGEST_IMAGE:
        raise ValueError("a JPEG or PNG picture up to 5 MB")
    image_id = uuid4().hex
    with box.ledger.transaction():
        box.ledger.insert("images", image_id=image_id, kind=f"image/{kind}", content=content, at=box.now())
    return image_id
