"""The layouts in which wallets export bills, by the names in their header rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct


class Layout(Struct, frozen=True, kw_only=True):
    """One layout: which header names carry which field, first name wins."""

    name: str
    wallet: str
    columns: Mapping[str, tuple[str, ...]]
    needed: frozenset[str]


class Columns(Struct, frozen=True, kw_only=True):
    """Where a given header puts each field of its layout."""

    layout: Layout
    at: Mapping[str, tuple[int, ...]]
    width: int
    """Cells up to the last named column."""
    full_width: int
    """Cells that a line of this header has, its trailing comma's empty one too."""


ALIPAY = Layout(
    name="alipay",
    wallet="alipay",
    columns={
        "time": ("交易时间",),
        "kind": ("交易分类",),
        "counterparty": ("交易对方",),
        "item": ("商品说明", "商品名称"),
        "direction": ("收/支",),
        "amount": ("金额", "金额(元)"),
        "method": ("收/付款方式",),
        "status": ("交易状态",),
        "trade_no": ("交易订单号",),
        "order_no": ("商家订单号",),
    },
    needed=frozenset({"time", "counterparty", "item", "direction", "amount", "status", "trade_no"}),
)
ALIPAY_WEB = Layout(
    name="alipay_web",
    wallet="alipay",
    columns={
        "time": ("付款时间", "交易创建时间"),
        "kind": ("类型",),
        "counterparty": ("交易对方",),
        "item": ("商品名称",),
        "direction": ("收/支",),
        "amount": ("金额(元)", "金额"),
        "refunded": ("成功退款(元)",),
        "status": ("交易状态",),
        "trade_no": ("交易号",),
        "order_no": ("商家订单号",),
        "source": ("交易来源地",),
        "funds": ("资金状态",),
    },
    needed=frozenset({"time", "kind", "counterparty", "item", "direction", "amount", "status", "trade_no"}),
)
WECHATPAY = Layout(
    name="wechatpay",
    wallet="wechatpay",
    columns={
        "time": ("交易时间",),
        "kind": ("交易类型",),
        "counterparty": ("交易对方",),
        "item": ("商品",),
        "direction": ("收/支",),
        "amount": ("金额(元)", "金额"),
        "method": ("支付方式",),
        "status": ("当前状态",),
        "trade_no": ("交易单号",),
        "order_no": ("商户单号",),
    },
    needed=frozenset({"time", "kind", "counterparty", "item", "direction", "amount", "status", "trade_no"}),
)
LAYOUTS = (ALIPAY, ALIPAY_WEB, WECHATPAY)


def columns_of(header: Sequence[str]) -> Columns | None:
    """Where each field stands, if this row is the header of a known layout."""
    names = [_plain(name) for name in header]
    for layout in LAYOUTS:
        at = {
            field: tuple(names.index(name) for name in spellings if name in names)
            for field, spellings in layout.columns.items()
        }
        if all(at[field] for field in layout.needed):
            width = max(index for index, name in enumerate(names) if name) + 1
            return Columns(layout=layout, at=at, width=width, full_width=len(names))
    return None


def _plain(name: str) -> str:
    return name.replace("（", "(").replace("）", ")").strip(' \t\u3000\ufeff"')
