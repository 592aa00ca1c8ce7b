"""The trade bill of one Beijing day: from 10 o'clock of the next, UTF-8 with a backtick before every value."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hejie_sandbox.clock import BEIJING, beijing
from hejie_sandbox.money import yuan
from hejie_sandbox.wechatpay.wire import RefusalError

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.wechatpay.wire import Call

READY_HOUR = 10
LIFE_SECONDS = 30
_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def tradebill(call: Call) -> dict[str, Any]:
    """GET /v3/bill/tradebill: where the file lies for half a minute, and the digest of its bytes."""
    try:
        begin = datetime.strptime(call.query.get("bill_date", ""), "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError:
        raise RefusalError(400, "PARAM_ERROR", "bill_date 格式错误") from None
    box, end = call.box, begin + timedelta(days=1)
    if box.clock.now() < (end + timedelta(hours=READY_HOUR)).timestamp():
        raise RefusalError(400, "NO_STATEMENT_EXIST", "请求的账单日期当日没有生成账单文件")
    content = _content(box, call.partner["mchid"], call.merchant(), int(begin.timestamp()), int(end.timestamp()))
    token = secrets.token_urlsafe(24)
    box.ledger.insert("wx_bills", token=token, content=content, expires_at=box.clock.now() + LIFE_SECONDS)
    return {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        "download_url": f"{call.base}/v3/billdownload/file?token={token}",
    }


def download(call: Call) -> bytes:
    """GET /v3/billdownload/file: the bytes, unsigned, while the address lives."""
    sql = "SELECT content FROM wx_bills WHERE token = ? AND expires_at > ?"
    found: bytes | None = call.box.ledger.value(sql, call.query.get("token", ""), call.box.clock.now())
    if found is None:
        raise RefusalError(400, "INVALID_REQUEST", "下载地址已失效")
    return found


def _content(box: Sandbox, mchid: str, sub_mchid: str, begin: int, end: int) -> bytes:
    paid = box.ledger.rows(
        "SELECT * FROM wx_trades WHERE sub_mchid = ? AND paid_at >= ? AND paid_at < ? ORDER BY paid_at, transaction_id",
        *(sub_mchid, begin, end),
    )
    back = box.ledger.rows(
        "SELECT t.*, r.out_refund_no, r.refund_id, r.amount, r.settles_at FROM wx_refunds r JOIN wx_trades t"
        " USING (transaction_id) WHERE r.sub_mchid = ? AND r.settles_at >= ? AND r.settles_at < ?"
        " ORDER BY r.settles_at",
        *(sub_mchid, begin, end),
    )
    lines = [_line(mchid, dict(row)) for row in (*paid, *back)]
    totals = (len(lines), yuan(sum(row["total"] for row in paid)), yuan(sum(row["amount"] for row in back)))
    summary = (*totals, "0.00", "0.00", *totals[1:])
    text = "\r\n".join([_HEAD, *lines, _SUMMARY, ",".join(f"`{each}" for each in summary)]) + "\r\n"
    return ("\ufeff" + text).encode()


def _line(mchid: str, row: dict[str, Any]) -> str:
    refund = "out_refund_no" in row
    cells = (
        *(beijing(row["settles_at"] if refund else row["paid_at"]), "wx0000000000000001", mchid, row["sub_mchid"], ""),
        *(row["transaction_id"], row["out_trade_no"], row["openid"], "NATIVE", "REFUND" if refund else "SUCCESS"),
        *("OTHERS", "CNY", "0.00" if refund else yuan(row["total"]), "0.00"),
        *(row.get("refund_id", "0"), row.get("out_refund_no", "0"), yuan(row["amount"]) if refund else "0.00", "0.00"),
        *("ORIGINAL" if refund else "", "SUCCESS" if refund else "", row["description"].replace(",", " "), ""),
        *("0.00", "0.60%", "0.00" if refund else yuan(row["total"]), yuan(row["amount"]) if refund else "0.00", ""),
    )
    return ",".join(f"`{cell}" for cell in cells)
