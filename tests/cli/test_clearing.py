"""`hejie clearing`: only under an agreement, with totals; killed at any moment it loads the same the next time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hejie.cities.reading import shipped
from hejie.cli import main
from hejie_lab import clearing_writer as w

CITY, DAY = "330100", date(2026, 11, 20)
AGREEMENT = """
[[clearing]]
id = "up-2026"
party = "银联浙江分公司"
valid_from = 2026-01-01
valid_to = 2026-12-31
keep_days = 90
"""


@pytest.fixture
def city(tmp_path: Path, app_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEJIE_DATABASE_URL", app_url)
    monkeypatch.setenv("HEJIE_KEYS", str(tmp_path / "keys"))
    file = tmp_path / "city.toml"
    file.write_text(shipped(CITY) + AGREEMENT, encoding="utf-8")
    assert main(["city", "apply", str(file)]) == 0
    return tmp_path


def words(file: Path, *more: str, agreement: str = "up-2026") -> list[str]:
    own = ["clearing", "load", str(file), "--city", CITY, "--agreement", agreement, "--day", DAY.isoformat()]
    return [*own, *more]


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        row: Any = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0])


def test_a_file_goes_in_and_is_listed(city: Path, capsys: pytest.CaptureFixture[str]):
    file = city / "INN26112088ZM_898330154000001"
    told = w.write(file, "zm", w.movements(40, DAY, 1))
    (city / f"{file.name}.manifest.json").write_text(json.dumps(told))
    assert main(["clearing", "load", str(file), "--city", CITY, "--agreement", "up-2026"]) == 0
    assert main(words(file, "--json")) == 0
    out = capsys.readouterr().out
    assert "40 records, 0 broken, 2026-11-20" in out
    assert json.loads(out.splitlines()[-1])["again"] is True
    assert main(["clearing", "list", "--city", CITY]) == 0
    assert "up-2026" in capsys.readouterr().out


def test_broken_records_are_shown_with_their_reason(city: Path, capsys: pytest.CaptureFixture[str]):
    file = city / "day.zm"
    w.write(file, "zm", w.movements(5, DAY, 2))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], lines[2][:100] + b"\r\n", *lines[3:]]))
    assert main(words(file, "--no-totals")) == 0
    assert main(["clearing", "broken", "1", "--city", CITY]) == 0
    assert "too long or too short" in capsys.readouterr().out
    assert main(["clearing", "broken", "1", "--city", CITY, "--json", "--bytes"]) == 0
    assert bytes.fromhex(json.loads(capsys.readouterr().out)["bytes"]) == lines[2][:100]


@pytest.mark.parametrize(
    ("agreement", "day", "said"),
    [
        ("nobody", "2026-11-20", ("没有清算协议 nobody", "no clearing agreement nobody")),
        ("up-2026", "2025-12-31", ("在该日不生效", "not in force on this day")),
    ],
)
def test_without_an_agreement_nothing_is_loaded(
    city: Path, app_url: str, capsys: pytest.CaptureFixture[str], agreement: str, day: str, said: tuple[str, str]
):
    file = city / "day.csv"
    w.write(file, "csv", w.movements(5, DAY, 2))
    own = ["clearing", "load", str(file), "--city", CITY, "--agreement", agreement, "--day", day]
    assert main(own) == 2
    err = capsys.readouterr().err
    assert all(each in err for each in said)
    assert count(app_url, "clearing_file") == 0


def test_what_should_be_in_a_file_must_be_told(city: Path, capsys: pytest.CaptureFixture[str]):
    file = city / "day.zm"
    told = w.write(file, "zm", w.movements(5, DAY, 2))
    beside = city / "day.zm.manifest.json"
    assert main(words(file)) == 2
    assert "--no-totals" in capsys.readouterr().err
    for manifest, said in (
        ("{", "manifest"),
        (json.dumps(told | {"records": 6}), "holds 5 records, but 6"),
        (json.dumps(told | {"sha256": "0" * 64}), "not the one"),
        (json.dumps(told | {"records": -1}), "holds 5 records"),
    ):
        beside.write_text(manifest)
        assert main(words(file)) == 2
        assert said in capsys.readouterr().err
    beside.write_text(json.dumps(told))
    assert main(words(file)) == 0
    assert main(words(city / "x.txt")) == 2


def test_a_load_that_is_killed_leaves_nothing_and_loads_whole_the_next_time(city: Path, app_url: str, owner_url: str):
    """Killed twice while records flow; what stands in the end is what one load without a kill makes."""
    file = city / "day.csv"
    w.write(file, "csv", w.movements(40_000, DAY, 3))
    for delay in (0.0, 0.7):
        process = subprocess.Popen([sys.executable, "-m", "hejie", *words(file)], env=os.environ)
        _until_records_flow(app_url, process)
        time.sleep(delay)
        process.kill()
        assert process.wait() == -9
        _until_nobody_works(owner_url)
        assert [count(app_url, each) for each in ("clearing_file", "clearing_record", "clearing_reference")] == [0] * 3
    assert main(words(file)) == 0
    found = [count(app_url, each) for each in ("clearing_file", "clearing_record", "clearing_broken")]
    assert found == [1, 40_000, 0]
    assert count(app_url, "task where noun = 'clearing'") == 2
    assert count(app_url, "log where noun = 'intake'") == 1
    assert count(app_url, "clearing_reference") > 4 * 40_000


_FLOWS = "select 1 from pg_stat_activity where query like 'copy clearing_incoming%' and usename = current_user"
_WORKS = "select 1 from pg_stat_activity where application_name = 'hejie' and pid <> pg_backend_pid()"


def _until_records_flow(url: str, process: subprocess.Popen[bytes]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(_FLOWS).fetchone() is None:
            assert process.poll() is None
            time.sleep(0.01)


def _until_nobody_works(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(_WORKS).fetchone() is not None:
            time.sleep(0.05)
