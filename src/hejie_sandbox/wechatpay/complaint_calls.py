"""The complaint interface (/v3/merchant-service/complaints-v2) as a partner calls it: to read, answer and complete."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from hejie_sandbox import keys
from hejie_sandbox.clock import BEIJING
from hejie_sandbox.wechatpay import complaints
from hejie_sandbox.wechatpay.wire import RefusalError, instant

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.wechatpay.wire import Call

MOST_LISTED, MOST_HISTORY, MOST_DAYS = 50, 300, 30
MOST_WORDS, MOST_REASON, MOST_IMAGES, MOST_URL, MOST_URL_TEXT = 500, 200, 4, 512, 10


def _wrong(message: str) -> RefusalError:
    return RefusalError(400, "PARAM_ERROR", message)


def _out_of_order(message: str) -> RefusalError:
    return RefusalError(400, "INVALID_REQUEST", message)


def list_complaints(call: Call) -> dict[str, Any]:
    """GET /complaints-v2: those of a span of Beijing days, newest first; the count only at offset 0."""
    begin, end = _day(call, "begin_date"), _day(call, "end_date")
    if not timedelta() <= end - begin <= timedelta(days=MOST_DAYS):
        raise _wrong("查询日期跨度不超过30天")
    limit, offset = _count(call, "limit", 10, MOST_LISTED), _count(call, "offset", 0, 10**9, least=0)
    complaints.take_refunds(call.box)
    first, last = (datetime(d.year, d.month, d.day, tzinfo=BEIJING).timestamp() for d in (begin, end))
    among = "FROM wx_complaints WHERE mchid = ? AND created_at >= ? AND created_at < ? AND (? = '' OR sub_mchid = ?)"
    merchant = call.query.get("complainted_mchid", "")
    values = (call.partner["mchid"], first, last + 86400, merchant, merchant)
    sql = f"SELECT * {among} ORDER BY created_at DESC, complaint_id LIMIT ? OFFSET ?"
    rows = call.box.ledger.rows(sql, *values, limit, offset)
    told: dict[str, Any] = {"data": [_told(call, row) for row in rows], "limit": limit, "offset": offset}
    if offset == 0:
        told["total_count"] = call.box.ledger.value(f"SELECT count(*) {among}", *values)
    return told


def _day(call: Call, name: str) -> date:
    try:
        return date.fromisoformat(call.query.get(name, ""))
    except ValueError:
        raise _wrong(f"{name} 格式错误") from None


def _count(call: Call, name: str, otherwise: int, most: int, least: int = 1) -> int:
    given = call.query.get(name, str(otherwise))
    if not given.isascii() or not given.isdigit() or not least <= int(given) <= most:
        raise _wrong(f"{name} 超出范围")
    return int(given)


def query(call: Call) -> dict[str, Any]:
    """GET /complaints-v2/{complaint_id}."""
    return _told(call, _find(call))


def _find(call: Call) -> sqlite3.Row:
    try:
        found = complaints.get(call.box, call.subject)
    except KeyError:
        raise RefusalError(404, "RESOURCE_NOT_EXISTS", "投诉单不存在") from None
    if found["mchid"] != call.partner["mchid"]:
        raise RefusalError(403, "NO_AUTH", "无权查看该投诉单")
    return found


def _told(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    trade = call.box.ledger.row("SELECT * FROM wx_trades WHERE transaction_id = ?", row["transaction_id"])
    if trade is None:
        raise RefusalError(500, "SYSTEM_ERROR", "系统错误")
    order = {"transaction_id": trade["transaction_id"], "out_trade_no": trade["out_trade_no"], "amount": trade["total"]}
    media = [_address(call, each) for each in row["media"].split(",") if each]
    return {
        "complaint_id": row["complaint_id"],
        "complaint_time": instant(row["created_at"]),
        "complaint_detail": row["detail"],
        "complaint_state": row["state"],
        "complainted_mchid": row["sub_mchid"],
        **({"payer_phone": _encrypted(call.box, row["mchid"], row["phone"])} if row["phone"] else {}),
        "payer_openid": trade["openid"],
        "complaint_order_info": [order],
        "complaint_full_refunded": trade["refunded"] >= trade["total"],
        "incoming_user_response": bool(row["incoming"]),
        "user_complaint_times": row["times"],
        "complaint_media_list": [{"media_type": "USER_COMPLAINT_IMAGE", "media_url": media}] if media else [],
        "problem_description": row["problem_description"],
        "problem_type": row["problem_type"],
        **({"apply_refund_amount": row["apply_refund_amount"]} if row["problem_type"] == "REFUND" else {}),
        "user_tag_list": ["TRUSTED"],
        "in_platform_service": bool(row["in_platform"]),
        "need_immediate_service": False,
    }


def _encrypted(box: Sandbox, mchid: str, phone: str) -> str:
    """RSAES-OAEP with SHA-1 (WeChat Pay's choice), by the public key of the partner's certificate."""
    pem = box.ledger.value("SELECT public_key FROM wx_partners WHERE mchid = ?", mchid)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    return base64.b64encode(keys.load_public(pem).encrypt(phone.encode(), oaep)).decode()


def _address(call: Call, media_id: str) -> str:
    return f"{call.base}/v3/merchant-service/images/{media_id}"


def history(call: Call) -> dict[str, Any]:
    """GET /complaints-v2/{complaint_id}/negotiation-historys, newest first."""
    found = _find(call)
    limit, offset = _count(call, "limit", 100, MOST_HISTORY), _count(call, "offset", 0, 10**9, least=0)
    rows = complaints.history(call.box, found["complaint_id"])
    told: dict[str, Any] = {"data": [_line(call, row) for row in rows[offset : offset + limit]]}
    return told | {"limit": limit, "offset": offset} | ({"total_count": len(rows)} if offset == 0 else {})


def _line(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    images = [_address(call, each) for each in row["images"].split(",") if each]
    return {
        "log_id": row["log_id"],
        "operator": row["operator"],
        "operate_time": instant(row["at"]),
        "operate_type": row["operate_type"],
        "operate_details": row["details"],
        "image_list": images,
    }


def respond(call: Call) -> None:
    """POST …/response: the merchant's words; the first answer takes a complaint to PROCESSING."""
    found = _find_of_merchant(call)
    words, images = _text(call, "response_content", MOST_WORDS), _images(call, "response_images")
    url, shown = call.content.get("jump_url"), call.content.get("jump_url_text")
    if url is not None and not (isinstance(url, str) and url.startswith("https://") and len(url) <= MOST_URL):
        raise _wrong("jump_url 须为 https")
    if shown is not None and not (isinstance(shown, str) and len(shown) <= MOST_URL_TEXT):
        raise _wrong("jump_url_text 过长")
    if found["state"] == complaints.PROCESSED:
        raise _out_of_order("投诉单已处理完成，不可回复")
    complaints.change(call.box, call.subject, state=complaints.PROCESSING, incoming=0)
    complaints.note(call.box, call.subject, complaints.MERCHANT, "MERCHANT_RESPONSE", words, ",".join(images))
    complaints.tell(call.box, call.subject, "MERCHANT_RESPONSE")


def complete(call: Call) -> None:
    """POST …/complete: the merchant says that all is done; it must have answered first."""
    found = _find_of_merchant(call)
    if found["state"] != complaints.PROCESSING:
        raise _out_of_order("投诉单状态不允许反馈处理完成")
    complaints.change(call.box, call.subject, state=complaints.PROCESSED, incoming=0, in_platform=0)
    complaints.note(call.box, call.subject, complaints.MERCHANT, "MERCHANT_CONFIRM_COMPLETE")
    complaints.tell(call.box, call.subject, "MERCHANT_CONFIRM_COMPLETE")


def judge_refund(call: Call) -> None:
    """POST …/update-refund-progress: yes or no to a refund that is asked for.

    A yes moves no money by itself; a no ends the complaint at once.
    """
    found = _find(call)
    action = call.content.get("action")
    if action not in {"APPROVE", "REJECT"}:
        raise _wrong("action 错误")
    if found["problem_type"] != "REFUND" or found["judged"] or found["state"] == complaints.PROCESSED:
        raise _out_of_order("投诉单不是待审批的退款申请")
    remark = _text(call, "remark", MOST_REASON, needed=False)
    if action == "APPROVE":
        day = call.content.get("launch_refund_day")
        if type(day) is not int or day < 0:
            raise _wrong("launch_refund_day 错误")
        kind, state, words, images = "MERCHANT_APPROVE_REFUND", complaints.PROCESSING, remark, []
    else:
        words, images = _text(call, "reject_reason", MOST_REASON), _images(call, "reject_media_list")
        kind, state = "MERCHANT_REFUSE_RERUND", complaints.PROCESSED
    complaints.change(call.box, call.subject, state=state, judged=action, incoming=0)
    complaints.note(call.box, call.subject, complaints.MERCHANT, kind, words, ",".join(images))
    complaints.tell(call.box, call.subject, f"MERCHANT_{action}_REFUND")


def _find_of_merchant(call: Call) -> sqlite3.Row:
    found = _find(call)
    if call.content.get("complainted_mchid") != found["sub_mchid"]:
        raise _wrong("complainted_mchid 与投诉单不一致")
    return found


def _text(call: Call, name: str, most: int, *, needed: bool = True) -> str:
    given = call.content.get(name, "")
    if not isinstance(given, str) or len(given) > most or (needed and not given):
        raise _wrong(f"{name} 错误")
    return given


def _images(call: Call, name: str) -> list[str]:
    given = call.content.get(name, [])
    if not isinstance(given, list) or len(given) > MOST_IMAGES:
        raise _wrong(f"{name} 过多")
    for each in given:
        sql = "SELECT 1 FROM wx_images WHERE media_id = ? AND mchid = ?"
        if not call.box.ledger.row(sql, str(each), call.partner["mchid"]):
            raise _wrong(f"{name} 不存在")
    return [str(each) for each in given]
