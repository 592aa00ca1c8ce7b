"""The days in which things go wrong: people act, cities work, roads close, clocks and keys change, processes end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import psycopg

from hejie.base.errors import HejieError
from hejie_lab.simulate.hands import Hands
from hejie_lab.simulate.keys import Register
from hejie_lab.simulate.logs import Logs
from hejie_lab.simulate.people import People
from hejie_lab.simulate.roads import Roads
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.world import World

LEAPS_A_DAY, STEPS_A_LEAP = 0.8, 26
_SHARES = {
    "work": 60.0,
    "deed": 24.0,
    "resume": 6.0,
    "late": 5.0,
    "road": 3.0,
    "restart": 3.0,
    "clock": 0.6,
    "keys": 0.6,
    "log": 2.0,
}
_SOON = timedelta(minutes=20)


class Storm:
    """One run's."""

    def __init__(
        self, hands: Hands, people: People, roads: Roads, register: Register, logs: Logs, towns: Sequence[Town]
    ) -> None:
        self.world: World = hands.world
        self.hands, self.people, self.roads, self.register, self.logs = hands, people, roads, register, logs
        self.towns = towns

    async def rages(self, days: float) -> None:
        """Two disputes are handed over at the outset; then whatever the plan brings, in leaps of time."""
        world, leaps = self.world, max(1, round(days * LEAPS_A_DAY))
        leap = days * 86400 / leaps
        for _ in range(2):
            await self.hands.deed(*self.people.file_anew())
        world.stormy = True
        for _ in range(2):
            first = self.people.parties.hand_over()
            if first is not None:
                await self.hands.deed(*first)
        for _ in range(leaps):
            for _ in range(world.plan.whole(STEPS_A_LEAP // 2, STEPS_A_LEAP * 3 // 2)):
                await self._step()
                if world.wrong:
                    return
                world.at += timedelta(seconds=world.plan.between(0, 20))
            world.at += timedelta(seconds=world.plan.between(0, 2 * leap))

    async def _step(self) -> None:
        plan, hands = self.world.plan, self.hands
        match plan.weighed(_SHARES):
            case "work":
                await self._work()
            case "deed":
                deed = self.people.deed()
                if deed is not None:
                    await hands.deed(*deed)
            case "resume":
                if hands.held:
                    await hands.go_on(*hands.held.pop(plan.whole(0, len(hands.held) - 1)))
            case "late":
                await self._late()
            case "road":
                self._road()
            case "restart":
                self._restart()
            case "clock":
                self._clock(plan.pick(self.towns))
            case "log":
                if self.logs.kept:
                    await self.logs.tend(hands, plan.pick(self.towns))
            case _:
                await self._keys()

    async def _work(self) -> None:
        """A task; where none is due, what becomes due soon is waited for."""
        if await self.hands.work_somewhere():
            return
        soonest = min(town.rests_until for town in self.towns)
        if soonest < self.world.at + _SOON:
            self.world.at = max(self.world.at, soonest)
            await self.hands.work_somewhere()

    def _road(self) -> None:
        """A road closes, one way or both, or all roads of a city; or those that are closed open."""
        roads, plan = self.roads, self.world.plan
        if roads.closed and plan.falls(0.6):
            roads.closed.clear()
            self.world.tell("roads open")
            return
        here, there = plan.some(range(len(self.towns)), 2)
        kind = plan.pick(["one way", "both ways", "city alone"])
        self.world.hit(f"road closed, {kind}")
        if kind == "city alone":
            for other in range(len(self.towns)):
                roads.closed |= {(here, other), (other, here)}
        else:
            roads.closed |= {(here, there)} | ({(there, here)} if kind == "both ways" else set())

    def _restart(self) -> None:
        """A process ends and begins anew: of a city that waits for an answer, where there is one."""
        waiting = self.people.parties.who_waits()
        town = self.world.plan.pick([self.towns[n] for n in waiting] if waiting else self.towns)
        self.world.tell(f"restart {town.code}")
        self.world.faults["restart of a sender that waits" if waiting else "restart"] += 1
        town.line.dead = True
        town.begin()

    def _clock(self, town: Town) -> None:
        """A clock goes wrong by more than is believed: behind, so that setting it right never turns it back."""
        town.clock.turn_back(timedelta(seconds=self.world.plan.between(400, 1500)))
        town.wake()
        self.world.hit("clock wrong")

    async def _keys(self) -> None:
        """A city changes its keys, with an overlap or at once; some hear of it now, the rest by and by."""
        plan, world = self.world.plan, self.world
        ring = plan.pick(self.register.rings)
        revoke = plan.falls(0.5)
        ring.renew(world.at - timedelta(minutes=5), revoke=revoke)
        self.register.issue(world.at - timedelta(minutes=30))
        world.hit("key revoked" if revoke else "key renewed")
        for town in self.towns:
            if town.code == ring.city or plan.falls(0.5):
                await self._learn(town)

    async def _learn(self, town: Town) -> None:
        async def learns() -> str:
            try:
                await town.learn()
            except (HejieError, psycopg.OperationalError) as error:
                return type(error).__name__
            return "done"

        await self.hands.begin(town, "directory", learns(), may_stall=False)

    async def _late(self) -> None:
        """A message that was held up arrives."""
        due = [each for each in self.roads.under_way if each[0] <= self.world.at]
        if not due:
            return
        arrived = self.world.plan.pick(due)
        self.roads.under_way.remove(arrived)

        async def arrives() -> str:
            answer = await self.roads.deliver(arrived[1])
            return f"{answer.status}" if answer else "nobody there"

        await self.hands.begin(self.towns[arrived[1].receiver], "late message", arrives())
