"""A city goes to a server of its own: an open dispute, its clock, a hand-over under way and its log go on there."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from psycopg import sql
from tests.moving.conftest import Moving
from tests.support.alliance import HERE, THERE, Alliance, directory, member
from tests.support.folding import fold_all

from hejie import cli
from hejie.base.actor import Actor, Role
from hejie.handovers import commands as c
from hejie.handovers.model import State
from hejie.peers.directories import take_directory
from hejie.peers.signing import go_on
from hejie.queries.log_tree import receipt_of
from hejie.store.log_checkpoints import latest_cosigned
from hejie.store.moving.tables import tables
from hejie.store.pool import city_transaction
from hejie.transparency.checkpoints import read_checkpoint
from hejie.transparency.receipt import write
from hejie.transparency.witnessing import Signing

OFFICER = Actor(Role.officer, f"{THERE}-officer", THERE)


async def _cosigned(place: Alliance, city: str) -> int:
    """The log goes on once; the size of the newest checkpoint that the other city has cosigned."""
    tools = place.app.tools
    assert await go_on(tools.pool, city, tools.logs[city], tools.cities, tools.clock, tools.desk.mint) is Signing.may
    async with city_transaction(place.app.pool, city) as connection:
        note = await latest_cosigned(connection, city)
    assert note is not None
    return read_checkpoint(note).size


async def _next_directory(moving: Moving) -> None:
    """The keeper signs a version with the new address, which both cities take."""
    old = moving.old
    members = [member(old.keys[HERE], moving.new.url), member(old.keys[THERE], old.url)]
    file = directory(old.keeper, members, version=2)
    for place, city in ((moving.new, HERE), (old, THERE)):
        await take_directory(place.app.pool, place.app.tools.exchange[city], file, old.clock.now())


def _rows(url: str) -> dict[str, list[str]]:
    """Everything of the city, but what its arrival lets go of."""
    with psycopg.connect(url) as connection:
        return {
            table.name: sorted(
                str({**row, "leased_until": None})
                for (row,) in connection.execute(
                    sql.SQL("select to_jsonb(t) from {} t where city = {}").format(
                        sql.Identifier(table.name), sql.Literal(HERE)
                    )
                )
            )
            for table in tables(connection)
        }


async def _story(moving: Moving) -> tuple[str, str]:
    """An open dispute with its clock, one that is being handed over, and the proof of the first."""
    two = moving.two
    here = await two.register(HERE)
    case, leaving = await two.file(here), await two.file(here, trade="2026113022002", words="面是凉的")
    await two.hand_over(HERE, leaving, THERE)
    await two.work()
    assert (await two.handover(THERE, f"{leaving}-1")).state is State.offered
    assert await _cosigned(moving.old, HERE) > 0
    async with city_transaction(moving.old.app.pool, HERE) as connection:
        receipt = await receipt_of(connection, HERE, case, [1])
    (moving.folder / "proof.json").write_bytes(write(receipt))
    keys = moving.old.app.tools.logs[HERE].keys
    (moving.folder / "keys.txt").write_text("\n".join(map(str, keys)))
    return case, leaving


async def test_everything_goes_on_at_the_new_place(moving: Moving, capsys: pytest.CaptureFixture[str]):
    case, leaving = await _story(moving)
    due = (await moving.two.dispute(HERE, case)).due.at
    size = await _cosigned(moving.old, HERE)
    await moving.move("--to", moving.new.url)
    shown = capsys.readouterr().out
    assert str(moving.old.app.settings.keys / f"{HERE}.json") in shown
    assert f"{HERE}-log.pem" in shown
    assert f"{HERE}-opening.pem" in shown

    # The other city answers while nobody is at home: its letter is tried at the old address, and kept.
    await moving.two.to_handover(THERE, f"{leaving}-1", c.Refuse(code="merchant_unknown"), OFFICER)
    await moving.old.work()
    waits = "select state, code, tries from letter_out where state in ('submitted', 'relayed')"
    assert await moving.old.rows(THERE, waits) == [("relayed", "", 1)]

    assert await moving.arrive() == 0
    assert "has arrived" in capsys.readouterr().out
    old_url, new_url = (each.superuser_url for each in moving.databases)
    assert _rows(old_url) == _rows(new_url)
    with psycopg.connect(new_url) as connection:
        assert connection.execute("select count(*) from task where leased_until is not null").fetchone() == (0,)
    assert await moving.arrive() == 2
    assert "is here already" in capsys.readouterr().err

    moving.go_over()
    two = moving.two
    await _next_directory(moving)
    await two.pass_time(hours=6)
    await two.pass_time(hours=1)
    assert (await two.handover(HERE, f"{leaving}-1")).state is State.refused
    assert (await two.dispute(HERE, leaving)).away is None
    assert await moving.old.rows(THERE, waits) == []
    waiting = await two.dispute(HERE, case)
    assert (waiting.due.at, waiting.state.value) == (due, "awaiting_merchant")
    moving.old.clock.at = due
    await two.work()
    assert (await two.dispute(HERE, case)).state.value in {"overdue", "mediating"}

    proof = ["proof", "verify", str(moving.folder / "proof.json"), "--keys", str(moving.folder / "keys.txt")]
    assert await asyncio.to_thread(cli.main, proof) == 0
    assert await _cosigned(moving.new, HERE) > size
    with psycopg.connect(new_url) as connection:
        assert fold_all(connection)["dispute"] == 2
