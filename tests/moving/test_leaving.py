"""Out of the alliance: what must be over before is listed; clocks, log and proofs go on without the others."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.moving.conftest import Moving
from tests.moving.test_whole_move import OFFICER, _story
from tests.support.alliance import HERE, THERE, Alliance, directory
from tests.support.folding import fold_all

from hejie import cli
from hejie.alliance.directory import SignedDirectory
from hejie.base import curves
from hejie.handovers import commands as c
from hejie.peers.directories import take_directory


async def _check(moving: Moving, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    status = await moving.hejie(moving.old, "city", "move", HERE, "--check", "--lang", "en")
    return status, capsys.readouterr().out


def _without(folder: Path, old: Alliance) -> SignedDirectory:
    """The keeper's next version, in which the city does not stand."""
    file, key = folder / "directory.json", folder / "keeper.pem"
    key.write_text(curves.private_text(old.keeper))
    file.write_bytes(msgspec.json.encode(directory(old.keeper, old.members)))
    for words in (("remove", str(file), HERE), ("sign", str(file), "--key", str(key))):
        assert cli.main(["alliance", "directory", *words]) == 0
    return msgspec.json.decode(file.read_bytes(), type=SignedDirectory)


async def test_a_city_leaves_once_nothing_ties_it_and_goes_on_alone(moving: Moving, capsys: pytest.CaptureFixture[str]):
    case, leaving = await _story(moving)
    two, old = moving.two, moving.old
    due = (await two.dispute(HERE, case)).due.at
    await old.put(HERE, THERE, "x", 1, {"words": "再见"})
    merchant = (await two.dispute(HERE, case)).merchant
    resting = await two.file(merchant, trade="2026113022003", words="汤是凉的")
    await two.hand_over(HERE, resting, THERE)
    status, shown = await _check(moving, capsys)
    assert status == 1
    assert "2 hand-overs without an end" in shown
    assert "1 letters that have not arrived" in shown
    assert "still in the directory" in shown
    await two.work()
    for each in (leaving, resting):
        await two.to_handover(THERE, f"{each}-1", c.Refuse(code="merchant_unknown"), OFFICER)
    await two.pass_time(hours=1)
    status, shown = await _check(moving, capsys)
    assert (status, shown.count("\n- "), "still in the directory" in shown) == (1, 1, True)

    file = _without(moving.folder, old)
    assert file.directory["version"] == 2
    for city in (HERE, THERE):
        await take_directory(old.app.pool, old.app.tools.exchange[city], file, datetime.now(UTC))
    assert (await _check(moving, capsys))[0] == 0

    connections = msgspec.json.decode((moving.folder / "new" / "connections.json").read_bytes())
    del connections[HERE]["exchange"]
    (moving.folder / "new" / "connections.json").write_bytes(msgspec.json.encode(connections))
    await moving.move()
    assert await moving.arrive() == 0
    moving.go_over()
    old.clock.at = due
    await moving.new.work()
    assert (await moving.two.dispute(HERE, case)).state.value in {"overdue", "mediating"}
    assert await moving.new.rows(HERE, "select kind from task where parked") == []
    proof = ["proof", "verify", str(moving.folder / "proof.json"), "--keys", str(moving.folder / "keys.txt")]
    assert await asyncio.to_thread(cli.main, proof) == 0
    with psycopg.connect(moving.databases[1].superuser_url) as connection:
        assert fold_all(connection)["dispute"] == 3
