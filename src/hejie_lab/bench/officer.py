"""`officer`: the work list and the statistics of a city, among few and among very many disputes."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import date, timedelta
from typing import Any

import psycopg

from hejie.app import App, build
from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.edge import sessions
from hejie.edge.sessions import Viewer
from hejie.intake.day_counts import count_all, forget_counts
from hejie.queries import lists, officer
from hejie.queries.lists import Wanted
from hejie.queries.statistics import Period, Statistics, statistics
from hejie.store.pool import Connection, city_transaction
from hejie_lab.bench import load
from hejie_lab.bench.lists import in_turn, ratios, scans
from hejie_lab.bench.many import make_templates, multiply
from hejie_lab.bench.measure import Report, Run, medians, report
from hejie_lab.bench.recording import recorder
from hejie_lab.bench.rig import CITY, consumers, generated, open_shop, platform, ports
from hejie_lab.errors import LabError
from hejie_lab.platform import Addresses, Platform

HELP = "the officers' work list and statistics among 10,000 and 1,000,000 disputes"
ME = "bench-officer"
CHANGED = 200
"""Disputes that have changed since the counters were written."""
_CHANGE = """
insert into count_waiting (city, id)
select city, id from dispute where city = %s order by id limit %s
on conflict (city, id) do update set id = excluded.id
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--sizes", type=_numbers, default=(10_000, 1_000_000), help="disputes (default: 10000,1000000)")
    parser.add_argument("--count", type=int, default=300, help="reads of each kind in each round (default: 300)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(sizes=args.sizes, reads=args.count, rounds=args.rounds, tell=tell)


def measure(
    *,
    sizes: Sequence[int],
    reads: int,
    rounds: int,
    databases: Sequence[Addresses | None] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Every size in a database of its own, all up at once, read in turn."""
    given = list(databases) or [None] * len(sizes)
    with ExitStack() as stack:
        here = [stack.enter_context(platform(database=each)) for each in given]
        runs, told = asyncio.run(_measured(here, sizes, reads, rounds, tell))
        settings = {"sizes": list(sizes), "reads": reads, "rounds": rounds, "changed since counted": CHANGED}
        return report("officer", here[0].memory.app_url, settings, runs, {"ratio": ratios(medians(runs)), **told})


async def _measured(
    here: Sequence[Platform], sizes: Sequence[int], reads: int, rounds: int, tell: Callable[[str], None]
) -> tuple[list[Run], dict[str, Any]]:
    runs: list[Run] = []
    async with AsyncExitStack() as stack:
        desks = []
        for platform_here, size in zip(here, sizes, strict=True):
            app = await stack.enter_async_context(build(platform_here.settings))
            desks.append(await _Desk(platform_here, app, size).prepared(tell))
        for number in range(1, rounds + 1):
            for what in desks[0].reads:
                found = await in_turn(desks, what, number, reads)
                told = ", ".join(f"{run.size}: p50 {run.p50_ms}, p99 {run.p99_ms} ms" for run in found)
                tell(f"round {number}, {what}: {told}")
                runs += found
        plans = {str(desk.size): await desk.plans() for desk in desks}
    seconds = {str(desk.size): desk.seconds for desk in desks}
    whole = {size: scans(told) for size, told in plans.items()}
    return runs, {"seconds": seconds, "whole_scans": whole, "plans": plans}


class _Desk:
    """One size: its database, and the reads that are timed."""

    def __init__(self, here: Platform, app: App, size: int) -> None:
        self._here, self._app, self.size = here, app, size
        self.seconds: dict[str, float] = {}

    async def prepared(self, tell: Callable[[str], None]) -> _Desk:
        """Fill the database, count it, and hold the counters against a count from every dispute."""
        app = self._app
        shop = await open_shop(app, self._here)
        (consumer,) = await consumers(app, ["2088900000000001"])
        with self._timed("made"):
            await multiply(app, await make_templates(app, consumer, shop), shop[0], self.size)
        self._vacuum()
        async with city_transaction(app.pool, CITY) as connection:
            await forget_counts(connection, CITY)
        with self._timed("counted"):
            await count_all(app.pool, CITY)
        async with city_transaction(app.pool, CITY) as connection:
            await connection.execute(_CHANGE, [CITY, CHANGED])
        self._vacuum()
        with self._timed("counted afresh by the command"):
            afresh = await self._counted(self.month, afresh=True)
        if await self._counted(self.month) != afresh:
            raise LabError("The counters do not say what the disputes do.")
        async with city_transaction(app.pool, CITY) as connection:
            viewer = Viewer(city=CITY, role=Role.officer, person=ME, organisation="330100")
            self._token = await sessions.begin(connection, app.house.chance, viewer)
        tell(f"{self.size} disputes, seconds: {self.seconds}")
        return self

    def _timed(self, what: str) -> _Timed:
        return _Timed(self.seconds, what)

    def _vacuum(self) -> None:
        with psycopg.connect(self._here.memory.owner_url, autocommit=True) as owner:
            owner.execute("vacuum analyze")

    async def _counted(self, wanted: Period, *, afresh: bool = False) -> Statistics:
        async with city_transaction(self._app.pool, CITY) as connection:
            return await statistics(connection, CITY, wanted, afresh=afresh)

    @property
    def month(self) -> Period:
        """The last whole month."""
        last = self._app.clock.now().astimezone(SHANGHAI).date().replace(day=1) - timedelta(days=1)
        return Period(first=last.replace(day=1), last=last)

    @property
    def _year(self) -> Period:
        last = self.month.last
        return Period(first=date(last.year - (last.month < 12), last.month % 12 + 1, 1), last=last)  # noqa: PLR2004

    @property
    def _odd(self) -> Period:
        """Forty days that begin and end within months."""
        last = self.month.last - timedelta(days=10)
        return Period(first=last - timedelta(days=39), last=last)

    # The reads. ----------------------------------------------------------------------------------

    @property
    def reads(self) -> tuple[str, ...]:
        """Their names."""
        return (*self._queries, *self._pages)

    @property
    def _queries(self) -> dict[str, Callable[[Connection], Awaitable[object]]]:
        return {
            "work list": self._list,
            "statistics of a month": lambda at: statistics(at, CITY, self.month),
            "statistics of forty days": lambda at: statistics(at, CITY, self._odd),
            "statistics of a year": lambda at: statistics(at, CITY, self._year),
        }

    @property
    def _pages(self) -> dict[str, str]:
        days = f"from={self.month.first}&to={self.month.last}"
        return {
            "work list over HTTP": f"/{CITY}/officer",
            "statistics of a month over HTTP": f"/{CITY}/officer/statistics?{days}",
        }

    async def _list(self, connection: Connection) -> object:
        await officer.counts(connection, CITY, ME)
        await lists.most_urgent(connection, CITY, Wanted(), "")
        return await officer.desk_order(connection, CITY, Wanted())

    async def sample(self, what: str, first: int, count: int) -> list[float]:
        """Milliseconds of so many reads, one after the other."""
        if what in self._pages:
            return await asyncio.to_thread(self._over_http, what, count)
        read, latencies = self._queries[what], list[float]()
        for _ in range(first, first + count):
            began = time.perf_counter()
            async with city_transaction(self._app.pool, CITY) as connection:
                await read(connection)
            latencies.append((time.perf_counter() - began) * 1000)
        return latencies

    def _over_http(self, what: str, count: int) -> list[float]:
        asked = load.request("GET", self._pages[what], {"cookie": f"hejie-officer={self._token}"})
        outcome = generated(load.Order(ports=ports(self._here), clients=((asked,) * count,)))
        if outcome.statuses != {200: count}:
            raise LabError(f"{what} was not given: {outcome.statuses}.")
        return list(outcome.latencies_ms)

    async def plans(self) -> dict[str, list[str]]:
        """How the server answers each query, by its own word."""
        found: dict[str, list[str]] = {}
        async with recorder(self._here.memory.app_url) as tape:
            for what, read in self._queries.items():
                await tape.taken_down()
                async with city_transaction(tape.pool, CITY) as connection:
                    await read(connection)
                asked = [step for step in await tape.taken_down() if "from" in step.query]
                async with city_transaction(self._app.pool, CITY) as connection:
                    for step in asked:
                        cursor = await connection.execute(f"explain {step.query}", step.values)
                        found.setdefault(what, []).extend(str(line) for (line,) in await cursor.fetchall())
        return found


class _Timed:
    """Keeps how many seconds a part took."""

    def __init__(self, kept: dict[str, float], what: str) -> None:
        self._kept, self._what = kept, what

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._kept[self._what] = round(time.perf_counter() - self._began, 1)
