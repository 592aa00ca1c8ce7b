"""Every layout is read whole, or refused with one clear code and nothing partial."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.payments.bill_samples import alipay, alipay_row, alipay_web, sheet, web_row, wechat, wechat_row

from hejie.base.errors import Refused
from hejie.base.money import yuan
from hejie.payments.bills import MOST_BYTES, Bill, read_bill

SHARED = Path(__file__).parents[3] / "shared/data/bills/alipay.csv"
NOON = datetime(2026, 3, 4, 4, 30, 5, tzinfo=UTC)


def refusal(raw: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_bill(raw)
    return caught.value.code


def outcome(raw: bytes) -> Bill | str:
    try:
        return read_bill(raw)
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_current_alipay_layout(encoding: str, newline: str):
    bill = read_bill(alipay(alipay_row(), encoding=encoding, newline=newline))
    assert (bill.wallet, bill.layout, bill.announced) == ("alipay", "alipay_csv", 1)
    assert msgspec.structs.asdict(bill.payments[0]) == {
        "time": NOON,
        "kind": "餐饮美食",
        "counterparty": "西湖面馆",
        "item": "片儿川",
        "direction": "out",
        "amount_fen": 2800,
        "refunded_fen": 0,
        "method": "余额宝",
        "status": "交易成功",
        "trade_no": "2026030422001400001",
        "order_no": "",
        "disputable": "yes",
        "why": "purchase",
    }


def test_whose_bill_it_is_is_not_kept():
    for raw in (alipay(alipay_row()), wechat(wechat_row()), alipay_web(web_row())):
        assert "张三" not in str(read_bill(raw))
        assert "zhang" not in str(read_bill(raw))


def test_the_older_web_layout():
    unpaid = web_row(time="", status="等待买家付款", funds="")
    bill = read_bill(alipay_web(web_row(), web_row(refunded="6.00"), web_row(refunded="66.00"), unpaid))
    assert (bill.wallet, bill.layout) == ("alipay", "alipay_web_csv")
    assert [(row.disputable, row.why, row.refunded_fen) for row in bill.payments] == [
        ("yes", "purchase", 0),
        ("yes", "partly_refunded", 600),
        ("no", "already_refunded", 6600),
        ("no", "not_paid", 0),
    ]
    assert bill.payments[3].time == datetime(2019, 3, 4, 4, 30, tzinfo=UTC)


def test_wechat_csv_and_sheet_agree():
    rows = [
        wechat_row(),
        wechat_row(amount='"¥1,234.50"', item='"茶,\n两罐"'),
        wechat_row(kind="微信红包", direction="/"),
    ]
    plain = [[cell.strip('"') for cell in row] for row in rows]
    as_text, as_sheet = read_bill(wechat(*rows)), read_bill(sheet(*plain))
    assert as_text.wallet == as_sheet.wallet == "wechatpay"
    assert (as_text.layout, as_sheet.layout) == ("wechatpay_csv", "wechatpay_xlsx")
    assert [row.amount_fen for row in as_text.payments] == [12800, 123450, 12800]
    assert as_text.payments[1].item == "茶,两罐"
    assert as_text.payments == as_sheet.payments


@pytest.mark.parametrize("when", [datetime(2026, 3, 4, 12, 30, 5), 46085.520891203705, "2026/3/4 12:30:05"])  # noqa: DTZ001
@pytest.mark.parametrize("amount", [128, 128.0, "¥128.00", "￥128"])
def test_a_sheet_may_hold_dates_and_numbers_as_cells(when: object, amount: object):
    row = [when, *wechat_row()[1:5], amount, *wechat_row()[6:]]
    (payment,) = read_bill(sheet(row)).payments
    assert (payment.time, payment.amount_fen) == (NOON, 12800)


@pytest.mark.parametrize("number", [4.2000020260304e27, "4.2E+27", "4.20E+27\t"])
def test_a_number_that_a_spreadsheet_rounded_is_asked_for(number: object):
    row = [*wechat_row()[:8], number, *wechat_row()[9:]]
    (payment,) = read_bill(sheet(row)).payments
    assert (payment.trade_no, payment.disputable, payment.why) == ("", "ask", "trade_number_missing")


def test_columns_are_found_by_name_in_any_order():
    text = alipay(alipay_row()).decode("gb18030").replace("共1笔记录", "")
    head, table = text.split("电子客户回单------------------------\n")
    turned = "\n".join(",".join(reversed(line.rstrip(",").split(","))) for line in table.splitlines())
    bill = read_bill(f"{head}电子客户回单------------------------\n{turned}\n".encode("gb18030"))
    assert bill.payments == read_bill(alipay(alipay_row())).payments


def test_an_unquoted_comma_and_a_stray_quote_lose_no_row():
    rows = [
        alipay_row(item='"特价, 茶, 两罐'),
        alipay_row(counterparty='老"店, 一号'),
        alipay_row(amount="12,345.60"),
        alipay_row(item='"', remark='"'),
    ]
    bill = read_bill(alipay(*rows))
    assert bill.payments[0].item == '"特价, 茶, 两罐'
    assert [row.amount_fen for row in bill.payments] == [2800, 2800, 1234560, 2800]


def test_hostile_words_lose_their_invisible_characters():
    (row,) = read_bill(wechat(wechat_row(item="茶\u202e\x07\u200b<b>=1+1", counterparty="x" * 5000))).payments
    assert row.item == "茶<b>=1+1"
    assert len(row.counterparty) == 300


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "bill_empty"),
        (b"\xef\xbb\xbf \r\n,,,\n", "bill_empty"),
        (alipay(), "bill_empty"),
        (wechat(), "bill_empty"),
        (sheet(), "bill_empty"),
        (b"\x00" * 100, "bill_unknown_format"),
        (b"%PDF-1.7 bill", "bill_unknown_format"),
        (b"a,b,c\n1,2,3\n", "bill_unknown_format"),
        (b"\xff\xfe" + "微信支付账单明细".encode("utf-16-le"), "bill_unknown_format"),
        (sheet(header=["a", "b"])[:-40], "bill_cut_off"),
        (alipay(alipay_row(), count=2), "bill_cut_off"),
        (wechat(wechat_row(), count=7), "bill_cut_off"),
        (sheet(wechat_row(), count=7), "bill_cut_off"),
        (alipay_web(web_row(), count=3), "bill_cut_off"),
        (alipay_web(web_row()).split(b"-" * 84)[0], "bill_cut_off"),
        (alipay(alipay_row(), count=0).split("交易时间".encode("gbk"))[0], "bill_cut_off"),
        (wechat(wechat_row()[:9]), "bill_cut_off"),
        (wechat(wechat_row()[:9], wechat_row()), "bill_row_unreadable"),
        (wechat(wechat_row(time="yesterday")), "bill_row_unreadable"),
        (wechat(wechat_row(time="2026-02-30 12:00:00")), "bill_row_unreadable"),
        (wechat(wechat_row(amount="-5.00")), "bill_row_unreadable"),
        (wechat(wechat_row(amount="5.001")), "bill_row_unreadable"),
        (wechat(wechat_row(amount="１２.00")), "bill_row_unreadable"),
        (wechat(wechat_row(amount="1e3")), "bill_row_unreadable"),
        (wechat(wechat_row(item="x" * 9000)), "bill_too_large"),
        (wechat(*[wechat_row()] * 20_001), "bill_too_large"),
        (b"x" * (MOST_BYTES + 1), "bill_too_large"),
    ],
)
def test_what_cannot_be_read_whole_is_refused(raw: bytes, code: str):
    assert refusal(raw) == code


def test_a_row_that_cannot_be_read_is_named():
    with pytest.raises(Refused) as caught:
        read_bill(alipay(alipay_row(), alipay_row(amount="?"), alipay_row()))
    assert caught.value.facts == {"row": 2}


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (archive(bill=alipay(alipay_row())), "bill_zipped"),
        (archive(xl__workbook_xml=b"<workbook/>"), "bill_damaged"),
        (archive(xl__workbook_xml=b"<x/>", xl__bomb_xml=b" " * 30_000_000), "bill_too_large"),
        (archive(xl__workbook_xml=b"<x/>", **{f"p{n}": b"" for n in range(300)}), "bill_too_large"),
        (
            archive(xl__workbook_xml=b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
            "bill_unknown_format",
        ),
        (archive(xl__workbook_xml="<!DOCTYPE x>".encode("utf-16")), "bill_unknown_format"),
    ],
)
def test_hostile_archives_are_refused_before_they_are_parsed(raw: bytes, code: str):
    assert refusal(raw) == code


@pytest.mark.parametrize(
    "raw",
    [
        alipay(alipay_row(), alipay_row(amount="9.90", trade_no="7")),
        alipay(alipay_row(), alipay_row(amount="9.90", trade_no="7"), encoding="utf-8"),
        alipay_web(web_row(), web_row(amount="9.90")),
        wechat(wechat_row(), wechat_row(amount="¥9.90")),
    ],
    ids=["alipay-gbk", "alipay-utf8", "alipay-web", "wechat"],
)
def test_no_cut_ever_loses_a_row_in_silence(raw: bytes):
    whole = read_bill(raw)
    read = 0
    for end in range(len(raw)):
        found = outcome(raw[:end])
        if isinstance(found, Bill):
            read += 1
            assert found.payments == whole.payments
        else:
            assert found in {"bill_cut_off", "bill_empty", "bill_unknown_format"}
    assert read < 140  # only what follows the last row may be missing


def test_a_sheet_cut_anywhere_is_refused():
    raw = sheet(wechat_row())
    assert {refusal(raw[:end]) for end in range(2, len(raw), 7)} == {"bill_cut_off"}


CELL = st.text(
    st.characters(codec="gb18030", exclude_categories=["C", "Z"], exclude_characters=',"/'), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL, st.integers(1, 10**9)), min_size=1, max_size=6), gbk=st.booleans())
def test_what_is_printed_is_read_again(rows: list[tuple[str, str, int]], *, gbk: bool):
    printed = [alipay_row(counterparty=a, item=b, amount=yuan(fen), trade_no=str(fen)) for a, b, fen in rows]
    bill = read_bill(alipay(*printed, encoding="gb18030" if gbk else "utf-8"))
    assert [(row.counterparty, row.item, row.amount_fen, row.trade_no) for row in bill.payments] == [
        (a, b, fen, str(fen)) for a, b, fen in rows
    ]


SAMPLES = [alipay(alipay_row(), alipay_row()), wechat(wechat_row()), alipay_web(web_row()), sheet(wechat_row())]


@settings(max_examples=300, deadline=None)
@given(
    sample=st.sampled_from(SAMPLES),
    wounds=st.lists(st.tuples(st.floats(0, 0.999999), st.binary(max_size=3)), min_size=1, max_size=4),
)
def test_damaged_bytes_give_a_bill_or_a_refusal(sample: bytes, wounds: list[tuple[float, bytes]]):
    hurt = bytearray(sample)
    for place, content in wounds:
        at = int(place * len(hurt))
        hurt[at : at + len(content)] = content
    found = outcome(bytes(hurt))
    if isinstance(found, Bill):
        assert len(found.payments) >= 1
    else:
        assert found.startswith("bill_")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_refusal(raw: bytes):
    assert refusal(raw).startswith("bill_")


def test_a_real_export_edited_by_its_owner_is_read():
    """It announces 66 rows and holds 10, more of some class than announced: edited, not cut."""
    if not SHARED.exists():
        pytest.skip(f"the real export {SHARED} is absent")
    raw = SHARED.read_bytes()
    bill = read_bill(raw)
    assert (bill.wallet, bill.layout, bill.announced, len(bill.payments)) == ("alipay", "alipay_csv", 66, 10)
    assert [(row.disputable, row.why) for row in bill.payments] == [
        ("ask", "family_card"),
        ("yes", "purchase"),
        ("no", "refund"),
        ("no", "wealth_product"),
        ("no", "transfer_between_people"),
        ("no", "trade_closed"),
        ("no", "refund"),
        ("no", "already_refunded"),
        ("yes", "purchase"),
        ("yes", "purchase"),
    ]
    assert read_bill(raw.decode("gb18030").encode()) == bill
    assert refusal(b"\n".join(raw.splitlines()[:-7]) + b"\n") == "bill_cut_off"


def test_our_own_edited_export_is_read_but_a_cut_one_is_not():
    def announcing(out: int) -> bytes:
        return alipay(alipay_row(), alipay_row(), count=9).replace(
            "共9笔记录".encode("gbk"),
            f"共9笔记录\n收入：1笔 5.00元\n支出：{out}笔 5.00元\n不计收支：1笔 1.00元".encode("gbk"),
        )

    assert len(read_bill(announcing(1)).payments) == 2
    assert refusal(announcing(7)) == "bill_cut_off"
