"""A list of merchants is read line by line: each wrong line says why, and none stops the others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.unjoined import code_of

from hejie.base.errors import Refused
from hejie.intake.merchant_list import MOST_BYTES, MOST_ROWS, Listing, read_list
from hejie.web.officer.merchants import mobile

NOW = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
HEAD = "统一社会信用代码,商户名称,店铺名称,区县,地址,行业,手机号"
DISTRICTS = {"330102": "上城区", "330106": "西湖区"}
GOOD = f"{code_of(1)},甲餐饮有限公司,甲店,上城区,仁和路 1 号,餐饮业,138 0000 0001"


def read(*lines: str, encoding: str = "utf-8") -> Listing:
    return read_list("\r\n".join((HEAD, *lines)).encode(encoding), "330100", DISTRICTS, mobile, NOW)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_good_line_in_any_usual_encoding(encoding: str):
    (entry,) = read(GOOD, encoding=encoding).entries
    assert (entry.line, entry.credit_code, entry.district, entry.trade) == (2, code_of(1), "330102", "62")
    assert (entry.phone, entry.first, entry.kind) == ("+8613800000001", True, "enterprise")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (code_of(1), code_of(1)[:-1], "credit_code_length"),
        (code_of(1), f"I{code_of(1)[1:]}", "credit_code_letter"),
        (code_of(1), code_of(1)[:-1] + ("0" if code_of(1)[-1] != "0" else "1"), "credit_code_check"),
        ("甲餐饮有限公司", "", "name_missing"),
        ("甲餐饮有限公司", "甲" * 101, "name_unusable"),
        ("仁和路 1 号", "", "name_missing"),
        ("上城区", "武侯区", "shop_outside_city"),
        ("餐饮业", "饭馆", "trade_unknown"),
        ("138 0000 0001", "0571-88888888", "phone_unusable"),
        ("138 0000 0001", "", "phone_unusable"),
    ],
)
def test_a_wrong_line_says_why_and_the_next_one_is_read(old: str, new: str, code: str):
    other = GOOD.replace(code_of(1), code_of(2))
    listing = read(GOOD.replace(old, new), other)
    assert [(fault.line, fault.why.code) for fault in listing.faults] == [(2, code)]
    assert [entry.line for entry in listing.entries] == [3]


def test_lines_are_held_against_those_before():
    shop = GOOD.replace("甲店", "甲二店").replace("138 0000 0001", "13800000002")
    listing = read(GOOD, "", GOOD, shop, GOOD.replace("甲餐饮有限公司", "乙餐饮有限公司").replace("甲店", "乙店"))
    assert [(fault.line, fault.why.code) for fault in listing.faults] == [
        (4, "line_repeated"),
        (6, "line_name_differs"),
    ]
    assert [(entry.first, entry.own_phone) for entry in listing.entries] == [(True, False), (False, True)]


def test_lines_are_counted_through_cells_that_span_several():
    listing = read(GOOD.replace("仁和路 1 号", '"仁和路\n1 号"'), GOOD)
    assert [(fault.line, fault.why.code) for fault in listing.faults] == [(2, "name_unusable")]
    assert [entry.line for entry in listing.entries] == [4]


def test_columns_in_any_order_and_without_the_trade():
    raw = f"phone,name,shop,district,address,credit_code\n13800000001,甲,甲店,330106,路,{code_of(1)}\n".encode()
    (entry,) = read_list(raw, "330100", DISTRICTS, mobile, NOW).entries
    assert (entry.district, entry.trade) == ("330106", "")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "list_columns"),
        (b"a,b,c\n1,2,3\n", "list_columns"),
        (HEAD.encode(), "list_empty"),
        (b"PK\x03\x04\x00\x00", "list_unreadable"),
        (HEAD.encode() + b"\n\xff\xff\xff", "list_unreadable"),
        (HEAD.encode() + b'\n"a', "list_unreadable"),
        (b"x" * (MOST_BYTES + 1), "list_too_large"),
        ((HEAD + "\na" * (MOST_ROWS + 1)).encode(), "list_too_long"),
    ],
)
def test_what_is_no_list_is_refused_whole(raw: bytes, code: str):
    with pytest.raises(Refused) as caught:
        read_list(raw, "330100", DISTRICTS, mobile, NOW)
    assert caught.value.code == code


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"{HEAD}\n{text}".encode(errors="replace")))
def test_any_bytes_at_all_end_in_a_list_or_a_refusal(raw: bytes):
    try:
        listing = read_list(raw, "330100", DISTRICTS, mobile, NOW)
    except Refused:
        return
    assert listing.entries or listing.faults
