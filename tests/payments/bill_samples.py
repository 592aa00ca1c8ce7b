"""Synthetic bills in the wallets' layouts, built row by row."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook

Row = Sequence[str]

ALIPAY_HEADER = (
    "交易时间", "交易分类", "交易对方", "对方账号", "商品说明", "收/支", "金额", "收/付款方式", "交易状态",
    "交易订单号", "商家订单号", "备注",
)  # fmt: skip
WEB_HEADER = (
    "交易号", "商家订单号", "交易创建时间", "付款时间", "最近修改时间", "交易来源地", "类型", "交易对方", "商品名称",
    "金额（元）", "收/支", "交易状态", "服务费（元）", "成功退款（元）", "备注", "资金状态",
)  # fmt: skip
WECHAT_HEADER = (
    "交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "支付方式", "当前状态", "交易单号", "商户单号",
    "备注",
)  # fmt: skip


def alipay_row(**cells: str) -> Row:
    """One row of the current Alipay layout; unnamed cells are those of a plain purchase."""
    plain = {
        "time": "2026-03-04 12:30:05", "kind": "餐饮美食", "counterparty": "西湖面馆", "account": "xih***@163.com",
        "item": "片儿川", "direction": "支出", "amount": "28.00", "method": "余额宝", "status": "交易成功",
        "trade_no": "2026030422001400001", "order_no": "/", "remark": "",
    } | cells  # fmt: skip
    return [value + "\t" if name.endswith("_no") else value.ljust(12) for name, value in plain.items()]


def wechat_row(**cells: str) -> Row:
    """One row of the WeChat layout; unnamed cells are those of a plain purchase."""
    plain = {
        "time": "2026-03-04 12:30:05", "kind": "商户消费", "counterparty": "龙井茶庄", "item": "明前茶",
        "direction": "支出",
        "amount": "¥128.00", "method": "零钱", "status": "支付成功", "trade_no": "4200002026030400001\t",
        "order_no": "10001\t", "remark": "/",
    } | cells  # fmt: skip
    return list(plain.values())


def web_row(**cells: str) -> Row:
    """One row of the older Alipay web export; unnamed cells are those of a plain purchase."""
    plain = {
        "trade_no": "2019030422001400001\t", "order_no": "T200P1\t", "created": "2019-03-04 12:30:00 ",
        "time": "2019-03-04 12:30:05 ", "changed": "2019-03-04 12:30:06 ", "source": "其他（包括阿里巴巴和外部商家）",
        "kind": "即时到账交易", "counterparty": "断桥伞店", "item": "油纸伞", "amount": "66.00", "direction": "支出",
        "status": "交易成功", "fee": "0.00", "refunded": "0.00", "remark": "", "funds": "已支出",
    } | cells  # fmt: skip
    return [value.ljust(10) for value in plain.values()]


def _table(header: Row, rows: Sequence[Row], end: str) -> list[str]:
    return [",".join(cells) + end for cells in (header, *rows)]


def alipay(*rows: Row, count: int | None = None, encoding: str = "gb18030", newline: str = "\n") -> bytes:
    """A bill in the current Alipay layout; `count` is what its preamble announces."""
    lines = [
        "-" * 84, "导出信息：", "姓名：张三", "支付宝账户：zhang@example.com",
        "起始时间：[2026-03-01 00:00:00]    终止时间：[2026-03-31 23:59:59]",
        f"共{len(rows) if count is None else count}笔记录",
        "", "特别提示：", "1.本明细仅供个人对账使用。", "",
        "------------------------支付宝（中国）网络技术有限公司  电子客户回单------------------------",
        *_table(ALIPAY_HEADER, rows, ","), "",
    ]  # fmt: skip
    return newline.join(lines).encode(encoding)


def alipay_web(*rows: Row, count: int | None = None) -> bytes:
    """A bill in the older layout of the Alipay web site, with its footer."""
    lines = [
        "支付宝交易记录明细查询", "账号:[zhang@example.com]",
        "---------------------------------交易记录明细列表------------------------------------",
        *_table(WEB_HEADER, rows, ","), "-" * 84, f"共{len(rows) if count is None else count}笔记录",
        "导出时间:[2019-04-01 10:00:00]    用户:张三", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode("gb18030")


def wechat_preamble(count: int) -> list[str]:
    """The free text above a WeChat list."""
    return [
        "微信支付账单明细", "微信昵称：[张三]", "起始时间：[2026-03-01 00:00:00] 终止时间：[2026-03-31 23:59:59]",
        "导出类型：[全部]", "导出时间：[2026-04-01 10:00:00]", "", f"共{count}笔记录", "注：",
        "1. 充值/提现/理财通购买/零钱通存取/信用卡还款等交易，将计入中性交易", "",
        "----------------------微信支付账单明细列表--------------------",
    ]  # fmt: skip


def wechat(*rows: Row, count: int | None = None) -> bytes:
    """A WeChat bill as CSV: UTF-8 with its mark, preamble padded with commas."""
    preamble = [line + "," * 10 for line in wechat_preamble(len(rows) if count is None else count)]
    return ("\ufeff" + "\r\n".join([*preamble, *_table(WECHAT_HEADER, rows, ""), ""])).encode()


def sheet(*rows: Sequence[object], header: Row = WECHAT_HEADER, count: int | None = None) -> bytes:
    """A WeChat bill as XLSX; cells may be dates and numbers."""
    book = Workbook()
    page = book.active
    assert page is not None
    for line in wechat_preamble(len(rows) if count is None else count):
        page.append([line])
    page.append(list(header))
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
