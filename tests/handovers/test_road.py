"""A dispute goes to the merchant's city with its record, is decided there alone, and its first city hears of it."""

from __future__ import annotations

import psycopg
import pytest
from tests.handovers.conftest import TRADE, Two
from tests.support.alliance import HERE, THERE
from tests.support.folding import fold_all

from hejie.base.actor import Actor, Role
from hejie.base.errors import Refused
from hejie.disputes import commands as d
from hejie.handovers import commands as c
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
    texts = await two.rows(THERE, "select kind from content where subject = %s", f"dispute:{case}")
    assert texts == [("text",)]


def _officer(city: str) -> Actor:
    return Actor(Role.officer, f"{city}-officer", city)


async def test_what_it_cannot_place_waits_for_an_officer_who_may_say_no(two: Two):
    here = await two.register(HERE)
    case = await two.file(here)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    name = f"{case}-1"
    assert (await two.handover(THERE, name)).state is State.offered
    assert await two.rows(THERE, "select kind, subject from work_item") == [("handover_came", name)]
    officer = _officer(THERE)
    with pytest.raises(Refused, match="merchant_unknown"):
        await two.to_handover(THERE, name, c.Accept(merchant="nobody"), officer)
    with pytest.raises(Refused, match="refusal_unknown"):
        await two.to_handover(THERE, name, c.Refuse(code="because"), officer)
    await two.to_handover(THERE, name, c.Refuse(code="merchant_unknown"), officer)
    await two.work()
    stays = await two.dispute(HERE, case)
    assert (stays.home, stays.away, stays.turn) == (HERE, None, 1)
    assert (await two.handover(HERE, name)).refusal == "merchant_unknown"
    assert await two.rows(THERE, "select id from dispute") == []


async def test_it_comes_back_with_what_happened_there_and_goes_on(two: Two):
    here, there = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    due = (await two.dispute(HERE, case)).due.at
    await two.hand_over(HERE, case, THERE)
    await two.work()
    says = d.Say(words="answer-1")
    await two.to_dispute(THERE, case, says, Actor(Role.merchant, "x", there), "我们看看监控")
    await two.hand_over(THERE, case, HERE, "given_back")
    await two.work()
    back, gone = await two.dispute(HERE, case), await two.dispute(THERE, case)
    assert (back.home, back.away, back.turn, back.merchant, back.due.at) == (HERE, None, 2, here, due)
    assert (gone.home, gone.away.gone) == (HERE, True)
    words = await two.rows(HERE, "select id from content where subject = %s order by id", f"dispute:{case}")
    assert "answer-1" in {name for (name,) in words}
    line = "select actor_role from log where noun = 'dispute' and event = 'Said'"
    assert await two.rows(HERE, line) == [("merchant",)]
    await two.to_dispute(HERE, case, d.AcceptOffer(offer="claim"), Actor(Role.merchant, "x", here))
    await two.hand_over_refused(HERE, case, THERE, "step_out_of_order")


async def test_every_clock_fires_at_its_home_and_nowhere_else(two: Two):
    here, _ = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    due = (await two.dispute(HERE, case)).due.at
    await two.hand_over(HERE, case, THERE)
    await two.work()
    two.both.clock.at = due
    await two.work()
    assert (await two.dispute(THERE, case)).state.value in {"overdue", "mediating"}
    assert (await two.dispute(HERE, case)).state.value == "awaiting_merchant"
    assert (await two.dispute(HERE, case)).away.summary.state == (await two.dispute(THERE, case)).state.value


async def test_a_clock_that_ran_out_while_it_rested_fires_as_soon_as_it_stays(two: Two):
    here = await two.register(HERE)
    case = await two.file(here)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    two.both.clock.at = (await two.dispute(HERE, case)).due.at
    await two.work()
    assert (await two.dispute(HERE, case)).state.value == "awaiting_merchant"
    officer = _officer(THERE)
    await two.to_handover(THERE, f"{case}-1", c.Refuse(code="not_here"), officer)
    await two.work()
    assert (await two.dispute(HERE, case)).state.value in {"overdue", "mediating"}


@pytest.mark.parametrize("first", ["yes", "recall"])
async def test_of_a_yes_and_a_recall_that_cross_the_receivers_order_decides(two: Two, first: str):
    here, there = await two.register(HERE), ""
    case, name = await two.file(here), ""
    await two.hand_over(HERE, case, THERE)
    await two.work()
    name = f"{case}-1"
    there = await two.register(THERE)
    officer, mine = _officer(THERE), _officer(HERE)
    if first == "yes":
        await two.to_handover(THERE, name, c.Accept(merchant=there), officer)
        await two.to_handover(HERE, name, c.Recall(), mine)
    else:
        await two.to_handover(HERE, name, c.Recall(), mine)
        await two.work()
        with pytest.raises(Refused, match="handover_answered"):
            await two.to_handover(THERE, name, c.Accept(merchant=there), officer)
    await two.work()
    home = THERE if first == "yes" else HERE
    assert (await two.dispute(HERE, case)).home == home
    assert (await two.handover(HERE, name)).state is (State.taken if first == "yes" else State.recalled)
    assert (await two.handover(THERE, name)).state is (State.taken if first == "yes" else State.recalled)
    assert [row for (row,) in await two.rows(THERE, "select home from dispute")] == ([THERE] if first == "yes" else [])


async def test_a_payment_in_dispute_there_already_is_not_taken_twice(two: Two):
    here, _ = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    await two.rows(
        THERE,
        "insert into dispute_payment (city, dispute, wallet, trade_no, open) "
        "values (%s, 'other', 'alipay', %s, true) returning 1",
        THERE,
        TRADE,
    )
    await two.hand_over(HERE, case, THERE)
    await two.work()
    assert (await two.handover(HERE, f"{case}-1")).refusal == "open_here"
    assert (await two.dispute(HERE, case)).away is None


async def test_rows_are_what_their_logs_fold_to_in_both_cities(two: Two, database):
    here, _ = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    await two.hand_over(THERE, case, HERE, "given_back")
    await two.work()
    with psycopg.connect(database.superuser_url) as connection:
        found = fold_all(connection)
    assert (found["dispute"], found["handover"]) == (2, 4)
    with pytest.raises(Refused, match="not_allowed"):
        await two.to_handover(HERE, f"{case}-1", c.Hear(what="taken"), Actor(Role.officer, "x"))
