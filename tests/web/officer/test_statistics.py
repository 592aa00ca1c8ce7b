"""The page of statistics: its figures are those of the command it names, in a table no spreadsheet runs."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import json
import re
import shlex

import pytest
from tests.queries.counted import put
from tests.support.town import CITY, Town
from tests.web.consumer_lab import signed_in

from hejie.base.actor import Role
from hejie.cli import main
from hejie.intake.day_counts import count_all
from hejie.store.pool import city_transaction
from hejie.web import csv_out

MONTH = "from=2026-11-01&to=2026-11-30"


async def _some(here: Town) -> None:
    async with city_transaction(here.app.pool, CITY) as at:
        await put(at, "2026-11-03 09:00", ended=(30, "performed"), body={"refunded_fen": 1250})
        await put(at, "2026-11-03 10:00", ended=(200, "silent"), problem="=cmd|' /C calc'!A0")
        await count_all(here.app.pool, CITY)
        await put(at, "2026-11-09 10:00", ended=(3, "confirmed"), district="330106")
        await put(at, "2026-10-09 10:00", ended=(3, "confirmed"))


def _run(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict:
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


async def test_the_page_tells_what_its_own_command_counts(
    here: Town, app_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    await _some(here)
    officer = await signed_in(here, Role.officer, "officer-1", "330102")
    await officer.open(f"officer/statistics?{MONTH}")
    figures = dict(re.findall(r'data-figure="(\w+)">.*?<strong>([\d.]+)</strong>', officer.html, re.DOTALL))
    commands = [html.unescape(each) for each in re.findall(r"<code[^>]*>(hejie [^<]*)</code>", officer.html)]
    assert len(commands) == 5
    monkeypatch.setenv("HEJIE_DATABASE_URL", app_url)
    monkeypatch.setenv("HEJIE_KEYS", str(here.app.settings.keys))
    found = await asyncio.to_thread(_run, shlex.split(commands[0])[1:], capsys)
    now = found["whole"]["now"]
    assert {name: int(figures[name]) for name in ("received", "confirmed", "silent")} == {
        "received": 3,
        "confirmed": 1,
        "silent": 1,
    }
    for name, value in now.items():
        shown = round(float(figures[name]) * 100) if name.endswith("_fen") else int(figures[name])
        assert shown == value, name
    assert found["whole"]["growth"]["received"] == 200.0
    for command in commands[1:]:
        cut = await asyncio.to_thread(_run, shlex.split(command)[1:], capsys)
        ((name, lines),) = cut["cuts"].items()
        table = officer.html.split(f'id="cut-{name}"')[1].split("</table>")[0]
        rows = re.findall(r'data-code="([^"]*)">.*?<strong>(\d+)</strong>', table, re.DOTALL)
        assert [(html.unescape(code), int(n)) for code, n in rows] == [
            (each["code"], each["now"]["received"]) for each in lines
        ]
    kept = await asyncio.to_thread(_run, [*shlex.split(commands[0])[1:], "--counters"], capsys)
    rebuilt = await asyncio.to_thread(_run, [*shlex.split(commands[0])[1:], "--counters", "--rebuild"], capsys)
    assert kept == rebuilt == found
    for wrong in ("from=2026-11-30&to=2026-11-01", "from=x&to=y", "from=2026-11-01"):
        assert (await officer.open(f"officer/statistics?{wrong}")).status_code == 422
    await officer.http.aclose()


async def test_the_table_to_take_away_holds_no_formula_and_has_a_mark_of_its_encoding(here: Town):
    await _some(here)
    officer = await signed_in(here, Role.officer, "officer-1", "330102")
    answer = await officer.open(f"officer/statistics.csv?{MONTH}")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {9}
    cells = [cell for row in rows for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert next(row[4:6] for row in rows if row[0] == "all") == ["3", "1"]
    await officer.http.aclose()


async def test_figures_are_for_officers(here: Town):
    consumer = await signed_in(here, Role.consumer, here.consumer, "")
    await consumer.open("officer/statistics")
    assert "sign-in" in consumer.path
    await consumer.http.aclose()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "＝1", "\n=1"])
def test_a_cell_that_begins_like_a_formula_is_quoted(cell: str):
    ((told, number),) = csv.reader(io.StringIO(csv_out.lines([[cell, -5]]), newline=""))
    assert (told, number) == (f"'{cell}", "-5")


def test_words_that_cannot_be_a_time_are_refused_in_both_languages(capsys: pytest.CaptureFixture[str]):
    for days in (("2026-11-31", "2026-12-01"), ("2026-12-01", "2026-11-01")):
        assert main(["statistics", "--city", CITY, "--from", days[0], "--to", days[1]]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 2
