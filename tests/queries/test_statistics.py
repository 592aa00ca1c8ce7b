"""Statistics against figures computed by hand: every ending apart, nothing twice, by the day of Shanghai."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import asdict
from tests.queries.counted import CITY, mediate, put, waits
from tests.support.town import town

from hejie.base.actor import Actor, Role
from hejie.base.errors import Refused
from hejie.desk.mediations import MEDIATIONS
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome
from hejie.intake.day_counts import count_all, forget_counts
from hejie.mediations import commands as m
from hejie.mediations.model import Checked, mediation_of
from hejie.queries.statistics import CUTS, Figures, Line, Period, Spans, Statistics, growth, period, statistics
from hejie.store.day_counts import pieces
from hejie.store.pool import Pool, city_transaction, open_pool

NOVEMBER = Period(first=date(2026, 11, 1), last=date(2026, 11, 30))
Steps = list[tuple[float, str, dict[str, Any]]]
AGREED = {"agreed": "o", "offers": [{"id": "o", "amount_fen": 3000}]}
BY_MERCHANT = {"offer": {"by": "merchant"}}


@pytest.fixture
async def pool(app_url: str) -> AsyncIterator[Pool]:
    found = await open_pool(app_url, 2)
    yield found
    await found.close()


async def both(pool: Pool, wanted: Period) -> Statistics:
    """The figures from the counters, which must be those counted afresh."""
    async with city_transaction(pool, CITY) as connection:
        kept = await statistics(connection, CITY, wanted)
        assert kept == await statistics(connection, CITY, wanted, afresh=True)
    return kept


async def every_ending(pool: Pool) -> None:
    """Sixteen disputes of November, one of October and one of November a year before."""
    async with city_transaction(pool, CITY) as at:
        await at.execute(
            "insert into shop (city, id, merchant, name, district, trade, address)"
            " values (%s, 's-1', 'm-1', '', '330102', 'H6210', '')",
            [CITY],
        )
        answered: Steps = [(5, "Answered", {})]
        await put(
            at,
            "2026-11-03 09:00",
            steps=answered,
            ended=(30.5, "confirmed"),
            shop="s-1",
            body={**AGREED, "performance": "confirmed", "survey": {"solved": True, "mood": 5}},
        )
        await put(
            at,
            "2026-11-03 10:00",
            steps=[(1.9, "Offered", BY_MERCHANT)],
            ended=(50, "performed"),
            body={**AGREED, "performance": "seen", "refunded_fen": 3000, "survey": {"solved": False, "mood": 1}},
        )
        await put(
            at,
            "2026-11-04 10:00",
            steps=[(0.5, "Offered", {"offer": {"by": "consumer"}}), (8, "OfferDeclined", {"by": "merchant"})],
            ended=(200, "unconfirmed"),
            body={"refunded_fen": 1200},
        )
        await put(at, "2026-11-05 10:00", steps=[(95.99, "Answered", {})], ended=(264, "silent"), problem="price")
        await put(at, "2026-11-05 11:00", ended=(2, "withdrawn"), district="330106", helper="clerk")
        await put(at, "2026-11-06 11:00", steps=[(96, "WentOverdue", {})], escalated=97, ended=(400, "mediated"))
        await put(
            at,
            "2026-11-06 12:00",
            steps=[(96, "WentOverdue", {}), (100, "Answered", {})],
            escalated=97,
            ended=(120, "unsettled"),
            merchant="m-2",
        )
        await put(
            at, "2026-11-07 12:00", steps=[(96, "Mirrored", {"state": "overdue"})], origin="wallet", wallet="wechatpay"
        )
        await put(at, "2026-11-07 12:00", steps=[(1, "Mirrored", {"state": "awaiting_consumer"})])
        await put(at, "2026-11-08 12:00")
        # Shanghai's midnight: the last instant of October and of November, the first of November and of December.
        await put(at, "2026-10-31 23:59:59.999999", ended=(0.01, "withdrawn"))
        await put(at, "2026-11-01 00:00")
        await put(at, "2026-11-30 23:59:59.999999", ended=(1, "silent"))
        await put(at, "2026-12-01 00:00")
        await put(at, "2025-11-30 23:00")


async def test_every_kind_of_ending_is_counted_apart_as_computed_by_hand(pool: Pool):
    await every_ending(pool)
    found = await both(pool, NOVEMBER)
    hand = Figures(
        received=12,
        answered=5,
        overdue=3,
        escalated=2,
        confirmed=1,
        performed=1,
        unconfirmed=1,
        silent=1,
        withdrawn=2,
        mediated=1,
        unsettled=1,
        said_solved=1,
        said_unsolved=1,
        seen_fen=4200,
        told_fen=3000,
    )
    assert found.whole == Line(now=hand, before=Figures(received=1), year_before=Figures(received=1))
    assert (found.whole.now.ended, found.whole.now.not_asked) == (8, 6)
    # Hours 1, 5, 8, 95 and from four days on whole days: 96. Ends 0, 2, 30, 50, 120, 192 (of 200), 264, 384 (of 400).
    assert found.to_answer == Spans(count=5, median=8, ninth=96)
    assert found.to_end == Spans(count=8, median=50, ninth=384)
    assert found.overdue_merchants == 2
    assert [(each.code, each.now.received) for each in found.cuts["problem"]] == [("quality", 11), ("price", 1)]
    assert [(each.code, each.now.told_fen) for each in found.cuts["trade"]] == [("", 0), ("62", 3000)]
    channels = {each.code: each.now.received for each in found.cuts["channel"]}
    assert channels == {"here": 10, "assisted": 1, "wechatpay": 1}
    assert {each.code: each.now.withdrawn for each in found.cuts["district"]} == {"330102": 1, "330106": 1}


COMPLAINTS: list[tuple[tuple[str, str], dict[str, Any]]] = [
    # Decided in time and agreed in time; an appraisal had moved the end from October.
    (("2026-11-02 10:00", "2026-11-12 00:00"), {
        "checked_at": "2026-11-11 23:59", "accepted_at": "2026-11-11 23:59", "state": "agreed", "ended": "agreed",
        "ended_at": "2026-11-20 10:00",
        "limits": [("ComplaintAccepted", "2026-10-20 00:00"), ("AppraisalEnded", "2026-11-25 00:00")]}),
    # Decided at the first instant that is too late; terminated when the time to mediate had run out: in time.
    (("2026-11-02 10:00", "2026-11-12 00:00"), {
        "checked_at": "2026-11-12 00:00", "accepted_at": "2026-11-12 00:00", "state": "terminated", "ended": "T5",
        "ended_at": "2026-11-28 00:00:10", "limits": [("ComplaintAccepted", "2026-11-28 00:00")]}),
    # Refused in time; never decided though its time ran out; its time is not over in November.
    (("2026-11-03 10:00", "2026-11-13 00:00"), {
        "checked_at": "2026-11-04 10:00", "refused": "N3", "state": "refused"}),
    (("2026-11-04 10:00", "2026-11-14 00:00"), {"state": "received"}),
    (("2026-11-27 10:00", "2026-12-09 00:00"), {"state": "received"}),
    # Agreed too late and not kept; still mediated though its time ran out.
    (("2026-08-04 10:00", "2026-08-14 00:00"), {
        "checked_at": "2026-08-05 10:00", "accepted_at": "2026-08-05 10:00", "state": "broken", "ended": "agreed",
        "ended_at": "2026-11-09 10:00", "limits": [("ComplaintAccepted", "2026-11-05 00:00")]}),
    (("2026-08-04 10:00", "2026-08-14 00:00"), {
        "checked_at": "2026-08-05 10:00", "accepted_at": "2026-08-05 10:00",
        "limits": [("ComplaintAccepted", "2026-11-05 00:00")]}),
]  # fmt: skip


async def test_what_the_authority_did_is_counted_by_the_days_its_limits_ran_out(pool: Pool):
    async with city_transaction(pool, CITY) as at:
        for days, more in COMPLAINTS:
            await mediate(at, await put(at, "2026-08-03 09:00"), *days, **more)
    now = (await both(pool, NOVEMBER)).whole.now
    assert await count_all(pool, CITY) == len(COMPLAINTS)
    hand = Figures(complained=5, accepted=2, refused=1, check_due=4, check_met=2, agreed=2, terminated=1, broken=1,
                   close_due=4, close_met=2)  # fmt: skip
    assert (await both(pool, NOVEMBER)).whole.now == now == hand
    assert (now.check_percent, now.close_percent, now.success_percent) == (50, 50, 33)
    assert Figures().check_percent is None


async def test_counted_at_once_or_late_the_figures_are_the_same_and_add_up(pool: Pool):
    await every_ending(pool)
    waiting = await both(pool, NOVEMBER)
    assert await count_all(pool, CITY, most=4) == 15
    assert await both(pool, NOVEMBER) == waiting
    for cut in CUTS:
        for measure in Figures.__struct_fields__:
            parts = sum(getattr(each.now, measure) for each in waiting.cuts[cut])
            assert parts == getattr(waiting.whole.now, measure), (cut, measure)
    days = [await both(pool, Period(first=date(2026, 11, d), last=date(2026, 11, d))) for d in range(1, 31)]
    for measure in Figures.__struct_fields__:
        assert sum(getattr(each.whole.now, measure) for each in days) == getattr(waiting.whole.now, measure), measure
    across = await both(pool, Period(first=date(2026, 10, 31), last=date(2026, 12, 1)))
    assert across.whole.now.received == 14


async def test_a_dispute_that_changes_is_counted_once_and_moves_with_its_kind(pool: Pool):
    await every_ending(pool)
    await count_all(pool, CITY)
    async with city_transaction(pool, CITY) as connection:
        row: Any = await (
            await connection.execute("select id from dispute where outcome = 'silent' and problem = 'price'")
        ).fetchone()
        await connection.execute(
            "update dispute set closed_at = null, outcome = null, problem = 'quality', district = '330108',"
            " version = 2 where id = %s",
            row,
        )
        await waits(connection, row[0])
    changed = (await both(pool, NOVEMBER)).whole.now
    assert (changed.received, changed.silent, changed.ended) == (12, 0, 7)
    assert await count_all(pool, CITY) == 1
    found = await both(pool, NOVEMBER)
    assert found.whole.now == changed
    assert [each.code for each in found.cuts["problem"]] == ["quality"]
    async with city_transaction(pool, CITY) as connection:
        await forget_counts(connection, CITY)
    assert await both(pool, NOVEMBER) == found
    assert await count_all(pool, CITY) == 15
    assert await both(pool, NOVEMBER) == found
    async with city_transaction(pool, "510100") as connection:
        assert (await statistics(connection, "510100", NOVEMBER)).whole == Line()


async def test_what_the_desk_does_waits_to_be_counted(tmp_path, app_url):
    async with town(tmp_path, app_url) as here:
        dispute = await here.file(await here.pay())
        assert await here.rows("select id from count_waiting") == [(dispute,)]
        await count_all(here.app.pool, CITY)
        assert await here.rows("select id from count_waiting") == []
        here.advance(hours=97)
        await here.work()
        today = here.app.clock.now().date()
        found = await both(here.app.pool, Period(first=date(today.year - 1, 1, 1), last=date(today.year + 1, 12, 31)))
        assert (found.whole.now.received, found.whole.now.overdue, found.overdue_merchants) == (1, 1, 1)


async def test_a_complaint_that_an_authority_accepts_is_counted_by_the_desks_own_road(tmp_path, app_url):
    officer = Actor(Role.officer, "o-1", "330106")
    async with town(tmp_path, app_url) as here:
        dispute = await here.file(await here.pay())
        await here.act(dispute, d.Answer(words="x"), here.as_merchant)
        await here.act(dispute, d.Escalate(), here.as_consumer)
        await here.work()
        await count_all(here.app.pool, CITY)
        given = m.GiveIdentity(identity="i", checked=Checked.document)
        for command, actor in ((given, here.as_consumer), (m.Receive(), officer), (m.Accept(), officer)):
            await here.app.desk.act(MEDIATIONS, CITY, mediation_of(dispute), command, actor)
        assert await here.rows("select id from count_waiting") == [(dispute,)]
        today = here.app.clock.now().date()
        around = Period(first=date(today.year, 1, 1), last=date(today.year + 1, 12, 31))
        now = (await both(here.app.pool, around)).whole.now
        await count_all(here.app.pool, CITY)
        assert (await both(here.app.pool, around)).whole.now == now
    assert (now.escalated, now.complained, now.accepted, now.check_due, now.check_met) == (1, 1, 1, 1, 1)
    assert (now.close_due, now.close_met, now.agreed, now.terminated) == (1, 0, 0, 0)


days_of = some.dates(date(2001, 1, 1), date(2030, 12, 31))


@given(days_of, some.integers(0, 800))
def test_counters_cover_each_day_of_a_time_once(first: date, length: int):
    last = date.fromordinal(first.toordinal() + length)
    covered = [
        day
        for grain, begin in pieces(first, last)
        for day in range(
            begin.toordinal(),
            begin.toordinal() + 1
            if grain == "d"
            else date(begin.year + begin.month // 12, begin.month % 12 + 1, 1).toordinal(),
        )
    ]
    assert covered == list(range(first.toordinal(), last.toordinal() + 1))


@given(days_of, some.integers(0, 800))
def test_the_time_before_ends_the_day_before_and_is_as_long(first: date, length: int):
    wanted = Period(first=first, last=date.fromordinal(first.toordinal() + length))
    before = wanted.before
    assert before.last.toordinal() == first.toordinal() - 1
    assert before.whole_months or before.last.toordinal() - before.first.toordinal() == length
    if wanted.whole_months:
        assert before.whole_months
        assert wanted.year_before.whole_months


@pytest.mark.parametrize(
    ("first", "last", "before", "year_before"),
    [
        ("2026-11-01", "2026-11-30", ("2026-10-01", "2026-10-31"), ("2025-11-01", "2025-11-30")),
        ("2026-01-01", "2026-03-31", ("2025-10-01", "2025-12-31"), ("2025-01-01", "2025-03-31")),
        ("2025-02-01", "2025-02-28", ("2025-01-01", "2025-01-31"), ("2024-02-01", "2024-02-29")),
        ("2024-02-29", "2024-02-29", ("2024-02-28", "2024-02-28"), ("2023-02-28", "2023-02-28")),
        ("2026-11-05", "2026-11-07", ("2026-11-02", "2026-11-04"), ("2025-11-05", "2025-11-07")),
    ],
)
def test_the_times_compared_with(first: str, last: str, before: tuple[str, str], year_before: tuple[str, str]):
    wanted = period(date.fromisoformat(first), date.fromisoformat(last))
    assert tuple(each.isoformat() for each in asdict(wanted.before).values()) == before
    assert tuple(each.isoformat() for each in asdict(wanted.year_before).values()) == year_before


def test_times_that_cannot_be_counted_are_refused():
    for first, last in (
        (date(2026, 2, 2), date(2026, 2, 1)),
        (date(1999, 1, 1), date(1999, 1, 2)),
        (date(2020, 1, 1), date(2026, 1, 1)),
    ):
        with pytest.raises(Refused, match="period_wrong"):
            period(first, last)


def test_growth_compares_with_something_or_says_nothing():
    assert [growth(*each) for each in ((3, 2), (1, 3), (0, 4), (4, 0), (0, 0))] == [50.0, -66.7, -100.0, None, None]


def test_every_outcome_is_a_figure():
    assert {each.value for each in Outcome} <= set(Figures.__struct_fields__)
