"""`hejie city new`: questions and answers, one file, keys that only their owner reads, and nothing overwritten."""

from __future__ import annotations

import stat

import pytest

from hejie import cli
from hejie.cities.reading import read_city
from hejie.settings import read_connections


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Types these lines at the questions."""

    def ask(*lines: str):
        left = iter(lines)
        monkeypatch.setattr("builtins.input", lambda _question: next(left, ""))
        monkeypatch.chdir(tmp_path)
        return cli.main(["city", "new", "--lang", "en"])

    return ask


def test_enter_takes_every_default(asked, tmp_path, capsys):
    assert asked("350200") == 0
    folder = tmp_path / "350200"
    city = read_city((folder / "350200.toml").read_text("utf-8"))
    assert (city.name.en, city.clocks.answer_hours, city.sms_signature) == ("Xiamen", 96, "厦门一键和解")
    secret = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".toml"]
    assert len(secret) == 5
    assert {stat.S_IMODE(file.stat().st_mode) for file in secret} == {0o600}
    exchange = read_connections(folder / "connections.json")["350200"].exchange
    assert "PRIVATE KEY" in exchange.signing_keys[0].read_text()
    shown = capsys.readouterr().out
    assert [command in shown for command in ("hejie rehearse", "hejie city apply", "hejie city check")] == [True] * 3


def test_a_wrong_answer_is_told_and_asked_again(asked, tmp_path, capsys):
    assert asked("33", "350200", "", "fr", "", "", "31.12.2026", "2027-01-01", "", "-1", "0", "48") == 0
    city = read_city((tmp_path / "350200" / "350200.toml").read_text("utf-8"))
    assert (city.clocks.answer_hours, city.valid_from.isoformat()) == (48, "2027-01-01")
    shown = capsys.readouterr().out
    for words in ("33 is not the division code", "Chinese (zh)", "31.12.2026 is no day", "-1 is no whole", ">= 1"):
        assert words in shown


def test_a_second_time_nothing_is_touched(asked, tmp_path, capsys):
    assert asked("350200") == 0
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert asked("350200") == 2
    assert "already" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_answers_come_from_a_file_too(tmp_path, capsys):
    answers = tmp_path / "answers.toml"
    answers.write_text('code = "620100"\nclocks = { answer_hours = 72 }\n')
    words = ["city", "new", "--answers", str(answers), "--folder", str(tmp_path / "lanzhou")]
    assert cli.main(words) == 0
    assert "answer_hours = 72" in (tmp_path / "lanzhou" / "620100.toml").read_text("utf-8")
    answers.write_text('code = "620102"\n')
    assert cli.main([*words[:-1], str(tmp_path / "other")]) == 2
    assert "620102" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
