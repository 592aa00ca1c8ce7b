"""`Desk.act` on a real database: everything in one transaction, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests.desk.conftest import OFFICER
from tests.support.folding import fold_all

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError, Missing, Refused, Stale
from hejie.desk.act import MOST_CONTENT_BYTES, Content, Done, Once, subject_of
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Dispute, Remedy, Road
from hejie.disputes.pressure import Reason
from hejie.disputes.states import State
from hejie.store.contents import read_content, read_contents
from hejie.store.pool import city_transaction

CITY = "330100"


def filing(identifier: str, *trades: str, words: str = "", problem: str = "quality") -> c.File:
    claim = Claim(remedy=Remedy.refund_full)
    return c.File(id=identifier, trades=trades or ("T1",), problem=problem, claim=claim, words=words)


async def file(town, *trades: str, actor: Actor | None = None, once: Once | None = None) -> Done[Dispute]:
    identifier = town.desk.mint(CITY)
    return await town.desk.act(
        DISPUTES, CITY, identifier, filing(identifier, *trades), actor or town.consumer, once=once
    )


async def do(town, identifier: str, actor: Actor, command: c.Command, **more: Any) -> Done[Dispute]:
    return await town.desk.act(DISPUTES, CITY, identifier, command, actor, **more)


async def settle(*acts: Awaitable[Done[Dispute]]) -> list[object]:
    """What each of several acts at once came to: its answer or its refusal."""
    return list(await asyncio.gather(*acts, return_exceptions=True))


def codes(results: list[object]) -> list[str]:
    """The refusals among results, anything unexpected raised."""
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, HejieError):
            raise result
    return sorted(result.code for result in results if isinstance(result, HejieError))


async def test_row_log_tasks_and_content_are_saved_together(town):
    before = town.counts()
    identifier, words = town.desk.mint(CITY), town.desk.mint(CITY)
    done = await town.desk.act(
        DISPUTES, CITY, identifier, filing(identifier, words=words), town.consumer,
        contents=[Content(id=words, kind="text", plain="面条里有头发".encode())], once=Once("k1", b"d"),
    )  # fmt: skip
    assert (done.id, done.version, done.again) == (identifier, 1, False)
    after = {table: count - before[table] for table, count in town.counts().items()}
    tasks = town.rows("select kind, due_at from task where subject = %s", [identifier])
    assert {kind for kind, _ in tasks} >= {"notify", "run_out", "standing_answer"}
    due = dict(tasks)
    assert done.row is not None
    assert done.row.due is not None
    assert due["run_out"] == done.row.due.at
    assert due["notify"] == town.clock.now()
    assert after == {
        "dispute": 1, "dispute_payment": 1, "refund": 0, "merchant": 0, "log": 1, "task": len(tasks), "content": 1,
        "data_key": 1, "once": 1,
    }  # fmt: skip
    async with city_transaction(town.pool, CITY) as connection:
        found = await read_content(connection, town.vault, CITY, subject_of("dispute", identifier), words)
    assert found == ("text", "面条里有头发".encode())
    dump = str(town.rows("select * from log")) + str(town.rows("select * from content"))
    assert "头发" not in dump


async def test_the_columns_say_what_the_row_says(town):
    done = await file(town)
    ((state, consumer, fen, due_rule, outcome),) = town.rows(
        "select state, consumer, claim_fen, due_rule, outcome from dispute"
    )
    assert (state, consumer, fen, due_rule, outcome) == ("awaiting_merchant", "P1", 10_000, "merchant_answer", None)
    await do(town, done.id, town.consumer, c.Withdraw())
    assert town.rows("select state, due_at, outcome, closed_at is null from dispute") == [
        ("withdrawn", None, "withdrawn", False)
    ]
    assert town.rows("select open from dispute_payment") == [(False,)]


@pytest.mark.parametrize(
    ("command", "contents", "code"),
    [
        (filing("D9", "T9"), [], "payment_unknown"),
        (filing("D9", problem="no_such"), [], "problem_unknown"),
        (filing("D9"), [Content(id="C1", kind="jpg", plain=b"x" * (MOST_CONTENT_BYTES + 1))], "content_too_large"),
    ],
)
async def test_a_refused_filing_leaves_nothing(town, command, contents, code):
    before = town.counts()
    with pytest.raises(HejieError) as refused:
        await town.desk.act(
            DISPUTES, CITY, "D9", command, town.consumer, contents=contents, once=Once("k", b"d")
        )  # fmt: skip
    assert refused.value.code == code
    assert town.counts() == before


async def test_a_failure_after_the_row_was_written_leaves_nothing(town):
    before = town.counts()
    twice = [Content(id="C1", kind="text", plain=b"a"), Content(id="C1", kind="text", plain=b"b")]
    with pytest.raises(Stale):
        await town.desk.act(DISPUTES, CITY, "D9", filing("D9", words="C1"), town.consumer, contents=twice)
    assert town.counts() == before


async def test_anothers_payment_and_dispute_are_not_there(town):
    stranger = Actor(Role.consumer, "P2")
    before = town.counts()
    with pytest.raises(Refused, match="payment_unknown"):
        await file(town, actor=stranger)
    assert town.counts() == before
    done = await file(town)
    with pytest.raises(Missing, match="dispute_unknown"):
        await do(town, done.id, stranger, c.Withdraw())
    with pytest.raises(Missing):
        await town.desk.act(DISPUTES, "510100", done.id, c.Withdraw(), town.consumer)
    with pytest.raises(Missing, match="dispute_unknown"):
        await do(town, "330100-nothing", town.consumer, c.Withdraw())


async def test_a_payment_stands_in_one_open_dispute_whoever_is_quicker(town):
    results = await settle(*(file(town, *trades) for trades in (("T1",), ("T1", "T2"), ("T2", "T1"), ("T1",))))
    assert codes(results) == ["payment_in_open_dispute"] * 3
    assert len(town.rows("select 1 from dispute")) == 1
    assert len(town.rows("select 1 from log where noun = 'dispute'")) == 1


async def test_a_closed_dispute_frees_its_payment_and_reopening_takes_it_only_if_free(town):
    first = await file(town)
    await do(town, first.id, town.merchant, c.Answer(words="C1"))
    clock = (await do(town, first.id, town.consumer, c.Say(words="C2"))).row
    assert clock is not None
    assert clock.due is not None
    town.clock.time = clock.due.at
    lapsed = await do(town, first.id, SYSTEM, c.RunOut(rule=clock.due.rule.value, at=clock.due.at))
    assert lapsed.row is not None
    assert lapsed.row.state is State.lapsed
    second = await file(town)
    before = town.counts()
    with pytest.raises(Refused, match="payment_in_open_dispute"):
        await do(town, first.id, town.consumer, c.Reopen())
    assert town.counts() == before
    await do(town, second.id, town.consumer, c.Withdraw())
    await do(town, first.id, town.consumer, c.Reopen())
    with pytest.raises(Refused, match="payment_in_open_dispute"):
        await file(town)


async def test_what_was_refunded_before_counts(town):
    town.pay("T3", 10_000, before=4_000)
    done = await file(town, "T3")
    assert done.row is not None
    assert done.row.claim.amount_fen == 6_000


# The same request twice. ---------------------------------------------------------------------


async def test_the_same_key_gets_the_same_answer(town):
    once = Once("k1", b"digest")
    first = await file(town, once=once)
    before = town.counts()
    again = await file(town, once=once)
    assert (again.id, again.version, again.again, again.row) == (first.id, first.version, True, None)
    with pytest.raises(Refused, match="key_reused"):
        await file(town, once=Once("k1", b"other"))
    assert town.counts() == before
    town.pay("T5", person="P2")
    other = await file(town, "T5", actor=Actor(Role.consumer, "P2"), once=once)
    assert not other.again


async def test_a_refused_request_does_not_use_up_its_key(town):
    once = Once("k1", b"digest")
    with pytest.raises(Refused):
        await file(town, "T9", once=once)
    assert not (await file(town, once=once)).again


async def test_the_same_key_in_flight_is_told_so(town):
    with psycopg.connect(town.superuser_url) as blocker:
        blocker.execute("select 1 from payment where trade_no = 'T1' for update")
        slow = asyncio.create_task(file(town, once=Once("k1", b"d")))
        await _until_waiting(town)
        with pytest.raises(Stale, match="in_flight"):
            await file(town, once=Once("k1", b"d"))
        blocker.rollback()
    first = await slow
    assert (await file(town, once=Once("k1", b"d"))).id == first.id


async def test_many_at_once_with_one_key_file_once(town):
    results = await settle(*(file(town, once=Once("k1", b"d")) for _ in range(8)))
    assert set(codes(results)) <= {"in_flight", "stale"}
    assert len({result.id for result in results if isinstance(result, Done)}) == 1
    assert len(town.rows("select 1 from dispute")) == 1


async def _until_waiting(town) -> None:
    for _ in range(500):
        if town.rows("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"):
            return
        await asyncio.sleep(0.01)
    pytest.fail("nothing waits")


# Two at once. --------------------------------------------------------------------------------


async def test_of_two_answers_to_what_both_saw_one_is_stale(town):
    done = await file(town)
    offer = c.MakeOffer(id="o1", remedy=Remedy.refund_part, amount_fen=100, road=Road.own_tool)
    results = await settle(
        do(town, done.id, town.merchant, c.AcceptOffer(offer="claim"), version=1),
        do(town, done.id, town.merchant, offer, version=1),
    )
    assert codes(results) == ["stale"]
    assert [version for (version,) in town.rows("select version from dispute")] == [2]


async def test_two_acceptances_at_once_order_one_refund(town):
    done = await file(town)
    accept = c.AcceptOffer(offer="claim", road=Road.api)
    results = await settle(*(do(town, done.id, town.merchant, accept) for _ in range(4)))
    assert codes(results) == ["offer_over"] * 3
    assert len(town.rows("select 1 from task where kind = 'refund'")) == 1


async def test_what_changes_nothing_writes_nothing(town):
    done = await file(town)
    before = town.counts()
    stale = c.RunOut(rule="performance", at=town.clock.now())
    told = await do(town, done.id, SYSTEM, stale, contents=[Content(id="C1", kind="text", plain=b"x")])
    assert told.version == 1
    assert town.counts() == before


async def test_erased_content_is_left_out_and_the_log_still_folds(town):
    words = town.desk.mint(CITY)
    done = await file(town)
    await do(town, done.id, town.consumer, c.Say(words=words), contents=[Content(id=words, kind="text", plain=b"hi")])
    town.run("delete from data_key where subject = %s", [subject_of("dispute", done.id)])
    async with city_transaction(town.pool, CITY) as connection:
        found = await read_contents(connection, town.vault, CITY, subject_of("dispute", done.id), [words])
    assert found == {}
    with psycopg.connect(town.superuser_url) as connection:
        assert fold_all(connection)["dispute"] == 1


async def test_a_call_of_pressure_and_a_settlement_fold_and_leave_their_statistic(town):
    done = await file(town)
    await do(town, done.id, town.merchant, c.CallPressure(reason=Reason.not_daily_use, words="C1"))
    town.run("insert into work_item values (%s, 'I1', 'pressure_called', 'dispute', %s, '{}', now())", [CITY, done.id])
    await do(town, done.id, OFFICER, c.JudgePressure(upheld=False, words="C2"))
    assert town.rows("select done_by from work_item where id = 'I1'") == [("O1",)]
    await do(town, done.id, town.merchant, c.AcceptOffer(offer="claim", road=Road.api))
    assert town.rows("select 1 from settlement") == []
    await do(town, done.id, SYSTEM, c.SeeRefund(key=f"{done.id}-1", trade_no="T1", amount_fen=10_000))
    await do(town, done.id, town.consumer, c.Rate(solved=True, mood=5))
    assert town.rows("select dispute, trade, paid_fen, agreed_fen, remedy from settlement") == [
        (done.id, "", 10_000, 10_000, "refund_full")
    ]
    with psycopg.connect(town.superuser_url) as connection:
        assert fold_all(connection)["dispute"] == 1


async def test_authority_that_has_run_out_is_none(town):
    done = await file(town)
    town.clock.time += timedelta(days=301)
    with pytest.raises(Refused, match="authority_missing"):
        await do(town, done.id, town.merchant, c.AcceptOffer(offer="claim", road=Road.api))
