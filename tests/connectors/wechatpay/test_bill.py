"""The trade bill: read whole or refused with a reason, whatever is done to its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import Unknown
from hejie.connectors.wechatpay.bill import read_bill

HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
PAID = (
    "`2026-11-26 12:30:05,`wx1,`1900000109,`1900000209,`T01,`4200001,`W1,`oUp,`NATIVE,`SUCCESS,`OTHERS,`CNY,"
    "`28.00,`0.00,`0,`0,`0.00,`0.00,`,`,`片儿川,`,`0.00,`0.60%,`28.00,`0.00,`"
)
BACK = (
    "`2026-11-26 13:00:00,`wx1,`1900000109,`1900000209,`,`4200001,`W1,`oUp,`NATIVE,`REFUND,`OTHERS,`CNY,"
    "`0.00,`0.00,`5030001,`330100-A-B-1,`12.50,`0.00,`ORIGINAL,`SUCCESS,`片儿川,`,`0.00,`0.60%,`0.00,`12.50,`"
)
GONE = PAID.replace("`SUCCESS", "`REVOKED").replace("4200001", "4200002")


def bill(*lines: str, count: object = None, head: str = HEAD) -> bytes:
    summary = f"`{len(lines) if count is None else count},`28.00,`12.50,`0.00,`0.00,`28.00,`12.50"
    tail = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
    return ("\ufeff" + "\r\n".join([head, *lines, tail, summary]) + "\r\n").encode()


def test_payments_and_refunds_are_told_and_what_moved_nothing_is_left_out():
    paid, back = read_bill(bill(PAID, GONE, BACK))
    assert (paid.kind, paid.trade_no, paid.amount_fen, paid.refund_key, paid.terminal) == (
        "payment", "4200001", 2800, "", "T01",
    )  # fmt: skip
    assert (back.kind, back.trade_no, back.amount_fen, back.refund_key) == ("refund", "4200001", 1250, "330100-A-B-1")
    assert back.finished_at is not None
    assert back.finished_at.isoformat() == "2026-11-26T13:00:00+08:00"
    assert read_bill(bill()) == []


@pytest.mark.parametrize(
    ("why", "data"),
    [
        ("cut_off", b""),
        ("cut_off", bill(PAID).decode()[:200].encode()),
        ("cut_off", bill(PAID).rsplit(b"\r\n", 2)[0]),
        ("counts", bill(PAID, BACK, count=1)),
        ("counts", bill(PAID, count="x")),
        ("shape", bill(PAID, head=HEAD.replace("订单金额,", "别的,"))),
        ("shape", bill(PAID.replace("`SUCCESS", "`STRANGE"))),
        ("shape", bill(PAID.replace("`28.00,`0.00,`\r", "x").replace("28.00", "28,00"))),
        ("shape", bill(PAID.replace("28.00", "28.001"))),
        ("shape", bill(PAID.replace("2026-11-26", "2026-13-26"))),
        ("shape", bill(PAID[:60])),
        ("text", bill(PAID).decode().encode("gbk", errors="replace")),
        ("text", b"\xff\xfe\x00"),
    ],
)
def test_what_is_not_a_whole_bill_is_unknown_with_a_reason(why, data):
    with pytest.raises(Unknown, match="statement_unreadable") as unknown:
        read_bill(data)
    assert unknown.value.facts["why"] == why


WHOLE = bill(PAID, BACK)


def outcome(data: bytes) -> int | str:
    """How many rows were read, or why none."""
    try:
        return len(read_bill(data))
    except Unknown as unknown:
        return f"{unknown.code}: {unknown.facts['why']}"


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_damaged_byte_never_breaks_the_reader(place, byte):
    found = outcome(WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])
    assert found in {0, 1, 2} or str(found).startswith("statement_unreadable: ")


@given(st.integers(0, len(WHOLE) - 1))
def test_half_a_bill_is_never_taken(end):
    found = outcome(WHOLE[:end])
    assert str(found).startswith("statement_unreadable: ") or end >= len(WHOLE) - len("`12.50\r\n")
