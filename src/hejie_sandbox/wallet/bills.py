"""The merchant's bill file: its address for thirty seconds, and the zip of two GBK tables behind it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hejie_sandbox.clock import BEIJING, beijing
from hejie_sandbox.money import yuan
from hejie_sandbox.wallet.refusals import business

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox
    from hejie_sandbox.wallet.wire import Call

LINK_SECONDS = 30
READY_HOUR = 9
MONTH_READY_DAYS = 3
YEARS_BACK = 6
HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY_HEADER = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,"
    "卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
)


class _GbkName(ZipInfo):
    """A member whose name is GBK, as the wallet writes it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  the standard library's own hook
        return self.filename.encode("gbk"), self.flag_bits


def download_url(call: Call) -> dict[str, Any]:
    """alipay.data.dataservice.bill.downloadurl.query: an address of a day's or month's bill."""
    bill_date, merchant = call.text("bill_date", 10), call.merchant()
    if call.text("bill_type", 20) != "trade":
        raise business("INVAILID_ARGUMENTS", "入参不合法")
    begin, end, ready = _period(bill_date)
    now = datetime.fromtimestamp(call.box.clock.now(), BEIJING)
    if now < ready or begin.year < now.year - YEARS_BACK:
        raise business("BILL_NOT_EXIST", "账单不存在")
    if not _rows(call.box, merchant, begin, end):
        raise business("NO_BILL_DATA", "账单无数据")
    token = token_urlsafe(24)
    expires = call.box.clock.now() + LINK_SECONDS
    call.box.ledger.insert("bill_links", token=token, merchant_id=merchant, bill_date=bill_date, expires_at=expires)
    return {"bill_download_url": f"{call.base_url}/billdownload/{token}.zip"}


def download(box: Sandbox, token: str) -> bytes | None:
    """Return the zip behind an address, or None once it is dead."""
    link = box.ledger.row("SELECT * FROM bill_links WHERE token = ?", token)
    if link is None or link["expires_at"] <= box.clock.now():
        return None
    return archive(box, link["merchant_id"], link["bill_date"])


def archive(box: Sandbox, merchant_id: str, bill_date: str) -> bytes:
    """Write the zip of details and summary for a merchant and a day (yyyy-MM-dd) or month (yyyy-MM)."""
    begin, end, _ = _period(bill_date)
    rows = _rows(box, merchant_id, begin, end)
    head = [
        f"#账号：[{merchant_id}0156]",
        f"#起始日期：[{begin:%Y年%m月%d日} 00:00:00]   终止日期：[{end:%Y年%m月%d日} 00:00:00]",
    ]
    made = f"#导出时间：[{datetime.fromtimestamp(box.clock.now(), BEIJING):%Y年%m月%d日 %H:%M:%S}]"
    stem = f"{merchant_id}0156_{bill_date.replace('-', '')}_业务明细"
    packed = BytesIO()
    with ZipFile(packed, "w") as bundle:
        for name, lines in (
            (f"{stem}.csv", _details(head, rows, made)),
            (f"{stem}(汇总).csv", _summary(head, rows, made)),
        ):
            info = _GbkName(name, begin.timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            bundle.writestr(info, ("\r\n".join(lines) + "\r\n").encode("gb18030"))
    return packed.getvalue()


def _period(text: str) -> tuple[datetime, datetime, datetime]:
    """Return begin, end and the moment from which the bill is there."""
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", text, re.ASCII):
        raise business("INVAILID_ARGUMENTS", "入参不合法")
    daily = text.count("-") == 2  # noqa: PLR2004  year-month-day
    try:
        begin = datetime.strptime(text if daily else f"{text}-01", "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError:
        raise business("INVAILID_ARGUMENTS", "入参不合法") from None
    end = begin + timedelta(days=1) if daily else (begin + timedelta(days=32)).replace(day=1)
    wait = timedelta(hours=READY_HOUR) if daily else timedelta(days=MONTH_READY_DAYS - 1, hours=READY_HOUR)
    return begin, end, end + wait


def _rows(box: Sandbox, merchant_id: str, begin: datetime, end: datetime) -> list[sqlite3.Row]:
    """Return payments and refunds of a period, refunds as negative amounts, in order of time."""
    fields = "trade_no, out_trade_no, subject, paid_at, store_id, store_name, terminal_id, users.name, users.logon"
    payers = "JOIN users USING (user_id) WHERE merchant_id = ?"
    sql = (
        f"SELECT {fields}, paid_at AS at, total AS amount, '' AS request FROM trades {payers}"
        " AND paid_at >= ? AND paid_at < ?"
        f" UNION ALL SELECT {fields}, at, -amount, out_request_no FROM refunds JOIN trades USING (trade_no) {payers}"
        " AND at >= ? AND at < ? ORDER BY at"
    )
    span = (merchant_id, begin.timestamp(), end.timestamp())
    return box.ledger.rows(sql, *span, *span)


def _details(head: list[str], rows: list[sqlite3.Row], made: str) -> list[str]:
    paid = [row["amount"] for row in rows if not row["request"]]
    back = [row["amount"] for row in rows if row["request"]]
    return [
        "#支付宝业务明细查询",
        *head,
        "#-----------------------------------------业务明细列表----------------------------------------",
        HEADER,
        *map(_detail, rows),
        "#-----------------------------------------业务明细列表结束------------------------------------",
        f"#交易合计：{len(paid)}笔，商家实收共{yuan(sum(paid))}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{yuan(sum(back))}元，商家优惠退款共0.00元",
        made,
    ]


def _detail(row: sqlite3.Row) -> str:
    buyer = f"*{row['name'][1:]}({row['logon'][:3]}****{row['logon'][-4:]})"
    cells = [
        *(f"{row['trade_no']}\t", f"{row['out_trade_no']}\t", "退款" if row["request"] else "交易", row["subject"]),
        *(beijing(row["paid_at"]), beijing(row["at"]), row["store_id"], row["store_name"], "", row["terminal_id"]),
        *(buyer, yuan(row["amount"]), yuan(row["amount"]), "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00"),
        *(f"{row['request']}\t" if row["request"] else "", "0.00", "0.00", ""),
    ]
    return ",".join(cell.replace(",", "，").replace("\n", " ") for cell in cells)


def _summary(head: list[str], rows: list[sqlite3.Row], made: str) -> list[str]:
    stores = sorted({(row["store_id"], row["store_name"]) for row in rows})
    lines = [_store(name, [row for row in rows if (row["store_id"], row["store_name"]) == name]) for name in stores]
    return [
        "#支付宝业务汇总查询",
        *head,
        "#-----------------------------------------业务汇总列表----------------------------------------",
        SUMMARY_HEADER,
        *lines,
        _store(("合计", ""), rows),
        "#----------------------------------------业务汇总列表结束-------------------------------------",
        made,
    ]


def _store(name: tuple[str, str], rows: list[sqlite3.Row]) -> str:
    refunds = sum(1 for row in rows if row["request"])
    total = yuan(sum(row["amount"] for row in rows))
    cells = (*name, str(len(rows) - refunds), str(refunds), total, total, *("0.00",) * 5, total)
    return ",".join(cells)
