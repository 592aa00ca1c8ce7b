"""One direction between two cities is cut in the middle of a hand-over, for three days; healed, both agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.conftest import Database
from tests.handovers.conftest import Two
from tests.support.alliance import HERE, THERE, Hand, alliance
from tests.support.cut import Road, road

from hejie.disputes.model import Dispute


@pytest.fixture
async def roads(
    tmp_path: Path, database: Database, far_database: Database
) -> AsyncIterator[tuple[Two, dict[str, Road]]]:
    keeper, clock = Ed25519PrivateKey.generate(), Hand()
    async with AsyncExitStack() as stack:
        ways = {city: await stack.enter_async_context(road()) for city in (HERE, THERE)}
        made = []
        for (city, front), base in zip(ways.items(), (database, far_database), strict=True):
            (folder := tmp_path / city).mkdir()
            place = alliance(folder, base.app_url, city, keeper=keeper, front=front, clock=clock)
            made.append(await stack.enter_async_context(place))
        members = [each for one in made for each in one.members]
        for one in made:
            one.members = members
            await one.join()
        yield Two(*made), ways


async def _home(two: Two, case: str) -> list[Dispute]:
    """Those who would decide; never more than one."""
    rows = [
        await two.dispute(city, case)
        for city in (HERE, THERE)
        if await two.rows(city, "select 1 from dispute where id = %s", case)
    ]
    deciding = [row for row in rows if row.home == row.city and row.away is None]
    assert len(deciding) <= 1
    return deciding


@pytest.mark.parametrize("cut", [HERE, THERE], ids=["nothing-from-the-sender", "nothing-from-the-receiver"])
@pytest.mark.parametrize("hours", [0, 72])
async def test_one_direction_is_cut_and_healed(roads: tuple[Two, dict[str, Road]], cut: str, hours: int):
    two, ways = roads
    here, there = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    due = (await two.dispute(HERE, case)).due.at
    other = THERE if cut == HERE else HERE
    ways[other].there = ways[cut].back = False
    await two.hand_over(HERE, case, THERE)
    for _ in range(max(1, hours // 6)):
        await two.work()
        await _home(two, case)
        if hours:
            await two.pass_time(hours=6)
    assert ways[HERE].lost + ways[THERE].lost > 0
    assert (await two.dispute(HERE, case)).away.gone is False
    if hours >= 24:
        waiting = await two.rows(HERE, "select kind from work_item where done_at is null")
        assert ("letter_waiting",) in waiting
    ways[other].there = ways[cut].back = True
    for _ in range(4):
        await two.pass_time(hours=3)
    kept, taken = await two.dispute(HERE, case), await two.dispute(THERE, case)
    assert (kept.home, taken.home, taken.merchant, taken.due.at) == (THERE, THERE, there, due)
    assert await _home(two, case) == [taken]
    assert await two.rows(THERE, "select count(*) from letter_conflict") == [(0,)]
    assert await two.rows(HERE, "select count(*) from letter_out where state <> 'retrieved'") == [(0,)]
    assert ("letter_waiting",) not in await two.rows(HERE, "select kind from work_item where done_at is null")


async def test_what_comes_back_before_its_taking_was_heard_waits_for_that(roads: tuple[Two, dict[str, Road]]):
    two, ways = roads
    await two.register(HERE), await two.register(THERE)
    case = await two.file(here := (await two.rows(HERE, "select id from merchant"))[0][0])
    ways[HERE].there = ways[THERE].back = False
    await two.hand_over(HERE, case, THERE)
    await two.work()
    await two.hand_over(THERE, case, HERE, "given_back")
    await two.work()
    ways[HERE].there = ways[THERE].back = True
    offer = "select payload from task where kind = 'take_letter'"
    for _ in range(10):
        await two.pass_time(minutes=5)
        if not await two.rows(HERE, offer):
            break
        await asyncio.sleep(0.3)
    back = await two.dispute(HERE, case)
    assert (back.home, back.away, back.turn, back.merchant) == (HERE, None, 2, here)
    assert (await two.dispute(THERE, case)).home == HERE
    assert await two.rows(THERE, "select count(*) from letter_out where state = 'refused'") == [(0,)]
