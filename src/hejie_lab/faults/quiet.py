"""After the storm: waiting is cut short, the clock moves on, and a person does what is left to persons."""

from __future__ import annotations

import asyncio
from functools import partial
from types import TracebackType
from typing import Self

from hejie.desk import items
from hejie.desk.refunds import REFUNDS
from hejie.payments import refund as r
from hejie_lab.faults.hands import Hands
from hejie_lab.faults.passing import GaveUpError, until_done
from hejie_lab.faults.place import OFFICER
from hejie_lab.faults.time_line import TimeLine

HURRY_SECONDS = 2.0
QUIET_SECONDS = 60.0
SWEEPS, SWEEP_SECONDS = 2, 0.8
STEPS_HOURS = (38.0, 82.0, 180.0)
"""Until the last bill file is in; until agreed money is overdue; until the last consumer's time has run out."""

_SWEEP_NOW = """
update task set ready_at = clock_timestamp() where city = %s and kind = 'sweep_cases' and leased_until is null
returning id
"""
_ALL_NOW = """
update task set ready_at = clock_timestamp()
where city = %s and kind not in ('tend_log', 'tidy') and not parked and leased_until is null
  and ready_at > clock_timestamp()
returning id
"""
_DUE = """
select count(*) from task
where city = %s and not parked and due_at <= %s and kind not in ('sweep_cases', 'tend_log', 'tidy')
"""
_ITEMS = """
select id, kind, subject from work_item
where city = %s and kind in ('task_parked', 'refund_unknown') and done_at is null
"""


class Hurry:
    """While it is open, the wallet is asked for its cases every other second, and an officer does what persons must."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(HURRY_SECONDS)
            await self._hands.look(_SWEEP_NOW)
            await work_items(self._hands)


async def work_items(hands: Hands) -> None:
    """What only a person can do: let parked work run again, and look up in the wallet what became of a refund."""
    desk, city = hands.place.app.desk, hands.place.city
    for item, kind, subject in await hands.look(_ITEMS):
        if kind == "task_parked":
            await until_done(partial(items.retry, desk, city, item, "once more", OFFICER), "retrying")
            continue
        booked = "select 1 from refunds where out_request_no = ?"
        there = hands.place.wallet.rows(booked, subject)
        told = r.Succeed(seen_by="person") if there else r.Fail(code="refund_absent")
        await until_done(partial(desk.act, REFUNDS, city, subject, told, OFFICER), "telling of a refund")
        await until_done(
            partial(items.finish, desk, city, item, "looked up in the wallet", OFFICER), "finishing an item"
        )
        hands.counts["refund_looked_up"] += 1


async def come_to_rest(hands: Hands, time: TimeLine) -> None:
    """Let everything end that can end by itself or by a person's hand."""
    await _quiet(hands)
    for hours in STEPS_HOURS:
        await time.to(time.hours + hours)
        await _quiet(hands)


async def _quiet(hands: Hands) -> None:
    """Wait until nothing is due, with the wallet asked for its cases in between."""
    for _ in range(SWEEPS):
        await _done(hands)
        await work_items(hands)
        await hands.look(_SWEEP_NOW)
        await asyncio.sleep(SWEEP_SECONDS)
    await _done(hands)


async def _done(hands: Hands) -> None:
    for _ in range(round(QUIET_SECONDS / 0.2)):
        if not (await hands.look(_DUE, hands.place.app.clock.now()))[0][0]:
            return
        await hands.look(_ALL_NOW)
        await asyncio.sleep(0.2)
    raise GaveUpError(f"work is left after {QUIET_SECONDS:.0f} s")
