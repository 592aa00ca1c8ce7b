"""One seed from its first city to its last check."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from msgspec import Struct

from hejie.base.errors import HejieError
from hejie.handovers.model import State
from hejie.worker import Work
from hejie_lab.simulate.checks import CHECKS, Rest
from hejie_lab.simulate.keys import Register
from hejie_lab.simulate.line import Blow, Line
from hejie_lab.simulate.people import People
from hejie_lab.simulate.purse import Purse
from hejie_lab.simulate.roads import Roads
from hejie_lab.simulate.town import Front, Town
from hejie_lab.simulate.watch import Watch
from hejie_lab.simulate.world import DiedError, Operation, World

LEAPS_A_DAY, STEPS_A_LEAP = 0.8, 14
SETTLE = timedelta(days=4)
"""How long after the last fault all must have come to rest: a letter is tried again within six hours."""
MOST_ROUNDS = 400
MOST_AT_ONE_TIME = 1500
_NEXT = """
select min(greatest(due_at, ready_at, coalesce(leased_until, '-infinity'))) from task where city = %s and not parked
"""
_ENDLESS = (
    "delete from task where city = %s and kind in ('sweep_cases', 'tend_wallet', 'tidy', 'statement', 'tend_log')"
)
"""Work that comes again for ever at a city's wallets and in its cellar: nothing between cities hangs on it."""
_SHARES = {
    "work": 60.0,
    "deed": 14.0,
    "resume": 8.0,
    "late": 5.0,
    "road": 4.0,
    "restart": 1.0,
    "clock": 1.0,
    "keys": 1.0,
}
_JUST = timedelta(milliseconds=1)


class Outcome(Struct, frozen=True, kw_only=True):
    """What a seed gave."""

    seed: int
    days: float
    digest: str
    steps: int
    seconds: float
    counts: Mapping[str, int]
    faults: Mapping[str, int]
    wrong: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    """The trace's end, where something is wrong."""


class Run:
    """One seed's world and hands."""

    def __init__(
        self,
        seed: int,
        days: float,
        codes: tuple[str, ...],
        lines: Sequence[Line],
        links: Sequence[psycopg.Connection[Any]],
        fronts: Sequence[Front],
    ) -> None:
        self.days = days
        self.world = World(seed, codes)
        self.purse = Purse(self.world)
        self.roads = Roads(self.world)
        self.register = Register(codes, self.world.product.bytes)
        self.towns = [
            Town(self.world, number, line, front, self.roads, self.register, self.purse)
            for number, (line, front) in enumerate(zip(lines, fronts, strict=True))
        ]
        self.roads.towns = self.towns
        self.watch = Watch(self.world, links)
        self.people = People(self.world, self.towns, self.watch)
        self.links = links
        self.held: list[tuple[int, Operation]] = []
        """Operations that are held up, and whose."""

    async def whole(self) -> Outcome:
        """Found the cities, let the storm pass, heal, drain, check."""
        began = time.perf_counter()
        with _heard(self.world):
            await self._found()
            await self._storm()
            if not self.world.wrong:
                await self._heal()
                await self._drain()
            if not self.world.wrong:
                rest = Rest(self.towns, self.links, self.watch, self.people, self.purse)
                for check in CHECKS:
                    for wrong in check(rest):
                        self.world.violate(f"{check.__name__}: {wrong}")
        return self._outcome(began)

    def _outcome(self, began: float) -> Outcome:
        world = self.world
        for (_, identifier), row in sorted(self.watch.disputes.items()):
            world.tell(f"end {identifier} {row.city} v{row.version} {row.state} {row.refunded_fen}")
        return Outcome(
            seed=world.seed,
            days=self.days,
            digest=world.digest,
            steps=world.step,
            seconds=round(time.perf_counter() - began, 3),
            counts=dict(sorted(world.counts.items())),
            faults=dict(sorted(world.faults.items())),
            wrong=tuple(world.wrong),
            lines=tuple(world.lines) if world.wrong else (),
        )

    async def _found(self) -> None:
        for town in self.towns:
            await town.found()
        await self.people.settle_in()
        for town, link in zip(self.towns, self.links, strict=True):
            link.execute(_ENDLESS, [town.code])
        self.watch.look(self.towns)

    # The storm. --------------------------------------------------------------------------------------

    async def _storm(self) -> None:
        world, leaps = self.world, max(2, round(self.days * LEAPS_A_DAY))
        leap = self.days * 86400 / leaps
        for _ in range(2):
            await self._deed(*self.people.file_anew())
        world.stormy = True
        first = self.people.hand_over()
        if first is not None:
            await self._deed(*first)
        for _ in range(leaps):
            for _ in range(world.plan.whole(STEPS_A_LEAP // 2, STEPS_A_LEAP * 3 // 2)):
                await self._step()
                if world.wrong:
                    return
                world.at += timedelta(seconds=world.plan.between(0, 20))
            self._later(world.plan.between(0, 2 * leap))

    def _later(self, seconds: float) -> None:
        self.world.at += timedelta(seconds=seconds)
        for town in self.towns:
            town.idle = False

    async def _step(self) -> None:
        match self.world.plan.weighed(_SHARES):
            case "work":
                await self._work_somewhere()
            case "deed":
                deed = self.people.deed()
                if deed is not None:
                    await self._deed(*deed)
            case "resume":
                if self.held:
                    await self._go_on(*self.held.pop(self.world.plan.whole(0, len(self.held) - 1)))
            case "late":
                await self._late()
            case "road":
                self._road()
            case "restart":
                self._restart(self.world.plan.pick(self.towns))
            case "clock":
                self._clock(self.world.plan.pick(self.towns))
            case _:
                await self._keys()

    def _road(self) -> None:
        """A road closes, one way or both, or all roads of a city; or those that are closed open."""
        roads, plan = self.roads, self.world.plan
        if roads.closed and plan.falls(0.5):
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

    def _restart(self, town: Town) -> None:
        self.world.tell(f"restart {town.code}")
        self.world.faults["restart"] += 1
        town.line.dead = True
        town.begin()

    def _clock(self, town: Town) -> None:
        """A clock goes wrong by more than is believed: behind, so that setting it right never turns it back."""
        town.clock.skew -= timedelta(seconds=self.world.plan.between(400, 1500))
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

        await self._begin(town, "directory", learns(), may_stall=False)

    async def _late(self) -> None:
        """A message that was held up arrives."""
        due = [each for each in self.roads.under_way if each[0] <= self.world.at]
        if not due:
            return
        arrived = self.world.plan.pick(due)
        self.roads.under_way.remove(arrived)
        town = self.towns[arrived[1].receiver]

        async def arrives() -> str:
            answer = await self.roads.deliver(arrived[1])
            return f"{answer.status}" if answer else "nobody there"

        await self._begin(town, "late message", arrives())

    # Operations. -------------------------------------------------------------------------------------

    async def _work_somewhere(self) -> None:
        towns = [town for town in self.towns if town.hand or not town.idle]
        if towns:
            await self._work(self.world.plan.pick(towns))

    async def _work(self, town: Town) -> None:
        """Claim a few tasks, or do one that was claimed; which of them, the plan says."""
        if not town.hand:
            try:
                town.hand = sorted(await town.worker.claim(self.world.plan.whole(1, 3)), key=lambda work: work.id)
            except psycopg.OperationalError:
                return
            town.line.touched = False
            town.idle = not town.hand
        if town.hand:
            work = town.hand.pop(self.world.plan.whole(0, len(town.hand) - 1))
            self.world.counts["tasks"] += 1
            await self._begin(town, f"{work.kind} {work.subject}", _done(town, work))

    async def _deed(self, town: Town, name: str, work: Coroutine[Any, Any, str]) -> None:
        self.world.counts["deeds"] += 1
        await self._begin(town, name, work)

    async def _begin(self, town: Town, name: str, work: Coroutine[Any, Any, str], *, may_stall: bool = True) -> None:
        self.world.step += 1
        self.world.tell(f"{town.code} {name}")
        if self.world.stormy and self.world.fate.falls(0.07):
            await self._aim(town)
        await self._go_on(town.number, Operation(name, work, may_stall=may_stall))

    async def _aim(self, town: Town) -> None:
        """A blow is to fall on this operation: mostly on its own city, sometimes on whoever it calls."""
        fate = self.world.fate
        kind = fate.weighed({"died": 5.0, "dropped": 4.0, "cut": 0.3})
        struck = town if fate.falls(0.7) else fate.pick(self.towns)
        struck.line.strike_later(Blow(kind, fate.whole(0, 12), after_commit=fate.falls(0.5)))

    async def _go_on(self, whose: int, operation: Operation) -> None:
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

    # After the storm. --------------------------------------------------------------------------------

    async def _heal(self) -> None:
        """No more faults; what is held up goes on or is gone, roads open, clocks are set, the newest keys are known."""
        world = self.world
        world.stormy = False
        world.tell("healed")
        self.roads.closed.clear()
        for town in self.towns:
            town.clock.skew = max(town.clock.skew, timedelta(seconds=-140))
        while self.held:
            await self._go_on(*self.held.pop(0))
        for _, message in self.roads.under_way:
            await self.roads.deliver(message)
        self.roads.under_way.clear()
        for town in self.towns:
            try:
                await town.learn()
            except HejieError:
                world.tell(f"{town.code} knows the directory")
        while self.people.unanswered and not world.wrong:
            await self._deed(*self.people.again())

    async def _drain(self) -> None:
        """Work off all that becomes due within the time to settle; officers answer what still waits, once."""
        until = self.world.at + SETTLE
        await self._work_until(until)
        for which in sorted(self.watch.handovers):
            row = self.watch.handovers[which]
            if not row.ours and row.state is State.offered:
                await self._deed(*self.people.answer_offer(which))
        await self._work_until(until + timedelta(days=1))

    async def _work_until(self, until: Any) -> None:
        for _ in range(MOST_ROUNDS):
            await self._work_off()
            found = [self._next(town) for town in self.towns]
            times = [each for each in found if each is not None]
            if self.world.wrong or not times or min(times) > until:
                self.world.at = max(self.world.at, until)
                return
            self._later(max(0.0, (min(times) + _JUST - self.world.at).total_seconds()))
        self.world.violate("it never comes to rest")

    def _next(self, town: Town) -> Any:
        row = self.links[town.number].execute(_NEXT, [town.code]).fetchone()
        return row[0] - town.clock.skew if row and row[0] else None

    async def _work_off(self) -> None:
        for town in self.towns:
            town.idle = False
        last = self.world.step + MOST_AT_ONE_TIME
        while not self.world.wrong and any(town.hand or not town.idle for town in self.towns):
            await self._work_somewhere()
            if self.world.step > last:
                self.world.violate("the same work comes again and again at one instant")


async def _done(town: Town, work: Work) -> str:
    await town.worker.do(work)
    return "done"


@contextmanager
def _heard(world: World) -> Iterator[None]:
    """What the product logs is counted; a duty that breaks over anything but a known trouble is wrong."""

    def hear(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        error = line.get("exc_info")
        if line.get("event") == "duty_broke" and not isinstance(error, psycopg.OperationalError):
            world.violate(f"duty {line.get('kind')} broke: {error!r}")
        elif line.get("event") == "duty_failed":
            world.counts["tasks that failed"] += 1
            world.tell(f"  failed: {line.get('why')}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[hear])
    try:
        yield
    finally:
        structlog.configure(**before)
