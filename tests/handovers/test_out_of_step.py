"""Two tasks of one hand-over that are worked off in the other order: no word between the cities is lost by it."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.handovers.conftest import Two
from tests.support.alliance import HERE, THERE

from hejie.base.actor import Actor, Role
from hejie.cities.homes import Summary
from hejie.desk.act import Desk, Done
from hejie.disputes import commands as d
from hejie.duties.handovers import follow_home, let_dispute_go, tell_home
from hejie.duties.handovers_in import take_dispute
from hejie.handovers import commands as c
from hejie.store.pool import city_transaction
from hejie.worker import Work


class EndedError(BaseException):
    """The process ends here."""


class DyingDesk(Desk):
    """Ends before it writes down that the dispute was taken."""

    async def act(self, book: Any, city: str, identifier: str, command: Any, *more: Any, **named: Any) -> Done[Any]:
        if isinstance(command, c.Take):
            raise EndedError
        return await super().act(book, city, identifier, command, *more, **named)


class HeldUpDesk(Desk):
    """Is held up before it tells: first all that `meanwhile` does happens."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def act(self, book: Any, city: str, identifier: str, command: Any, *more: Any, **named: Any) -> Done[Any]:
        if isinstance(command, c.Tell) and self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return await super().act(book, city, identifier, command, *more, **named)


def work_on(two: Two, city: str, kind: str, noun: str, subject: str, **payload: str) -> Work:
    now = two.both.clock.now()
    return Work(city, 0, kind, noun, subject, dict(payload), 1, now, now)


async def offered(two: Two) -> str:
    """A dispute that waits for an officer there."""
    case = await two.file(await two.register(HERE))
    await two.hand_over(HERE, case, THERE)
    await two.work()
    return case


async def test_a_word_from_its_home_stands_though_the_yes_is_worked_off_after_it(two: Two):
    case = await offered(two)
    told = Summary(home=THERE, state="awaiting_consumer")
    await two.to_handover(HERE, f"{case}-1", c.Hear(what="taken"))
    await two.to_handover(HERE, f"{case}-1", c.HearTold(number=1, summary=told))
    for duty in (follow_home, let_dispute_go):
        await duty(work_on(two, HERE, duty.__name__, "handover", f"{case}-1"), two.both.app.tools)
    copy = await two.dispute(HERE, case)
    assert (copy.home, copy.away.gone, copy.away.heard, copy.away.summary) == (THERE, True, 1, told)


async def test_what_happens_before_it_is_written_down_as_taken_is_told_all_the_same(two: Two):
    case, tools = await offered(two), two.both.app.tools
    merchant = await two.register(THERE)
    await two.to_handover(THERE, f"{case}-1", c.Accept(merchant=merchant))
    desk = DyingDesk(tools.pool, tools.clock, tools.vaults, tools.desk.chance)
    with pytest.raises(EndedError):
        await take_dispute(
            work_on(two, THERE, "take_dispute", "handover", f"{case}-1"), dataclasses.replace(tools, desk=desk)
        )
    words = two.at(THERE).app.desk.mint(THERE)
    staff = Actor(Role.merchant, "staff", merchant)
    await two.to_dispute(THERE, case, d.Answer(words=words), staff, "明天补送一碗")
    await tell_home(work_on(two, THERE, "tell_home", "dispute", case, handover=f"{case}-1"), tools)
    async with city_transaction(tools.pool, THERE) as connection:
        await connection.execute("delete from task where city = %s and kind = 'tell_home'", [THERE])
    await two.work()
    copy = await two.dispute(HERE, case)
    assert (copy.home, copy.away.summary.state) == (THERE, "awaiting_consumer")


async def test_whoever_was_held_up_before_telling_does_not_have_the_last_word(two: Two):
    case, tools = await offered(two), two.both.app.tools
    merchant = await two.register(THERE)
    await two.to_handover(THERE, f"{case}-1", c.Accept(merchant=merchant))
    await two.work()
    task = work_on(two, THERE, "tell_home", "dispute", case, handover=f"{case}-1")
    staff = Actor(Role.merchant, "staff", merchant)
    await two.to_dispute(THERE, case, d.Answer(words=tools.desk.mint(THERE)), staff, "明天补送一碗")

    async def meanwhile() -> None:
        consumer = (await two.dispute(THERE, case)).consumer
        await two.to_dispute(THERE, case, d.Withdraw(), Actor(Role.consumer, consumer))
        await tell_home(task, tools)

    desk = HeldUpDesk(tools.pool, tools.clock, tools.vaults, tools.desk.chance)
    desk.meanwhile = meanwhile
    await tell_home(task, dataclasses.replace(tools, desk=desk))
    async with city_transaction(tools.pool, THERE) as connection:
        await connection.execute("delete from task where city = %s and kind = 'tell_home'", [THERE])
    await two.work()
    here, there = await two.dispute(HERE, case), await two.dispute(THERE, case)
    assert here.away.summary.state == there.state.value
    assert not there.is_open
