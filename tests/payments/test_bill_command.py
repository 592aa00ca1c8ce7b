"""`hejie bill read` prints what was read, or one sentence in each language and exit 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.payments.bill_samples import alipay, alipay_row, wechat, wechat_row

from hejie.cli import main


def run(*words: str) -> int:
    return main(["bill", "read", *words])


@pytest.fixture
def file(tmp_path: Path):
    return tmp_path / "bill.csv"


def test_json_has_exactly_the_published_fields(file: Path, capsys: pytest.CaptureFixture[str]):
    file.write_bytes(alipay(alipay_row(order_no="T1")))
    assert run(str(file), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "wallet": "alipay",
        "payments": [
            {
                "time": "2026-03-04T12:30:05+08:00",
                "kind": "餐饮美食",
                "counterparty": "西湖面馆",
                "item": "片儿川",
                "direction": "out",
                "amount_fen": 2800,
                "method": "余额宝",
                "status": "交易成功",
                "trade_no": "2026030422001400001",
                "order_no": "T1",
                "disputable": "yes",
                "why": "purchase",
            }
        ],
    }


def test_the_table_shows_every_row(file: Path, capsys: pytest.CaptureFixture[str]):
    file.write_bytes(wechat(wechat_row(), wechat_row(kind="微信红包", amount="¥8.88")))
    assert run(str(file)) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.startswith("wechatpay")
    assert "-128.00" in first
    assert "龙井茶庄" in first
    assert "red_packet" in second


@pytest.mark.parametrize(
    ("raw", "zh", "en"),
    [
        (None, "打不开", "cannot be opened"),
        (b"", "没有任何交易", "no payment"),
        (b"hello", "不是支付宝或微信", "not a bill"),
        (wechat(wechat_row())[:-60], "不完整", "cut off"),
        (wechat(wechat_row(), wechat_row(amount="?")), "第 2 笔", "payment 2"),
        (b"PK\x05\x06" + bytes(18), "压缩包", "archive"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_what_cannot_be_read_gets_one_sentence_in_each_language(
    file: Path, capsys: pytest.CaptureFixture[str], raw: bytes | None, zh: str, en: str, options: list[str]
):
    if raw is not None:
        file.write_bytes(raw)
    assert run(str(file), *options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    chinese, english = printed.err.splitlines()
    assert zh in chinese
    assert en in english
