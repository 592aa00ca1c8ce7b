"""Files for an acquirer and its answers by file: whole or not at all, each answer once, wherever it broke off."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.town import BANK, BANK_MERCHANT, CITY, Town, town

from hejie.base.errors import Refused
from hejie.base.told_file import Form, lines
from hejie.cli.acquirer import speaker_of
from hejie.disputes import commands as d
from hejie.disputes.model import Road
from hejie.disputes.states import State
from hejie.duties.acquirer_exports import Export, Kind, write_export
from hejie.duties.answer_files import COLUMNS, take_answers
from hejie.duties.partner_files import checked
from hejie.merchants import commands as m
from hejie.queries import acquirer as queries
from hejie.store.pool import city_transaction

DISPUTES = Form(columns=queries.Disputed.__struct_fields__)
REFUNDS = Form(columns=queries.Refunded.__struct_fields__)


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    """The merchant lets the bank answer up to ¥50, and the city refund there."""
    async with town(tmp_path / "town", app_url) as place:
        until = place.app.clock.now() + timedelta(days=300)
        await place.tell(m.LetAnswer(acquirer=BANK, most_fen=5000, expires_at=until), place.as_merchant)
        yield place


async def export(here: Town, into: Path, kind: Kind = "disputes", encoding: str = "utf-8") -> Path:
    told = Export(city=CITY, acquirer=BANK, kind=kind, into=into, encoding=encoding)
    return (await write_export(here.app.pool, here.app.clock, told)).path


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.is_file())


def parts(path: Path, form: Form) -> list[dict[str, str]]:
    """The lines of a file that holds what its totals and its manifest tell."""
    count = checked(path, form).lines
    with path.open("rb") as stream:
        found = [dict(line.parts or {}) for line in lines(stream, form)]
    assert len(found) == count
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_the_disputes_and_refunds_of_a_bank_are_written(
    here: Town, tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
):
    """The same as by call, page by page; other ways of paying stay out."""
    monkeypatch.setattr(queries, "MOST", 2)
    filed = [await here.file(await here.pay_acquirer()) for _ in range(5)]
    await here.file(await here.pay_unionpay())
    await here.act(filed[0], d.AcceptOffer(offer="claim"), here.as_merchant)
    written = await export(here, tmp_path, encoding=encoding)
    rows = parts(written, DISPUTES)
    assert [row["dispute"] for row in rows] == sorted(filed)
    async with city_transaction(here.app.pool, CITY) as connection:
        page, _ = await queries.disputes_of(connection, CITY, BANK, "", here.app.clock.now())
    assert {name: rows[0][name] for name in ("payment", "merchant", "paid_fen", "may_answer", "offer")} == {
        "payment": page[0].payment, "merchant": BANK_MERCHANT, "paid_fen": "5000", "may_answer": "true", "offer": "",
    }  # fmt: skip
    assert (rows[1]["offer"], rows[1]["offer_remedy"], rows[1]["offer_fen"]) == ("claim", "refund_full", "5000")
    assert parts(await export(here, tmp_path, "refunds", encoding), REFUNDS) == []
    assert [name.partition("-")[0] for name in names(tmp_path)] == ["disputes", "disputes", "refunds", "refunds"]


async def test_a_refund_and_its_state_are_told(here: Town, tmp_path: Path):
    account = f"{BANK}-{BANK_MERCHANT}"
    await here.tell(m.AskEnrolment(wallet="acquirer", account=account))
    await here.work()
    await here.task("grant_authority", here.merchant, {"wallet": "acquirer", "code": account}, "merchant")
    await here.work()
    dispute = await here.file(await here.pay_acquirer())
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.api), here.as_merchant)
    for _ in range(3):
        await here.work()
        here.advance(seconds=30)
    (told,) = parts(await export(here, tmp_path, "refunds"), REFUNDS)
    assert (told["key"], told["dispute"], told["amount_fen"]) == (f"{dispute}-1", dispute, "5000")
    assert (told["merchant"], told["state"], told["code"]) == (BANK_MERCHANT, "succeeded", "")
    here.advance(days=31)
    assert parts(await export(here, tmp_path, "refunds"), REFUNDS) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from hejie.duties.partner_files import Outgoing
with Outgoing(Path(sys.argv[1]), ["a"], "utf-8") as out:
    for number in range(10_000):
        out.write([number])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_file_whose_writer_is_killed_is_not_there(tmp_path: Path):
    file = tmp_path / "disputes.csv"
    done = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert done.returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".disputes.csv."), "what it had written has no file's name"


async def test_a_file_that_breaks_off_leaves_nothing(here: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: object) -> Any:
        raise BrokenError

    into = tmp_path / "out"
    into.mkdir()
    monkeypatch.setattr("hejie.duties.acquirer_exports.disputes_of", broken)
    with pytest.raises(BrokenError):
        await export(here, into)
    assert names(into) == []


class BrokenError(Exception):
    """The power is gone."""


def put(folder: Path, rows: list[dict[str, object]], encoding: str = "gb18030") -> Path:
    file = folder / "answers.csv"
    with file.open("w", encoding=encoding, newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    body = file.read_bytes()
    file.write_bytes(body + f"TOTAL,{len(rows)},{hashlib.sha256(body).hexdigest()}\n".encode())
    return file


async def take(here: Town, file: Path) -> dict[str, Any]:
    await take_answers(here.app.desk, CITY, file, speaker_of(here.app, CITY, BANK))
    found: dict[str, Any] = json.loads(file.with_name(f"{file.name}.ack.json").read_bytes())
    return found


def rejected(file: Path) -> list[list[str]]:
    with file.with_name(f"{file.name}.rejected.csv").open(encoding="utf-8", newline="") as stream:
        return [row[:2] for row in csv.reader(stream)][1:]


def key(number: int) -> str:
    return f"answer-2026-{number:08}"


async def rows_for(here: Town) -> tuple[list[dict[str, object]], list[str]]:
    """Lines of every kind on three disputes of the bank and one of another."""
    one, two, three = [await here.file(await here.pay_acquirer()) for _ in range(3)]
    other = await here.file(await here.pay_unionpay())
    given: list[tuple[str, int, dict[str, object]]] = [
        (one, 1, {"answer": "say", "words": "您好，正在处理。"}),
        (one, 2, {"answer": "accept", "offer": "claim"}),
        (two, 1, {"answer": "offer", "remedy": "refund_part", "amount_fen": 2000, "words": "=先退一部分"}),
        (two, 1, {"answer": "say", "words": "too late"}),
        (three, 1, {"answer": "decline", "words": "长" * 1000}),
        (three, 2, {"answer": "offer", "remedy": "compensation", "amount_fen": 5001}),
        (three, 2, {"answer": "fly"}),
        (other, 1, {"answer": "say", "words": "好"}),
    ]
    rows = [{"key": key(n), "dispute": where, "version": seen} | more for n, (where, seen, more) in enumerate(given)]
    return [*rows, rows[0] | {"key": "short"}], [one, two, three, other]


REJECTED = [
    ["5", "stale"], ["7", "above_answer_leave"], ["8", "answer_line"], ["9", "dispute_unknown"],
    ["10", "key_unreadable"], ["TOTAL", "5"],
]  # fmt: skip


async def standing(here: Town, disputes: list[str]) -> list[tuple[State, int]]:
    return [(row.state, row.version) for row in [await here.read(each) for each in disputes]]


AFTER = [(State.settling, 3), (State.awaiting_consumer, 2), (State.awaiting_consumer, 2), (State.awaiting_merchant, 1)]


async def test_answers_are_taken_line_by_line_and_the_same_file_again_changes_nothing(here: Town, tmp_path: Path):
    rows, disputes = await rows_for(here)
    file = put(tmp_path, rows)
    told = await take(here, file)
    assert (told["lines"], told["answered"], told["rejected"]) == (9, 4, 5)
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert rejected(file) == REJECTED
    assert await standing(here, disputes) == AFTER
    log = await here.rows("select * from log order by noun, id, version")
    file.with_name("answers.csv.ack.json").unlink()
    here.advance(hours=30)
    assert await take(here, file) == told
    assert await here.rows("select * from log order by noun, id, version") == log
    (tmp_path / "other").mkdir()
    again = await take(here, put(tmp_path / "other", [rows[0], rows[1]], "utf-8"))
    assert (again["answered"], again["rejected"]) == (2, 0), "another file with the same keys: given before"
    assert await standing(here, disputes) == AFTER


@pytest.mark.parametrize("acts", [1, 3])
async def test_answers_that_broke_off_end_the_same(
    here: Town, tmp_path: Path, acts: int, monkeypatch: pytest.MonkeyPatch
):
    rows, disputes = await rows_for(here)
    file, desk, left = put(tmp_path, rows), here.app.desk, [acts]
    real = desk.act

    async def act(*args: Any, **more: Any) -> Any:
        if left[0] == 0:
            raise BrokenError
        left[0] -= 1
        return await real(*args, **more)

    monkeypatch.setattr(desk, "act", act)
    with pytest.raises(BrokenError):
        await take(here, file)
    assert names(tmp_path) == ["answers.csv"]
    monkeypatch.setattr(desk, "act", real)
    told = await take(here, file)
    assert (told["answered"], told["rejected"]) == (4, 5)
    assert rejected(file) == REJECTED
    assert await standing(here, disputes) == AFTER


async def test_a_file_of_answers_that_is_refused_leaves_nothing(here: Town, tmp_path: Path):
    rows, disputes = await rows_for(here)
    file = put(tmp_path, rows)
    file.write_bytes(file.read_bytes().replace(b"2000", b"2001"))
    with pytest.raises(Refused, match="announcement_changed"):
        await take(here, file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(Refused, match="announcement_cut_off"):
        await take(here, file)
    assert {version for _, version in await standing(here, disputes)} == {1}
    assert names(tmp_path) == ["answers.csv"]
