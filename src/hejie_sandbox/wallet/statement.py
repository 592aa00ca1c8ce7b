"""The bill file that a payer exports: Alipay's current CSV and the older web export, both GBK."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hejie_sandbox.clock import beijing
from hejie_sandbox.money import yuan
from hejie_sandbox.wallet.trades import masked

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

RULER = "-" * 84
TITLE = "-" * 24 + "支付宝（中国）网络技术有限公司  电子客户回单" + "-" * 24
HEADER = "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,"
OLD_HEADER = (
    "交易号,商户订单号,交易创建时间,付款时间,最近修改时间,交易来源地,类型,交易对方,商品名称,金额（元）,收/支,"
    "交易状态,服务费（元）,成功退款（元）,备注,资金状态,"
)
NOTES = (
    "特别提示：",
    "1.本回单内容可表明支付宝受理了相应支付交易申请，因系统原因或通讯故障等偶发因素导致本回单与实际交易结果不符时，以实际交易情况为准；",
    "2.请勿将本回单作为收款方发货的凭据使用，请查证账户实际到账情况后再进行发货操作；",
    "3.支付宝快捷支付等非余额支付方式可能既产生支付宝交易也同步产生银行交易，因此请勿使用本回单进行重复记账；",
    "4.本回单如经任何涂改、编造，均立即失去效力；",
    "5.部分账单如：充值提现、账户转存或者个人设置收支等不计入为收入或者支出，记为不计收支类；",
    "6.因统计逻辑不同，明细金额直接累加后，可能会和下方统计金额不一致，请以实际交易金额为准；",
    "7.禁止将本回单用于非法用途；",
    "8.本明细仅展示当前账单中的交易，不包括已删除的记录；",
    "9.本明细仅供个人对账使用。",
)
CATEGORIES = {"stall": "转账红包", "transfer": "转账红包", "red_packet": "转账红包", "wealth": "投资理财"}
DIRECTIONS = {"wealth": "不计收支", "income": "收入"}


class Line(NamedTuple):
    """One row of the payer's bill."""

    at: int
    category: str
    counterparty: str
    account: str
    item: str
    direction: str
    amount: int
    method: str
    status: str
    trade_no: str
    order_no: str


def lines(box: Sandbox, user_id: str) -> list[Line]:
    """Return the payer's rows, newest first: payments, other movements, and refunds as rows of their own."""
    sql = (
        "SELECT trades.*, merchants.logon AS account FROM trades LEFT JOIN merchants USING (merchant_id)"
        " WHERE user_id = ? ORDER BY paid_at DESC, trade_no DESC"
    )
    trades = box.ledger.rows(sql, user_id)
    back = box.ledger.rows(
        "SELECT refunds.*, refunds.rowid AS number FROM refunds JOIN trades USING (trade_no) WHERE user_id = ?", user_id
    )
    by_number = {trade["trade_no"]: trade for trade in trades}
    found = [_payment(trade) for trade in trades]
    found += [_refund(by_number[one["trade_no"]], one) for one in back]
    return sorted(found, key=lambda line: line.at, reverse=True)


def _payment(trade: sqlite3.Row) -> Line:
    closed = trade["refunded"] == trade["total"]
    return Line(
        trade["paid_at"],
        CATEGORIES.get(trade["kind"]) or trade["category"] or "餐饮美食",
        trade["counterparty"],
        masked(trade["account"]) if trade["account"] else "/",
        trade["subject"],
        DIRECTIONS.get(trade["kind"], "支出"),
        trade["total"],
        trade["method"],
        "交易关闭" if closed else "交易成功",
        trade["trade_no"],
        trade["out_trade_no"],
    )


def _refund(trade: sqlite3.Row, refund: sqlite3.Row) -> Line:
    paid = _payment(trade)
    return paid._replace(
        at=refund["at"],
        category="退款",
        item=f"退款-{paid.item}",
        direction="不计收支",
        amount=refund["amount"],
        status="退款成功",
        trade_no=f"{paid.trade_no}_{refund['out_request_no']}",
    )


def export(box: Sandbox, user_id: str, *, old: bool = False) -> bytes:
    """Write the payer's bill file in GBK; KeyError for an unknown user."""
    user = box.ledger.row("SELECT * FROM users WHERE user_id = ?", user_id)
    if user is None:
        raise KeyError(user_id)
    rows = lines(box, user_id)
    text = _old(user, rows) if old else _current(user, rows, box.now())
    return ("\r\n".join(text) + "\r\n").encode("gb18030")


def _current(user: sqlite3.Row, rows: list[Line], now: int) -> list[str]:
    first, last = (min(row.at for row in rows), max(row.at for row in rows)) if rows else (now, now)
    sums = [(kind, [row.amount for row in rows if row.direction == kind]) for kind in ("收入", "支出", "不计收支")]
    head = [
        RULER,
        "导出信息：",
        f"姓名：{user['name']}",
        f"支付宝账户：{user['logon']}",
        f"起始时间：[{beijing(first)}]    终止时间：[{beijing(last)}]",
        "导出交易类型：[全部]",
        f"导出时间：[{beijing(now)}]",
        f"共{len(rows)}笔记录",
        *(f"{kind}：{len(amounts)}笔 {yuan(sum(amounts))}元" for kind, amounts in sums),
        "",
        *NOTES,
        "",
        TITLE,
    ]
    return [*head, ",".join(_padded(cell) for cell in HEADER.split(",")[:-1]) + ",", *map(_row, rows)]


def _padded(cell: str) -> str:
    return cell.ljust(20)


def _clean(cell: str) -> str:
    return cell.replace(",", "，").replace("\r", " ").replace("\n", " ")


def _row(line: Line) -> str:
    texts = (line.category, line.counterparty, line.account, line.item, line.direction, yuan(line.amount))
    cells = [beijing(line.at), *texts, line.method, line.status]
    order = f"{line.order_no}\t" if line.order_no else " " * 20 + "\t"
    return ",".join([*(_padded(_clean(cell)) for cell in cells), f"{line.trade_no}\t", order, " " * 20]) + ","


def _old(user: sqlite3.Row, rows: list[Line]) -> list[str]:
    head = [
        "支付宝交易记录明细查询",
        f"账号:[{user['logon']}]",
        "起始日期:[全部]    终止日期:[全部]",
        "-" * 36 + "交易记录明细列表" + "-" * 36,
    ]
    table = [OLD_HEADER, *map(_old_row, rows), RULER, f"共{len(rows)}笔记录", f"用户:{user['name']}"]
    return head + table


def _old_row(line: Line) -> str:
    at, refund = beijing(line.at), line.category == "退款"
    direction = "" if line.direction == "不计收支" else line.direction
    flow = "已收入" if refund or line.direction == "收入" else "已支出"
    cells = [
        *(f"{line.trade_no}\t", f"{line.order_no}\t", at, at, at, "其他（包括阿里巴巴和外部商家）", "即时到账交易"),
        *(line.counterparty, line.item, yuan(line.amount), direction, line.status, "0.00", "0.00", "", flow),
    ]
    return ",".join(_clean(cell).ljust(16) for cell in cells) + ","
