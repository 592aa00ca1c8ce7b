"""A file of announcements: acknowledged when all is taken, rejected lines beside it; broken off it ends the same."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.town import BANK, CITY, CODE, NAME, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.cli.acquirer import speaker_of
from hejie.desk.merchants import MERCHANTS
from hejie.duties.announced_files import take_file
from hejie.merchants import commands as m
from hejie.merchants.announced import COLUMNS

OTHER, NOBODY = "91330106MA27WUGJ7G", "91330106MA28A1B2CE"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        second = place.app.desk.mint(CITY)
        register = m.RegisterMerchant(city=CITY, id=second, credit_code=OTHER, name="别家面馆")
        await place.app.desk.act(MERCHANTS, CITY, second, register, SYSTEM)
        yield place


def row(number: str, code: str = CODE, begins: str = "2026-01-01", ends: str = "", **more: str) -> list[str]:
    told = {"acquirer": BANK, "merchant": number, "terminal": "", "name": NAME, "credit_code": code}
    return list((told | {"valid_from": begins, "valid_to": ends} | more).values())


def put(folder: Path, rows: list[list[str]], name: str = "day.csv", encoding: str = "gb18030") -> Path:
    file = folder / name
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows([COLUMNS, *rows])
    body = file.read_bytes()
    file.write_bytes(body + f"TOTAL,{len(rows)},{hashlib.sha256(body).hexdigest()}\n".encode())
    return file


async def load(here: Town, file: Path) -> dict[str, Any]:
    await take_file(here.app.desk, CITY, file, speaker_of(here.app, CITY, BANK))
    found: dict[str, Any] = json.loads(file.with_name(f"{file.name}.ack.json").read_bytes())
    return found


def rejected(file: Path) -> list[list[str]]:
    with file.with_name(f"{file.name}.rejected.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def beside(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob("day.csv*"))


async def standing(here: Town) -> list[tuple[Any, ...]]:
    return [
        *await here.rows("select identity, merchant, begins, ends from binding order by identity, begins"),
        *await here.rows("select identity, credit_code, begins, null from announced_waiting order by identity"),
    ]


BEFORE = [row("M1"), row("M2"), row("M3", OTHER)]
ROWS = [
    row("M1", OTHER, "2026-06-01"),
    row("M1", ends="2026-05-31"),
    row("M2", OTHER, "2026-06-01"),
    row("=M9+1"),
    row("M4", NOBODY),
    row("M5"),
    row("M5", ends="2026-03-01"),
    row("M6", "123"),
    row("M3", OTHER, ends="2026-02-01"),
    row("M3", begins="2026-02-02"),
]
REJECTED = ["4 binding_overlaps", "5 announcement_number", "8 announcement_twice", "9 credit_code_length"]


async def test_a_file_is_acknowledged_and_its_rejected_lines_lie_beside_it(here: Town, tmp_path: Path):
    await load(here, put(tmp_path, BEFORE, "first.csv"))
    file = put(tmp_path, ROWS)
    told = await load(here, file)
    assert {name: told[name] for name in ("lines", "bound", "waiting", "rejected")} == {
        "lines": 10, "bound": 5, "waiting": 1, "rejected": 4,
    }  # fmt: skip
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    today = here.app.clock.now().astimezone(SHANGHAI).date()
    assert told["business_day"] == today.isoformat()
    head, *lines, total = rejected(file)
    assert head == ["line", "code", "as it came"]
    assert [" ".join(each[:2]) for each in lines] == REJECTED
    assert total == ["TOTAL", "4"]
    assert lines[1][3] == "'=M9+1"
    june = datetime(2026, 5, 31, 16, tzinfo=UTC)
    spans = [(each[0].rpartition("/")[2], each[2] == june, each[3] == june) for each in await standing(here)]
    assert ("M1", False, True) in spans
    assert ("M1", True, False) in spans


async def test_the_same_file_again_changes_nothing(here: Town, tmp_path: Path):
    file = put(tmp_path, ROWS)
    first = await load(here, file)
    before = await here.rows("select * from log order by noun, id, version"), await standing(here)
    file.with_name("day.csv.ack.json").unlink()
    here.advance(hours=30)
    assert await load(here, file) == first
    assert (await here.rows("select * from log order by noun, id, version"), await standing(here)) == before


class BrokenError(Exception):
    """The power is gone."""


@pytest.mark.parametrize("acts", range(6))
async def test_broken_off_anywhere_and_taken_again_it_ends_the_same(
    here: Town, tmp_path: Path, acts: int, monkeypatch: pytest.MonkeyPatch
):
    await load(here, put(tmp_path, BEFORE, "first.csv"))
    file = put(tmp_path, ROWS)
    desk, left = here.app.desk, [acts]
    real = desk.act

    async def act(*args: Any, **more: Any) -> Any:
        if left[0] == 0:
            raise BrokenError
        left[0] -= 1
        return await real(*args, **more)

    monkeypatch.setattr(desk, "act", act)
    with pytest.raises(BrokenError):
        await load(here, file)
    assert not file.with_name("day.csv.ack.json").exists()
    assert not file.with_name("day.csv.rejected.csv").exists()
    monkeypatch.setattr(desk, "act", real)
    told = await load(here, file)
    assert (told["bound"], told["waiting"], told["rejected"]) == (5, 1, 4)
    assert [" ".join(each[:2]) for each in rejected(file)[1:-1]] == REJECTED
    assert len(await standing(here)) == 7


async def test_a_file_that_is_refused_leaves_nothing(here: Town, tmp_path: Path):
    file = put(tmp_path, ROWS)
    file.write_bytes(file.read_bytes().replace(b"M2", b"M7"))
    with pytest.raises(Refused, match="announcement_changed"):
        await load(here, file)
    file.with_name("day.csv.manifest.json").write_text("{")
    with pytest.raises(Refused, match="manifest_unreadable"):
        await load(here, file)
    assert await standing(here) == []
    assert beside(tmp_path) == ["day.csv", "day.csv.manifest.json"]
