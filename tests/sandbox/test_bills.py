"""Bill files: the merchant's zip behind a short-lived address, and what a payer exports."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime, timedelta, timezone

METHOD = "alipay.data.dataservice.bill.downloadurl.query"


def days_after(caller, date: str) -> float:
    begin = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=timezone(timedelta(hours=8)))
    return caller.admin("GET", "clock")["now"] - begin.timestamp()


def ask(caller, date: str, **over: str) -> dict:
    return caller.call(METHOD, {"bill_type": "trade", "bill_date": date} | over, caller.token())


def test_a_days_bill_has_the_published_layout_and_the_hand_refund(caller):
    trade = caller.pay("50.00", store_id="S1", store_name="解放路店", subject="面,汤")
    number = caller.admin("POST", "hand-refunds", {"trade_no": trade, "amount": "12.50"})["out_request_no"]
    date = caller.admin("GET", "clock")["beijing"][:10]
    assert ask(caller, date)["sub_code"] == "BILL_NOT_EXIST"
    caller.advance(33 * 3600 - days_after(caller, date) - 60)
    assert ask(caller, date)["sub_code"] == "BILL_NOT_EXIST"
    caller.advance(120)
    url = ask(caller, date)["bill_download_url"]
    packed = zipfile.ZipFile(io.BytesIO(caller.http.get(url).content), metadata_encoding="gbk")
    stem = f"{caller.MERCHANT}0156_{date.replace('-', '')}_业务明细"
    assert packed.namelist() == [f"{stem}.csv", f"{stem}(汇总).csv"]
    assert packed.infolist()[0].flag_bits & 0x800 == 0
    rows = list(csv.reader(io.StringIO(packed.read(f"{stem}.csv").decode("gbk"))))
    assert [row[0].startswith("#") for row in rows] == [True] * 4 + [False] * 3 + [True] * 4
    assert len(rows[4]) == 25
    paid, back = rows[5], rows[6]
    assert (paid[0], paid[2], paid[3], paid[11]) == (f"{trade}\t", "交易", "面，汤", "50.00")
    assert (back[2], back[11], back[12], back[21]) == ("退款", "-12.50", "-12.50", f"{number}\t")
    summary = packed.read(f"{stem}(汇总).csv").decode("gbk")
    assert "S1,解放路店,1,1,37.50" in summary
    caller.advance(31)
    assert caller.http.get(url).status_code == 403


def test_what_is_no_bill_is_refused(caller):
    caller.pay("50.00")
    assert ask(caller, "2020-02-30")["sub_code"] == "INVAILID_ARGUMENTS"
    assert ask(caller, "2026", bill_type="trade")["sub_code"] == "INVAILID_ARGUMENTS"
    assert ask(caller, "2026-01-01", bill_type="other")["sub_code"] == "INVAILID_ARGUMENTS"
    assert ask(caller, "2026-01-01")["sub_code"] == "NO_BILL_DATA"
    assert ask(caller, "2010-01-01")["sub_code"] == "BILL_NOT_EXIST"


def test_a_payer_exports_the_current_layout(caller):
    trade = caller.pay("50.00", subject="片儿川")
    caller.pay("8.00", kind="stall", subject="收钱码收款")
    extra = {"user_id": caller.USER, "amount": "9.99", "subject": "转账", "kind": "transfer", "counterparty": "李四"}
    caller.admin("POST", "load", {"payments": [extra]})
    caller.admin("POST", "hand-refunds", {"trade_no": trade, "amount": "50.00"})
    text = caller.http.get(f"/wallet/{caller.USER}/bill.csv").content.decode("gbk")
    lines = text.split("\r\n")
    ruler = next(number for number, line in enumerate(lines) if "电子客户回单" in line)
    assert [cell.strip() for cell in lines[ruler + 1].split(",")][:3] == ["交易时间", "交易分类", "交易对方"]
    rows = [line.split(",") for line in lines[ruler + 2 :] if line]
    assert all(len(row) == 13 and row[9].endswith("\t") for row in rows)
    found = {(row[1].strip(), row[5].strip(), row[6].strip(), row[8].strip()) for row in rows}
    assert found == {
        ("餐饮美食", "支出", "50.00", "交易关闭"),
        ("退款", "不计收支", "50.00", "退款成功"),
        ("转账红包", "支出", "8.00", "交易成功"),
        ("转账红包", "支出", "9.99", "交易成功"),
    }
    old = caller.http.get(f"/wallet/{caller.USER}/bill.csv?layout=old").content.decode("gbk")
    assert "交易号,商户订单号,交易创建时间" in old
