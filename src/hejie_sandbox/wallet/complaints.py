"""The gateway's methods on disputes: the city's own (government) and the merchant's (tradecomplain)."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from hejie_sandbox.clock import beijing, from_beijing
from hejie_sandbox.money import yuan
from hejie_sandbox.wallet import cases
from hejie_sandbox.wallet.refusals import business

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.wallet.wire import Call

FEEDBACK_CODES = ("02", "03", "04", "05", "06", "194")
DAY = 86400


def _illegal(text: str) -> Exception:
    return business("PARAM_ILLEGAL", text)


def _case(call: Call) -> sqlite3.Row:
    """Return a case that the caller may see: its merchant's, or one of a merchant that the city opened."""
    try:
        case = cases.get(call.box, call.text("complain_event_id", 64))
    except KeyError:
        raise _illegal("投诉单不存在") from None
    ours = case["merchant_id"] == call.merchant_id if call.merchant_id else case["app_id"] == call.app["app_id"]
    if not ours:
        raise business("AUTHORITY_ILLEGAL", "无权操作该投诉单")
    return case


def _limited(call: Call, name: str, limit: int, *, required: bool = True) -> str:
    value = call.content.get(name, "")
    if not isinstance(value, str) or len(value) > limit or (required and not value.strip()):
        raise _illegal(f"参数有误：{name}")
    return value


def _images(call: Call, name: str) -> str:
    names = [one for one in _limited(call, name, 1000, required=False).split(",") if one]
    for one in names:
        if call.box.ledger.row("SELECT 1 FROM images WHERE image_id = ?", one) is None:
            raise _illegal(f"图片不存在：{one}")
    return ",".join(names)


def _urls(call: Call, images: str) -> list[str]:
    return [f"{call.base_url}/images/{one}" for one in images.split(",") if one]


def _row(call: Call, case: sqlite3.Row, trade: sqlite3.Row) -> dict[str, Any]:
    talk = [
        {
            "replier_role": reply["role"],
            "replier_name": reply["name"],
            "gmt_create": beijing(reply["at"]),
            "content": reply["content"],
            "images": _urls(call, reply["images"]),
        }
        for reply in cases.replies(call.box, case["event_id"])
    ]
    row = {
        "complain_event_id": case["event_id"],
        "status": case["status"],
        "trade_no": case["trade_no"],
        "trade_amount": yuan(trade["total"]),
        "merchant_pid": case["merchant_id"],
        "gmt_create": beijing(case["created_at"]),
        "gmt_modified": beijing(case["modified_at"]),
        "gmt_finished": beijing(case["finished_at"]),
        "leaf_category_name": case["demand"],
        "complain_reason": case["reason"],
        "content": case["content"],
        "images": _urls(call, case["images"]),
        "phone_no": case["phone"],
        "reply_detail_infos": talk,
    }
    return {name: value for name, value in row.items() if value != ""}


def _trade(call: Call, case: sqlite3.Row) -> sqlite3.Row:
    trade = call.box.ledger.row("SELECT * FROM trades WHERE trade_no = ?", case["trade_no"])
    if trade is None:
        raise _illegal("交易不存在")
    return trade


def _merchants_view(call: Call, case: sqlite3.Row) -> dict[str, Any]:
    trade = _trade(call, case)
    more = {"merchant_order_no": trade["out_trade_no"], "target_id": call.app["app_id"], "target_type": "APPID"}
    return _row(call, case, trade) | more


def query(call: Call) -> dict[str, Any]:
    """alipay.merchant.tradecomplain.query: one case, without deadlines."""
    return _merchants_view(call, _case(call))


def government_query(call: Call) -> dict[str, Any]:
    """alipay.merchant.complain.government.query: one case with product, deadlines and the moment of escalation."""
    case = _case(call)
    trade = _trade(call, case)
    more = {"trade_product_name": trade["subject"], "trade_succeed_time": beijing(trade["paid_at"])}
    if case["status"] == cases.PROCESSING:
        more["gmt_handle_deadline"] = beijing(case["handle_deadline"])
    if case["status"] == cases.FEEDBACKED:
        more["gmt_confirm_deadline"] = beijing(case["confirm_deadline"])
    if case["intervened_at"]:
        more["gmt_intervene_platform"] = beijing(case["intervened_at"])
    return _row(call, case, trade) | more


def batch_query(call: Call) -> dict[str, Any]:
    """alipay.merchant.tradecomplain.batchquery: the caller's cases by time of creation, newest first."""
    cases.pass_time(call.box)
    begin, end = _span(call)
    page, size = _number(call, "page_num", 1, 10_000), _number(call, "page_size", 10, 20)
    status = _limited(call, "status", 64, required=False)
    if status and status not in cases.STATUSES:
        raise _illegal("status 取值有误")
    column, owner = ("merchant_id", call.merchant_id) if call.merchant_id else ("app_id", call.app["app_id"])
    where = f"FROM cases WHERE {column} = ? AND created_at BETWEEN ? AND ? AND ? IN ('', status)"
    values = (owner, begin, end, status)
    total = call.box.ledger.value(f"SELECT count(*) {where}", *values)
    order = "ORDER BY created_at DESC, event_id DESC LIMIT ? OFFSET ?"
    found = call.box.ledger.rows(f"SELECT * {where} {order}", *values, size, (page - 1) * size)
    return {
        "page_size": size,
        "page_num": page,
        "total_page_num": ceil(total / size),
        "total_num": total,
        "trade_complain_infos": [_merchants_view(call, case) for case in found],
    }


def _span(call: Call) -> tuple[float, float]:
    now = call.box.clock.now()
    try:
        begin, end = (_limited(call, name, 19, required=False) for name in ("begin_time", "end_time"))
        finish = from_beijing(end) if end else now
        start = from_beijing(begin) if begin else finish - 30 * DAY
    except ValueError:
        raise _illegal("时间格式有误") from None
    if not 0 <= finish - start <= 366 * DAY:
        raise _illegal("时间跨度不能超过一年")
    return start, finish


def _number(call: Call, name: str, default: int, largest: int) -> int:
    value = str(call.content.get(name) or default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= largest):
        raise _illegal(f"参数有误：{name}")
    return int(value)


def feedback(call: Call) -> dict[str, Any]:
    """alipay.merchant.tradecomplain.feedback.submit: the merchant's answer; the user's clock starts."""
    case = _case(call)
    code, words, images, name = _feedback(call)
    _step(cases.feed_back, call.box, case["event_id"], code)
    cases.say(call.box, case["event_id"], "MERCHANT", name, words, images)
    return {}


def government_feedback(call: Call) -> dict[str, Any]:
    """alipay.merchant.complain.government.submit: as the merchant's answer, or the authority's word once it is in."""
    case = _case(call)
    code, words, images, name = _feedback(call)
    if case["status"] != cases.PLATFORM:
        _step(cases.feed_back, call.box, case["event_id"], code)
    cases.say(call.box, case["event_id"], "PLATFORM", name, words, images)
    return {}


def _feedback(call: Call) -> tuple[str, str, str, str]:
    code = _limited(call, "feedback_code", 64)
    if code not in FEEDBACK_CODES:
        raise _illegal("feedback_code 取值有误")
    words, name = _limited(call, "feedback_content", 200), _limited(call, "operator", 6, required=False)
    return code, words, _images(call, "feedback_images"), name


def government_finish(call: Call) -> dict[str, Any]:
    """alipay.merchant.complain.government.finish: the authority closes with memo and agency."""
    case = _case(call)
    memo, agency = _limited(call, "finish_memo", 500), _limited(call, "government_agency", 64)
    _step(cases.finish, call.box, case["event_id"], memo, agency)
    return {}


def reply(call: Call) -> dict[str, Any]:
    """alipay.merchant.tradecomplain.reply.submit: a word in the talk."""
    return _say(call, "reply_content", "reply_images")


def supplement(call: Call) -> dict[str, Any]:
    """alipay.merchant.tradecomplain.supplement.submit: further evidence."""
    return _say(call, "supplement_content", "supplement_images")


def _say(call: Call, words: str, images: str) -> dict[str, Any]:
    case = _case(call)
    content, pictures = _limited(call, words, 200), _images(call, images)
    _step(cases.say, call.box, case["event_id"], "MERCHANT", "", content, pictures)
    return {}


def _step(step: Any, *values: Any) -> None:
    try:
        step(*values)
    except cases.OutOfStepError:
        raise cases.status_changed() from None
