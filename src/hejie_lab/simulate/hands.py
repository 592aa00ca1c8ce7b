"""Who sets a run's operations going, one at a time, and keeps those that are held up."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg

from hejie.worker import Work
from hejie_lab.simulate.line import Blow
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.watch import Watch
from hejie_lab.simulate.world import FAR, DiedError, Operation, World

MOST_ROUNDS = 400
MOST_AT_ONE_TIME = 1500
_NEXT = """
select min(greatest(due_at, ready_at, coalesce(leased_until, '-infinity'))) from task where city = %s and not parked
"""
_JUST = timedelta(milliseconds=1)
_STRUCK, _STRUCK_TENDER = 0.07, 0.3
_TENDER = ("file ", "Accept ", "take_dispute ", "refund ")
"""What is struck more often: here an answer that is lost, or half of the work, costs most."""


class Hands:
    """One run's; `held` are operations that are held up, and whose."""

    def __init__(
        self, world: World, towns: Sequence[Town], watch: Watch, links: Sequence[psycopg.Connection[Any]]
    ) -> None:
        self.world, self.towns, self.watch, self.links = world, towns, watch, links
        self.held: list[tuple[int, Operation]] = []

    async def work_somewhere(self) -> bool:
        """One task of one city, where any is due; whether there was one to look for."""
        towns = [town for town in self.towns if town.hand or not town.rests]
        if towns:
            await self._work(self.world.plan.pick(towns))
        return bool(towns)

    async def _work(self, town: Town) -> None:
        """Claim a few tasks, or do one that was claimed; which of them, the plan says."""
        if not town.hand:
            try:
                town.hand = sorted(await town.worker.claim(self.world.plan.whole(1, 3)), key=lambda work: work.id)
            except psycopg.OperationalError:
                return
            town.line.touched = False
            if not town.hand:
                town.rests_until = max(self._next(town), self.world.at + _JUST)
        if town.hand:
            work = town.hand.pop(self.world.plan.whole(0, len(town.hand) - 1))
            self.world.counts["tasks"] += 1
            await self.begin(town, f"{work.kind} {work.subject}", _done(town, work))

    def _next(self, town: Town) -> datetime:
        """When something becomes due there, if nothing happens before."""
        row = self.links[town.number].execute(_NEXT, [town.code]).fetchone()
        return row[0] - town.clock.skew + _JUST if row and row[0] else FAR

    async def deed(self, town: Town, name: str, work: Coroutine[Any, Any, str]) -> None:
        """Something that somebody does."""
        self.world.counts["deeds"] += 1
        await self.begin(town, name, work)

    async def begin(self, town: Town, name: str, work: Coroutine[Any, Any, str], *, may_stall: bool = True) -> None:
        """An operation begins, and a blow may be meant for it."""
        self.world.step += 1
        self.world.tell(f"{town.code} {name}")
        if self.world.stormy and self.world.fate.falls(_STRUCK_TENDER if name.startswith(_TENDER) else _STRUCK):
            await self._aim(town)
        await self.go_on(town.number, Operation(name, work, may_stall=may_stall))

    async def _aim(self, town: Town) -> None:
        """A blow is to fall on this operation: mostly on its own city, sometimes on whoever it calls."""
        fate = self.world.fate
        kind = fate.weighed({"died": 5.0, "dropped": 4.0, "cut": 0.3})
        struck = town if fate.falls(0.7) else fate.pick(self.towns)
        struck.line.strike_later(Blow(kind, fate.whole(0, 12), after_commit=fate.falls(0.5)))

    async def go_on(self, whose: int, operation: Operation) -> None:
        """Let it run until it is done or held up, then look at what it has done."""
        world = self.world
        world.operation = operation
        done = await operation.go()
        world.operation = None
        for town in self.towns:
            town.line.spare()
        if not done:
            self.held.append((whose, operation))
        elif operation.task is not None:
            error = operation.task.exception()
            if error is not None and not isinstance(error, DiedError):
                raise error
            world.tell(f"  {operation.name}: {'died' if error else operation.task.result()}")
        self.watch.look(self.towns)

    async def work_until(self, until: datetime) -> None:
        """Work off all that becomes due until then, hopping from one instant to the next."""
        for _ in range(MOST_ROUNDS):
            await self.work_off()
            soonest = min(town.rests_until for town in self.towns)
            if self.world.wrong or soonest > until:
                self.world.at = max(self.world.at, until)
                return
            self.world.at = max(self.world.at, soonest)
        self.world.violate("it never comes to rest")

    async def work_off(self) -> None:
        """All that is due at this instant."""
        last = self.world.step + MOST_AT_ONE_TIME
        while not self.world.wrong and await self.work_somewhere():
            if self.world.step > last:
                self.world.violate("the same work comes again and again at one instant")


async def _done(town: Town, work: Work) -> str:
    await town.worker.do(work)
    return "done"
