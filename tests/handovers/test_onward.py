"""A dispute goes on to a third city, and an offer that a city cannot read comes home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.handovers.conftest import PLACES, Two
from tests.support.alliance import HERE, THERE, alliance

from hejie.duties.take_letter import letter_over
from hejie.handovers.model import State
from hejie.worker import Work

THIRD = "440100"
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
async def three(tmp_path: Path, app_url: str, monkeypatch) -> AsyncIterator[Two]:
    monkeypatch.setitem(PLACES, THIRD, "440106")
    async with alliance(tmp_path, app_url, HERE, THERE, THIRD) as cities:
        await cities.join()
        yield Two(cities)


async def test_its_second_home_hands_it_on_to_a_third_city(three: Two):
    here = await three.register(HERE)
    for city in (THERE, THIRD):
        await three.register(city)
    case = await three.file(here)
    for before, after in ((HERE, THERE), (THERE, THIRD)):
        await three.hand_over(before, case, after)
        await three.work()
    assert [(await three.dispute(city, case)).home for city in (HERE, THERE, THIRD)] == [THIRD] * 3


async def test_its_first_city_hears_that_the_third_has_given_it_back(three: Two):
    here = await three.register(HERE)
    for city in (THERE, THIRD):
        await three.register(city)
    case = await three.file(here)
    for before, after in ((HERE, THERE), (THERE, THIRD), (THIRD, THERE)):
        await three.hand_over(before, case, after)
        await three.work()
    homes = [(await three.dispute(city, case)).home for city in (HERE, THERE, THIRD)]
    assert (homes, (await three.dispute(HERE, case)).away.summary.home) == ([THERE] * 3, THERE)


async def test_an_offer_that_is_refused_as_unreadable_leaves_the_dispute_here(two: Two):
    here = await two.register(HERE)
    case = await two.file(here)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    told = {"peer": THERE, "kind": "handover_offer", "about": f"{case}-1", "number": 2, "refused": "record_broken"}
    work = Work(HERE, 1, "letter_over", "letter", "letter-1", told, 1, NOW, NOW)
    await letter_over(work, two.both.app.tools)
    await two.work()
    assert (await two.handover(HERE, f"{case}-1")).state is State.refused
    assert (await two.dispute(HERE, case)).away is None
