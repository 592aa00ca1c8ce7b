"""Which row of a bill is a purchase that may be disputed, by the wallets' own words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from hejie.payments.bill import Disputable, Entry


class Verdict(Struct, frozen=True):
    """Whether a row may be disputed, and the code of the reason."""

    disputable: Disputable
    why: str


_PURCHASES = frozenset(
    {
        "餐饮美食",
        "服饰装扮",
        "服装装扮",
        "日用百货",
        "家居家装",
        "数码电器",
        "运动户外",
        "美容美发",
        "母婴亲子",
        "宠物",
        "交通出行",
        "爱车养车",
        "住房物业",
        "住房缴费",
        "酒店旅游",
        "文化休闲",
        "教育培训",
        "医疗健康",
        "生活服务",
        "公共服务",
        "商业服务",
        "充值缴费",
        "生活缴费",
        "手机充值",
        "通讯物流",
        "商户消费",
        "支付宝担保交易",
        "担保交易",
        "线下交易",
        "商品购买",
    }
)
_TRANSFER = re.compile(r"转账|群收款")
_SCANNED = re.compile(r"扫二维码|扫码|二维码付款|收钱码|收款码|经营码")
_SCAN_MARK = re.compile(r"二维码|扫码|收钱码|收款码|经营码")
_STALL_ITEM = re.compile(r"收钱码|收款码|经营码|二维码收款")
_FAMILY = re.compile(r"亲友代付|亲属卡|亲情卡|代付")

_CLOSED = re.compile(r"关闭|取消|撤销|撤回")
_UNPAID = re.compile(r"等待(买家|对方)?付款|待(付款|支付)|未(付款|支付)|失败|免押")
_GIVEN_BACK = re.compile(r"全额退款|已退还|已全部退")
_PAID = re.compile(
    r"成功|已转账|已收(钱|款|货)|等待(买家)?确认收货|等待(卖家|商家)?发货|已发货|已完成|交易完成|已支付|已付款|已退款"
)

_BY_KIND = (
    ("wealth_product", re.compile(r"理财|零钱通|余额宝|余利宝|小荷包|基金|蚂蚁财富")),
    ("card_repayment", re.compile(r"还款|信用借还")),
    ("red_packet", re.compile(r"^(?!转账).*红包")),
    ("transfer_between_people", _TRANSFER),
    ("withdrawal", re.compile(r"^(?!充值).*提现")),
    ("top_up", re.compile(r"零钱充值|余额充值|充值提现|账户存取|^充值$")),
)
_BY_WORDS = (
    ("wealth_product", re.compile(r"余额宝|余利宝|小荷包|零钱通|理财|基金|蚂蚁财富|转入|转出")),
    ("card_repayment", re.compile(r"还款|还花呗|还借呗")),
    ("withdrawal", re.compile(r"提现")),
    ("top_up", re.compile(r"账户充值|余额充值")),
)


def is_refund(entry: Entry) -> bool:
    """The row tells of money that came back, not of a payment."""
    return entry.kind.endswith("退款") or entry.status == "退款成功" or entry.item.startswith("退款-")


def refunds_by_trade(entries: Iterable[Entry]) -> dict[str, int]:
    """Fen that came back in rows of their own, by the payment's trade number.

    Alipay numbers a refund row as the payment's number, `_` or `*`, and the refund's.
    """
    sums: dict[str, int] = {}
    for entry in entries:
        if is_refund(entry) and entry.trade_no:
            trade_no = re.split(r"[_*]", entry.trade_no, maxsplit=1)[0]
            sums[trade_no] = sums.get(trade_no, 0) + entry.amount_fen
    return sums


def _is_scan(entry: Entry) -> bool:
    """A collection code was scanned: a purchase, however the bill prints it."""
    if _SCANNED.search(entry.kind) or (entry.kind != "商户消费" and _STALL_ITEM.search(entry.item)):
        return True
    return bool(_TRANSFER.search(entry.kind) and _SCAN_MARK.search(entry.item))


def _no_purchase(entry: Entry) -> str:
    """Why a row is by its nature no purchase, or nothing."""
    if "转账红包" in entry.kind and "红包" in entry.item:
        return "red_packet"
    if "充值提现" in entry.kind and "提现" in entry.item:
        return "withdrawal"
    for why, words in _BY_KIND:
        if words.search(entry.kind):
            return why
    if entry.source == "支付宝网站" and _TRANSFER.search(entry.item):
        return "transfer_between_people"
    if entry.direction == "neutral":
        for why, words in _BY_WORDS:
            if words.search(entry.item) or words.search(entry.counterparty):
                return why
    return ""


def _nothing_left(entry: Entry) -> str:
    """Why no money of this payment can come back, or nothing."""
    if _GIVEN_BACK.search(entry.status) or 0 < entry.amount_fen <= entry.refunded_fen:
        return "already_refunded"
    if _CLOSED.search(entry.status):
        return "trade_closed"
    if _UNPAID.search(entry.status):
        return "not_paid"
    return "" if entry.amount_fen else "nothing_paid"


def _doubt(entry: Entry) -> str:
    """What only the consumer can tell about a payment that went out, or nothing."""
    doubts = (
        ("collection_code", _is_scan(entry)),
        ("direction_unclear", entry.direction != "out"),
        ("family_card", bool(_FAMILY.search(entry.kind))),
        ("trade_number_missing", not entry.trade_no),
        ("status_unclear", not _PAID.search(entry.status)),
        ("refund_unclear", "已退款" in entry.status and not entry.refunded_fen),
        ("kind_unclear", not _is_purchase(entry)),
    )
    return next((why for why, doubted in doubts if doubted), "")


def _is_purchase(entry: Entry) -> bool:
    made_elsewhere = entry.source not in {"", "支付宝网站"}
    return entry.kind in _PURCHASES or (made_elsewhere and "即时到账" in entry.kind)


def judge(entry: Entry) -> Verdict:
    """May this row be disputed: `yes`, `no`, or `ask` the consumer; never an error.

    The words are those the wallets print; a word nobody listed ends in `ask`.
    """
    if is_refund(entry):
        return Verdict("no", "refund")
    if not _is_scan(entry) and (why := _no_purchase(entry)):
        return Verdict("no", why)
    if entry.direction == "in":
        return Verdict("no", "income")
    if why := _nothing_left(entry):
        return Verdict("no", why)
    if why := _doubt(entry):
        return Verdict("ask", why)
    return Verdict("yes", "partly_refunded" if entry.refunded_fen else "purchase")
