"""One seed from its first city to its last check."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from msgspec import Struct

from hejie.base.errors import HejieError
from hejie.handovers.model import State
from hejie_lab.simulate.checks import CHECKS, Rest
from hejie_lab.simulate.hands import Hands
from hejie_lab.simulate.keys import Register
from hejie_lab.simulate.line import Line
from hejie_lab.simulate.logs import Logs
from hejie_lab.simulate.people import People
from hejie_lab.simulate.purse import Ledger
from hejie_lab.simulate.roads import Roads
from hejie_lab.simulate.storm import Storm
from hejie_lab.simulate.town import Front, Town
from hejie_lab.simulate.watch import Watch
from hejie_lab.simulate.world import World

SETTLE = timedelta(days=4)
"""How long after the last fault all must have come to rest: a letter is tried again within six hours."""
_HALF_DAY = 12 * 3600.0


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
    log: bool = False
    """Whether the cities' logs were tended and cosigned."""
    messages: bool = False
    """Whether people were sent messages."""


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
        self.ledger = Ledger(self.world)
        self.roads = Roads(self.world)
        self.register = Register(codes, self.world.product.bytes)
        self.logs = Logs(self.world)
        self.roads.watched = self.logs.hear
        self.towns = [
            Town(self.world, number, line, front, self.roads, self.register, self.ledger, self.logs)
            for number, (line, front) in enumerate(zip(lines, fronts, strict=True))
        ]
        self.roads.towns = self.towns
        self.watch = Watch(self.world, links, self.ledger)
        self.people = People(self.world, self.towns, self.watch)
        self.hands = Hands(self.world, self.towns, self.watch, links)
        self.links = links

    async def whole(self) -> Outcome:
        """Found the cities, let the storm pass, heal, drain, check."""
        began = time.perf_counter()
        with _heard(self.world):
            await self._found()
            await Storm(self.hands, self.people, self.roads, self.register, self.logs, self.towns).rages(self.days)
            if not self.world.wrong:
                await self._heal()
                await self._calm()
            if not self.world.wrong:
                await self._drain()
            if not self.world.wrong:
                rest = Rest(self.towns, self.links, self.watch, self.people, self.ledger, self.logs)
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
            log=self.logs.kept,
            messages=not world.quiet,
        )

    async def _found(self) -> None:
        for town in self.towns:
            await town.found()
        await self.people.settle_in()
        self.watch.look(self.towns)

    async def _heal(self) -> None:
        """Nothing is lost any more: roads open, clocks are set, the newest keys are known."""
        world = self.world
        world.stormy, world.hangs = False, True
        world.tell("healed")
        self.roads.closed.clear()
        for town in self.towns:
            town.clock.skew = max(town.clock.skew, timedelta(seconds=-140))
            town.wake()
        for _, message in self.roads.under_way:
            await self.roads.deliver(message)
        self.roads.under_way.clear()
        await self._learn()

    async def _calm(self) -> None:
        """A quiet day, on which operations still hang: merchants pay back, officers hand on; then what hung goes on.

        By then others have long done its work.
        """
        world, hands, parties = self.world, self.hands, self.people.parties
        if world.plan.falls(0.3):
            await self._go_on()
        await hands.work_until(world.at + timedelta(seconds=world.plan.between(0, _HALF_DAY)))
        for where in parties.at_home():
            deed = world.plan.pick([parties.agrees, parties.offers, None])
            if deed is not None and not world.wrong:
                await hands.deed(*deed(where))
        await hands.work_until(world.at + timedelta(seconds=world.plan.between(0, _HALF_DAY)))
        world.hangs = False
        await self._go_on()
        for filing in (*self.people.unanswered, *self.people.answered):
            if not world.wrong:
                await hands.deed(*self.people.ask(filing))

    async def _go_on(self) -> None:
        """What is held up goes on, in any order."""
        held = self.hands.held
        for _ in range(len(held)):
            if not self.world.wrong:
                await self.hands.go_on(*held.pop(self.world.plan.whole(0, len(held) - 1)))

    async def _learn(self) -> None:
        for town in self.towns:
            try:
                await town.learn()
            except HejieError:
                self.world.tell(f"{town.code} knows the directory")

    async def _drain(self) -> None:
        """Work off all that becomes due within the time to settle; officers answer what still waits."""
        until = self.world.at + SETTLE
        await self.hands.work_until(until)
        for which in sorted(self.watch.handovers):
            row = self.watch.handovers[which]
            if not row.ours and row.state is State.offered:
                await self.hands.deed(*self.people.parties.answer_offer(which))
        await self.hands.work_until(until + timedelta(days=1))
        if self.logs.kept and not self.world.wrong:
            await self.logs.finish(self.hands, self.towns)


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
