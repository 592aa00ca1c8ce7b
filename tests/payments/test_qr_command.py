"""`hejie qr decode` prints what a code says; each fault has a sentence in each language, and exit 2."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from hejie import cli
from hejie.cli import qr
from hejie.payments import emvco
from hejie.payments.emvco import checksum
from hejie.payments.emvco_writer import Link, around

PUBLISHED = (Path(__file__).parents[1] / "contract" / "emvco" / "sample.txt").read_text(encoding="utf-8").strip()


def test_a_good_code_as_json(capsys):
    assert cli.main(["qr", "decode", PUBLISHED, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is True
    assert (told["kind"], told["merchant"], told["amount"], told["currency"]) == (
        "dynamic", "BEST TRANSPORT", "23.72", "156",
    )  # fmt: skip
    assert [each["scheme"] for each in told["accounts"]] == ["D15600000000", "D15600000001"]
    assert told["faults"] == []


def test_an_account_of_unionpay_is_called_so(capsys):
    text = "0002011506ABCDEF5204581253031565802CN5904SHOP6008HANGZHOU6304"
    assert cli.main(["qr", "decode", text + checksum(text), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accounts"] == [{"tag": "15", "scheme": "UnionPay", "value": "ABCDEF"}]


def test_a_paycode_is_named_with_its_page(capsys):
    plain = "0002011506ABCDEF5204581253031565802CN5904SHOP6008HANGZHOU6304"
    text = around(plain + checksum(plain), Link("0123456789", "https://hejie.example/330100"))
    assert cli.main(["qr", "decode", text, "--json"]) == 0
    page = "https://hejie.example/330100/code/0123456789"
    assert json.loads(capsys.readouterr().out)["paycode"] == {"number": "0123456789", "page": page}
    assert cli.main(["qr", "decode", text]) == 0
    assert page in capsys.readouterr().out


def test_a_bad_one_says_what_is_wrong_in_both_languages(capsys):
    assert cli.main(["qr", "decode", PUBLISHED.replace("23.72", "93.72")]) == 2
    shown = capsys.readouterr()
    assert "93.72" in shown.out
    assert "校验码是 A13A，应为" in shown.err
    assert "The checksum is A13A and should be" in shown.err


def test_it_reads_standard_input_and_steers_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("5908\x1b[31mabc\n"))
    assert cli.main(["qr", "decode", "-"]) == 2
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    assert "\\u001b[31mabc" in shown.out


def test_every_fault_has_its_sentence():
    named = set(re.findall(r'"(qr_[a-z_]+)"', Path(emvco.__file__).read_text(encoding="utf-8")))
    assert named == set(qr._SENTENCES)
    facts = {"place": 1, "said": "x", "right": "y", "tag": "59"}
    for zh, en in qr._SENTENCES.values():
        assert zh.format(**facts).endswith("。")
        assert en.format(**facts).endswith(".")


@pytest.mark.parametrize("text", ["", "00", "hello", "000201" * 200])
def test_nothing_crashes_it(text, capsys):
    assert cli.main(["qr", "decode", text, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["valid"] is False
