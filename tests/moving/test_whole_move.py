"""A city goes to a server of its own: an open dispute, its clock, a hand-over under way and its log go on there."""

from __future__ import annotations

from tests.moving.conftest import Moving
from tests.support.alliance import HERE, THERE


async def test_first(moving: Moving, capsys):
    two = moving.two
    here = await two.register(HERE)
    case = await two.file(here)
    await two.work()
    await moving.move("--to", moving.new.url)
    print(capsys.readouterr().out)
    assert await moving.arrive() == 0
