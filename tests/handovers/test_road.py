"""A dispute goes to the merchant's city with its record, is decided there alone, and its first city hears of it."""

from __future__ import annotations

import pytest
from tests.handovers.conftest import Two
from tests.support.alliance import HERE, THERE

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import Refused
from hejie.disputes import commands as d
from hejie.handovers.model import State


async def test_it_is_taken_with_its_record_and_only_its_new_home_decides(two: Two):
    here, there = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    before = await two.dispute(HERE, case)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    kept, taken = await two.dispute(HERE, case), await two.dispute(THERE, case)
    assert (kept.home, taken.home, taken.city, taken.turn) == (THERE, THERE, THERE, 1)
    assert (taken.merchant, taken.due.at, taken.filed_at) == (there, before.due.at, before.filed_at)
    assert (await two.handover(HERE, f"{case}-1")).state is State.taken
    for role in (Role.consumer, Role.merchant):
        actor = Actor(role, kept.consumer, here)
        with pytest.raises(Refused, match="dispute_elsewhere"):
            await two.to_dispute(HERE, case, d.AcceptOffer(offer="claim"), actor)
    await two.to_dispute(THERE, case, d.AcceptOffer(offer="claim"), Actor(Role.merchant, "x", there))
    await two.work()
    assert (await two.dispute(HERE, case)).away.summary.state == "settling"
    texts = await two.both.rows(THERE, "select kind from content where subject = %s", f"dispute:{case}")
    assert texts == [("text",)]
