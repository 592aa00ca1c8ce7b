"""`list`: the officer's first page, a deep page and one dispute opened, among few and among very many disputes."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from typing import Any, Protocol
from urllib.parse import urlencode

import psycopg
from msgspec import Struct

from hejie.app import App, build
from hejie.base.actor import Role
from hejie.edge import sessions
from hejie.edge.sessions import Viewer
from hejie.queries import lists, officer
from hejie.queries.lists import Page, Wanted
from hejie.queries.record import Record, read_record
from hejie.store.pool import Connection, city_transaction
from hejie_lab.bench import load
from hejie_lab.bench.many import COPIED, make_templates, multiply, sealed_anew
from hejie_lab.bench.measure import Report, Run, load_now, medians, report, run_of
from hejie_lab.bench.recording import recorder
from hejie_lab.bench.rig import CITY, WORDS, consumers, generated, open_shop, platform, ports
from hejie_lab.errors import LabError
from hejie_lab.platform import Addresses, Platform

HELP = "the officer's pages among 10,000 and 1,000,000 disputes"
ME = "bench-officer"
DEEP = 1_000
"""The deep page's number; where there are fewer, three quarters of the way down."""
OPENED = 500
"""Different disputes that are opened."""
WARM, SLICE = 20, 100
"""Reads that are not timed, and reads at one size before it is the other's turn."""
_LARGE = ("dispute", "log", "content", "data_key", "notice")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--sizes", type=_numbers, default=(10_000, 1_000_000), help="disputes (default: 10000,1000000)")
    parser.add_argument("--count", type=int, default=1000, help="reads of each kind in each round (default: 1000)")
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
        runs, plans = asyncio.run(_measured(here, sizes, reads, rounds, tell))
        settings = {"sizes": list(sizes), "reads": reads, "rounds": rounds, "deep page": DEEP, "page size": lists.PAGE}
        findings = {"ratio": ratios(medians(runs)), **plans}
        return report("list", here[0].memory.app_url, settings, runs, findings)


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
    deep = {str(desk.size): desk.deep for desk in desks}
    whole = {size: scans(told) for size, told in plans.items()}
    made = {str(desk.size): desk.seconds for desk in desks}
    return runs, {"prepared_seconds": made, "deep_pages": deep, "whole_scans": whole, "plans": plans}


async def in_turn(desks: Sequence[Sampled], what: str, number: int, reads: int) -> list[Run]:
    """One round of one read: a slice at each size in turn, so that what else the machine does meets all alike."""
    load_before = load_now()
    for desk in desks:
        await desk.sample(what, 0, min(WARM, reads))
    latencies: dict[int, list[float]] = {desk.size: [] for desk in desks}
    for first in range(0, reads, SLICE):
        for desk in desks:
            latencies[desk.size] += await desk.sample(what, first, min(SLICE, reads - first))
    return [run_of(what, size, number, sum(found) / 1000, found, load=load_before) for size, found in latencies.items()]


def ratios(found: Sequence[Run]) -> dict[str, float]:
    """For each kind of read: the 99th percentile among most disputes by that among fewest."""
    few, many = min(run.size for run in found), max(run.size for run in found)
    p99 = {(run.what, run.size): run.p99_ms for run in found}
    return {what: round(p99[what, many] / p99[what, few], 2) for what, size in p99 if size == few}


def scans(plans: dict[str, list[str]]) -> list[str]:
    """Reads whose plan goes through a whole large table: none, where the indexes serve."""
    named = [f"Seq Scan on {table}" for table in _LARGE]
    return [what for what, plan in plans.items() if any(scan in line for line in plan for scan in named)]


class Sampled(Protocol):
    """One size of a benchmark that reads."""

    size: int

    async def sample(self, what: str, first: int, count: int) -> list[float]:
        """Milliseconds of so many reads, one after the other."""
        ...


class _Deep(Struct, frozen=True):
    """A page far down, by the key under which it begins."""

    number: int
    key: str


class _Desk:
    """One size: its database, and the reads that are timed."""

    def __init__(self, here: Platform, app: App, size: int) -> None:
        self._here, self._app, self.size = here, app, size
        self.seconds = 0.0

    async def prepared(self, tell: Callable[[str], None]) -> _Desk:
        """Fill the database, walk to the deep pages, choose what is opened."""
        began = time.perf_counter()
        app = self._app
        shop = await open_shop(app, self._here)
        (consumer,) = await consumers(app, ["2088900000000001"])
        await multiply(app, await make_templates(app, consumer, shop), shop[0], self.size)
        with psycopg.connect(self._here.memory.owner_url, autocommit=True) as owner:
            owner.execute("vacuum analyze")
        self.seconds = round(time.perf_counter() - began, 1)
        tell(f"{self.size} disputes made in {self.seconds} s")
        self._opened = await self._chosen()
        await sealed_anew(app, self._opened)
        self._desk_deep = await self._walk(officer.desk_order)
        self._newest_deep = await self._walk(lists.newest)
        async with city_transaction(app.pool, CITY) as connection:
            viewer = Viewer(city=CITY, role=Role.officer, person=ME, organisation="330100")
            self._token = await sessions.begin(connection, app.house.chance, viewer)
        return self

    async def _chosen(self) -> list[str]:
        """Disputes of every age, by chance, the same for the same size."""
        async with city_transaction(self._app.pool, CITY) as connection:
            cursor = await connection.execute("select id, merchant from dispute where city = %s", [CITY])
            rows: list[Any] = await cursor.fetchall()
        found = sorted(identifier for identifier, merchant in rows if merchant.startswith(COPIED))
        return random.Random(self.size).sample(found, min(OPENED, len(found)))

    async def _walk(self, order: Callable[..., Awaitable[Page]]) -> _Deep:
        """Follow the keys down page by page, as an officer would."""
        keys, after = [""], ""
        async with city_transaction(self._app.pool, CITY) as connection:
            while len(keys) < DEEP:
                after = (await order(connection, CITY, Wanted(), after)).after
                if not after:
                    keys = keys[: max(1, len(keys) * 3 // 4)]
                    break
                keys.append(after)
        return _Deep(len(keys), keys[-1])

    @property
    def deep(self) -> dict[str, int]:
        """Which pages the deep ones are."""
        return {"desk order": self._desk_deep.number, "newest first": self._newest_deep.number}

    # The reads. ----------------------------------------------------------------------------------

    @property
    def reads(self) -> tuple[str, ...]:
        """Their names."""
        return (*self._queries, *self._pages)

    @property
    def _queries(self) -> dict[str, Callable[[Connection, int], Awaitable[object]]]:
        """What is asked of the database, as the pages ask it."""
        return {
            "first page": self._first,
            "deep page": lambda at, _: officer.desk_order(at, CITY, Wanted(), self._desk_deep.key),
            "deep page, newest first": lambda at, _: lists.newest(at, CITY, Wanted(), self._newest_deep.key),
            "one dispute": self._open,
        }

    @property
    def _pages(self) -> dict[str, Callable[[int], str]]:
        """The whole pages over HTTP."""
        deep = urlencode({"after": self._desk_deep.key})
        return {
            "first page over HTTP": lambda _: f"/{CITY}/officer",
            "deep page over HTTP": lambda _: f"/{CITY}/officer?{deep}",
            "one dispute over HTTP": lambda n: f"/{CITY}/officer/disputes/{self._opened[n % len(self._opened)]}",
        }

    async def _first(self, connection: Connection, _: int) -> Page:
        await officer.counts(connection, CITY, ME)
        return await officer.desk_order(connection, CITY, Wanted())

    async def _open(self, connection: Connection, number: int) -> Record:
        dispute = self._opened[number % len(self._opened)]
        record = await read_record(connection, self._app.house.vaults(CITY), CITY, dispute)
        if not any(line.words == WORDS for line in record.lines):
            raise LabError(f"The words of {dispute} could not be read.")
        return record

    async def sample(self, what: str, first: int, count: int) -> list[float]:
        """Milliseconds of so many reads, one after the other."""
        if what in self._pages:
            return await asyncio.to_thread(self._over_http, what, first, count)
        read, latencies = self._queries[what], list[float]()
        for each in range(first, first + count):
            began = time.perf_counter()
            async with city_transaction(self._app.pool, CITY) as connection:
                await read(connection, each)
            latencies.append((time.perf_counter() - began) * 1000)
        return latencies

    def _over_http(self, what: str, first: int, count: int) -> list[float]:
        cookie = {"cookie": f"hejie-officer={self._token}"}
        asked = tuple(load.request("GET", self._pages[what](each), cookie) for each in range(first, first + count))
        outcome = generated(load.Order(ports=ports(self._here), clients=(asked,)))
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
                    await read(connection, 0)
                asked = [step for step in await tape.taken_down() if "from" in step.query]
                async with city_transaction(self._app.pool, CITY) as connection:
                    for step in asked:
                        cursor = await connection.execute(f"explain {step.query}", step.values)
                        found.setdefault(what, []).extend(str(line) for (line,) in await cursor.fetchall())
        return found
