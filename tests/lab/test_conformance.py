"""The conformance run: our own installation holds in everything, and a broken one is found out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.alliance import HERE, THERE, Alliance, Hand, alliance, dated, directory

from hejie.alliance.directory import COSIGN
from hejie.cli import main
from hejie.peers import inbox
from hejie.transparency.keys import Signer
from hejie.transparency.parties import OwnLog
from hejie_lab.conformance.report import CHECKS, Report


class Real(Hand):
    """The clock on the wall."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@asynccontextmanager
async def working(both: Alliance) -> AsyncIterator[None]:
    """Duties done as they come."""

    async def go_on() -> None:
        while True:
            await both.work()
            await asyncio.sleep(0.1)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


Run = Callable[..., asyncio.Future[int]]


def with_log(both: Alliance, told: dict[str, Any]) -> dict[str, Any]:
    """A member that keeps a log."""
    city, key = told["city"], Ed25519PrivateKey.generate()
    logs: Any = both.app.tools.logs
    logs[city] = OwnLog(signer=Signer(f"{city}.example/log", key))
    return {**told, "log_keys": [dated(key, name=f"{city}.example/log")], "rights": [*told["rights"], COSIGN]}


@pytest.fixture
async def both(tmp_path: Path, app_url: str) -> AsyncIterator[Alliance]:
    async with alliance(tmp_path, app_url, clock=Real()) as found:
        found.members = [with_log(found, each) for each in found.members]
        yield found


@pytest.fixture
async def run(tmp_path: Path, both: Alliance) -> AsyncIterator[Run]:
    """The command, run by Hangzhou against Chengdu; more words may follow."""
    await both.join()
    file = tmp_path / "directory.json"
    file.write_bytes(msgspec.json.encode(directory(both.keeper, both.members)))
    words = ["conformance", both.url, "--city", THERE, "--as", HERE, "--directory", str(file)]
    words += ["--key", str(tmp_path / f"{HERE}-signing.pem")]
    async with working(both):
        yield lambda *more: asyncio.ensure_future(asyncio.to_thread(main, [*words, *more]))


async def test_this_very_house_holds_in_everything(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    page = tmp_path / "report.html"
    assert await run("--html", str(page)) == 0, capsys.readouterr().out
    told = capsys.readouterr().out
    assert "全部通过" in told
    assert page.read_text().count("<tr><td>") == told.count("通过") - 1 == len(CHECKS)


async def test_a_house_that_believes_too_much_is_found_out(
    run: Run, both: Alliance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(inbox, "must_be_from", lambda *_: None)
    monkeypatch.setattr(inbox, "_agreed", lambda *_: "")
    with_log(both, both.members[1])  # it signs with a key that the directory does not name
    assert await run("--json") == 1
    told = capsys.readouterr().out  # among lines of duties that found their log silent
    report = msgspec.json.decode(told[told.index("{\n") : told.rindex("\n}") + 2], type=Report)
    assert {each.id for each in report.lines if not each.holds} >= {"B1", "B5", "B6", "H10"}


async def test_an_address_that_is_no_members_is_refused(run: Run, capsys: pytest.CaptureFixture[str]):
    assert await run("--city", "999999") == 2
    assert "999999" in capsys.readouterr().err
