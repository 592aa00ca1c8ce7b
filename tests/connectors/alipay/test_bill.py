"""Bill files: whole and in shape, or not read at all."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.alipay.alipay_wall import Wall

from hejie.base.errors import Missing, Unknown
from hejie.connectors.alipay import Alipay
from hejie.connectors.alipay.bill import read_text, read_zip
from hejie.connectors.wallet import StatementRow

HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
DAY = date(2026, 3, 1)


def line(kind: str = "交易", amount: str = "88.80", goods: str = "片儿川", key: str = "", number: str = "2026") -> str:
    cells = [
        f"{number}\t", "T1\t", kind, goods, "2026-03-01 07:00:00", "2026-03-01 08:00:00", "S1\t", "面馆", "", "M7",
        "*小明(138****)", amount, amount, *["0.00"] * 5, "", "0.00", "0.00", f"{key}\t", "-0.01", "0.00", "",
    ]  # fmt: skip
    return ",".join(cells)


def bill(*lines: str, counts: str = "#交易合计：1笔，退款合计：1笔，商家实收共0.00元") -> str:
    head = ["#支付宝业务明细查询", "#账号：[2088]", "#起始日期：[...]", "#-----业务明细列表-----"]
    return "\r\n".join([*head, HEADER, *lines, "#-----业务明细列表结束-----", counts, "#导出时间：[...]"]) + "\r\n"


def archive(*texts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for at, text in enumerate(texts):
            file.writestr(f"2088_{at}.csv", text.encode("gbk"))
    return buffer.getvalue()


WHOLE = bill(line(), line("退款", "-12.50", key="330100-K-1"))


def test_rows_are_told_by_the_names_of_their_columns() -> None:
    paid, back = read_zip(archive("#汇总\r\n门店编号,门店名称\r\n#", WHOLE))
    assert paid == StatementRow(
        trade_no="2026", order_no="T1", kind="payment", amount_fen=8880, shop="面馆", terminal="M7",
        finished_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    assert (back.kind, back.amount_fen, back.refund_key) == ("refund", 1250, "330100-K-1")


def test_the_sign_of_refunds_varies_and_goods_may_hold_commas() -> None:
    rows = read_text(bill(line(goods='面,"大",碗'), line("退款", "12.50")))
    assert [row.amount_fen for row in rows] == [8880, 1250]


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("cut_off", ""),
        ("cut_off", "#only a note"),
        ("cut_off", WHOLE[: WHOLE.index("#-----业务明细列表结束") - 40]),
        ("shape", WHOLE.replace("退款批次号/请求号", "别的")),
        ("shape", bill(line(kind="转账"), line("退款"))),
        ("shape", bill(line(amount="8.888"), line("退款"))),
        ("shape", bill(line(amount="八元"), line("退款"))),
        ("shape", bill(line().replace("2026-03-01 08:00:00", "today"), line("退款"))),
        ("shape", bill("short,row", line("退款"))),
        ("counts", bill(line())),
        ("counts", bill(line(), counts="#交易合计：2笔，商家实收共1.00元\r\n#退款合计：0笔")),
        ("counts", bill(line(), counts="#交易合计：1笔，商家实收共1.00元\r\n#退款合计：1笔")),
        ("counts", bill(line(), line("退款"), line("退款"))),
    ],
)
def test_a_file_out_of_shape_is_unknown_as_a_whole(why: str, text: str) -> None:
    with pytest.raises(Unknown) as caught:
        read_text(text)
    assert (caught.value.code, caught.value.facts) == ("statement_unreadable", {"why": why})


def test_archives_are_bounded() -> None:
    with pytest.raises(Unknown, match="too_large"):
        read_zip(archive(*["x"] * 17))
    with pytest.raises(Unknown, match="no_detail"):
        read_zip(archive("nothing here"))


@given(st.data())
def test_a_damaged_archive_is_whole_or_unknown(data: st.DataObject) -> None:
    whole = archive(WHOLE)
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 4)) :]
    try:
        rows = read_zip(damaged)
    except Unknown:
        return
    assert rows == read_text(WHOLE)


async def test_the_link_is_asked_for_and_fetched(alipay: Alipay, wall: Wall) -> None:
    wall.says(bill_download_url="https://files.test/bill?token=secret")
    wall.answers.append(httpx.Response(200, content=archive(WHOLE)))
    assert len(await alipay.statement(DAY, "t")) == 2
    assert wall.requests[1].url == "https://files.test/bill?token=secret"
    assert wall.requests[1].method == "GET"


@pytest.mark.parametrize("sub_code", ["isp.bill_not_exist", "BILL_NOT_EXIST"])
async def test_before_it_exists_it_is_missing(alipay: Alipay, wall: Wall, sub_code: str) -> None:
    wall.says("40004", sub_code=sub_code)
    with pytest.raises(Missing, match="statement_not_ready"):
        await alipay.statement(DAY, "t")


async def test_a_day_without_business_is_empty(alipay: Alipay, wall: Wall) -> None:
    wall.says("40004", sub_code="NO_BILL_DATA")
    assert await alipay.statement(DAY, "t") == []


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "nonsense", "https://[bad"])
async def test_a_link_that_is_none_is_unknown(alipay: Alipay, wall: Wall, url: str) -> None:
    wall.says(bill_download_url=url)
    wall.answers.append(httpx.UnsupportedProtocol("no"))
    with pytest.raises(Unknown):
        await alipay.statement(DAY, "t")


async def test_a_dead_link_is_unknown(alipay: Alipay, wall: Wall) -> None:
    wall.says(bill_download_url="https://files.test/bill")
    wall.answers.append(httpx.Response(403, text="expired"))
    with pytest.raises(Unknown, match="wallet_unavailable"):
        await alipay.statement(DAY, "t")
