"""`hejie acquirer`: a file is taken and acknowledged, killed it ends the same the next time; one payment is asked."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from tests.support.town import BANK, CITY, CODE, NAME, Town, town

from hejie.cli import main
from hejie.duties.answer_files import COLUMNS as COLUMNS_OF_ANSWERS
from hejie.merchants import commands as m
from hejie.merchants.announced import COLUMNS

LINES = 400


@pytest.fixture
async def here(tmp_path: Path, app_url: str, monkeypatch: pytest.MonkeyPatch):
    async with town(tmp_path, app_url) as place:
        monkeypatch.setenv("HEJIE_DATABASE_URL", app_url)
        monkeypatch.setenv("HEJIE_KEYS", str(tmp_path / "keys"))
        monkeypatch.setenv("HEJIE_CONNECTIONS", str(tmp_path / "connections.json"))
        yield place


def put(folder: Path, count: int) -> Path:
    rows = [f"{BANK},M{n},,{NAME},{CODE},2026-01-01," for n in range(count)]
    body = "".join(f"{row}\n" for row in [",".join(COLUMNS), *rows, f"{BANK},M0,,{NAME},x,2026-01-01,"]).encode()
    file = folder / "day.csv"
    file.write_bytes(body + f"TOTAL,{count + 1},{hashlib.sha256(body).hexdigest()}\n".encode())
    return file


def words(file: Path, *more: str, act: str = "load") -> list[str]:
    return ["acquirer", act, str(file), "--city", CITY, "--acquirer", BANK, *more]


async def run(*given: str) -> int:
    return await asyncio.to_thread(main, list(given))


async def test_a_file_is_taken(here: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = put(tmp_path, 3)
    assert await run(*words(file)) == 0
    assert "4 lines: 3 bound, 0 waiting, 1 rejected" in capsys.readouterr().out
    assert await run(*words(file, "--json")) == 0
    assert json.loads(capsys.readouterr().out)["bound"] == 3
    assert await run("acquirer", "load", str(file), "--city", CITY, "--acquirer", "1") == 2
    assert "not connected to such an acquirer" in capsys.readouterr().err
    file.write_bytes(file.read_bytes()[:-20])
    assert await run(*words(file)) == 2
    assert "末尾没有 TOTAL" in capsys.readouterr().err


async def test_one_payment_is_asked_for_and_the_asking_is_written_down(
    here: Town, app_url: str, capsys: pytest.CaptureFixture[str]
):
    number = (await here.pay_acquirer(1234)).partition("-")[2]
    ask = ["acquirer", "ask", "--city", CITY, "--acquirer", BANK, "--dispute", "d-1"]
    assert await run(*ask, "--purpose", "find the payee", "--number", number, "--json") == 0
    assert json.loads(capsys.readouterr().out)["amount_fen"] == 1234
    assert await here.rows("select purpose, dispute, role, answers from trace_asked") == [
        ("find the payee", "d-1", "operator", 1)
    ]
    for wrong in (
        ["--purpose", " ", "--number", number],
        ["--purpose", "x y"],
        ["--purpose", "x y", "--terminal", "T"],
    ):
        assert await run(*ask, *wrong) == 2
    assert [row["dispute"] for row in here.wallet.get("acquirer/ledger")["asked"]] == ["d-1"]


async def test_a_load_that_is_killed_ends_the_same_the_next_time(here: Town, tmp_path: Path, app_url: str):
    """Killed twice while lines are taken; in the end stands what one load without a kill makes."""
    file = put(tmp_path, LINES)
    acknowledged = file.with_name("day.csv.ack.json")
    for least in (20, 150):
        await asyncio.to_thread(_killed, file, app_url, least)
        assert not acknowledged.exists()
    assert await run(*words(file)) == 0
    told = json.loads(acknowledged.read_bytes())
    assert (told["lines"], told["bound"], told["rejected"]) == (LINES + 1, LINES, 1)
    assert await here.rows("select count(*), count(distinct identity) from binding") == [(LINES, LINES)]
    assert await here.rows("select count(*) from log where noun = 'intake' and event = 'AnnouncementTaken'") == [(1,)]
    rejected = file.with_name("day.csv.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert rejected[-2:] == [f"{LINES + 2},credit_code_length,{BANK},M0,,{NAME},x,2026-01-01,", "TOTAL,1"]


async def test_answers_that_were_killed_are_given_once_each(here: Town, tmp_path: Path, app_url: str):
    """Sixty messages in one dispute, each on the version before; killed in the midst, then taken again."""
    until = here.app.clock.now() + timedelta(days=30)
    await here.tell(m.LetAnswer(acquirer=BANK, most_fen=0, expires_at=until), here.as_merchant)
    dispute = await here.file(await here.pay_acquirer())
    rows = [f"answer-2026-{n:08},{dispute},{n},say,,,,,第 {n} 句" for n in range(1, 61)]
    body = "".join(f"{row}\n" for row in [",".join(COLUMNS_OF_ANSWERS), *rows]).encode("gb18030")
    file = tmp_path / "day.csv"
    file.write_bytes(body + f"TOTAL,60,{hashlib.sha256(body).hexdigest()}\n".encode())
    await asyncio.to_thread(_killed, file, app_url, 20, "answers", "log where event = 'Said'")
    assert not file.with_name("day.csv.ack.json").exists()
    assert not file.with_name("day.csv.rejected.csv").exists()
    for _ in range(2):
        assert await run(*words(file, act="answers")) == 0
    told = json.loads(file.with_name("day.csv.ack.json").read_bytes())
    assert (told["answered"], told["rejected"]) == (60, 0)
    assert await here.rows("select count(*) from log where event = 'Said'") == [(60,)]
    assert (await here.read(dispute)).version == 61


async def test_a_file_for_the_bank_is_written(here: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    dispute = await here.file(await here.pay_acquirer())
    export = ["acquirer", "export", "--city", CITY, "--acquirer", BANK, "--kind", "disputes"]
    assert await run(*export, "--into", str(tmp_path), "--encoding", "gb18030", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"] == 1
    file = tmp_path / told["path"]
    assert dispute in file.read_text(encoding="gb18030")
    assert file.with_name(f"{file.name}.manifest.json").exists()
    assert await run(*export, "--into", str(tmp_path / "nowhere")) == 2
    assert "No such file" in capsys.readouterr().err


def _killed(file: Path, url: str, least: int, act: str = "load", what: str = "binding") -> None:
    """Start a load and kill it once so many lines stand."""
    process = subprocess.Popen([sys.executable, "-m", "hejie", *words(file, act=act)], env=os.environ)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        while (connection.execute(f"select count(*) from {what}").fetchone() or (0,))[0] < least:
            assert process.poll() is None
            time.sleep(0.01)
    process.kill()
    assert process.wait() == -9
