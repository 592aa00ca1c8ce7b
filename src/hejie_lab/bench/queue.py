"""`queue`: a head office of 10,000 shops reads its queue, narrows it and answers 50 at once, among few and many."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from typing import Any
from urllib.parse import urlencode

import msgspec
import psycopg

from hejie.app import App, build
from hejie.base.actor import SYSTEM, Role
from hejie.desk.merchants import MERCHANTS
from hejie.disputes.states import State
from hejie.edge import sessions
from hejie.edge.sessions import Viewer
from hejie.merchants.commands import AddStaff
from hejie.merchants.model import Rank, Shop, Staff
from hejie.queries import queue
from hejie.queries.queue import Want
from hejie.store.pool import Connection, city_transaction
from hejie_lab.bench import load
from hejie_lab.bench.lists import in_turn, ratios, scans
from hejie_lab.bench.many import COPIED, Spread, make_templates, multiply
from hejie_lab.bench.measure import Report, Run, medians, report
from hejie_lab.bench.recording import recorder
from hejie_lab.bench.rig import CITY, consumers, generated, open_shop, platform, ports
from hejie_lab.errors import LabError
from hejie_lab.platform import Addresses, Platform

HELP = "a head office's queue among 10,000 and 1,000,000 disputes of 10,000 shops"
ME, OFFICE = "bench-specialist", f"{COPIED}0"
MANY = 50
"""Disputes answered at once."""
MINE = 40
"""Open disputes that are the specialist's own."""
_SHOPS = """
update merchant set body = jsonb_set(body, '{shops}', (
  select jsonb_agg(%s::jsonb || jsonb_build_object('id', id, 'name', name))
  from shop where city = %s and merchant = %s))
where city = %s and id = %s
"""
_MINE = "update dispute set assignee = %s where city = %s and id = any(%s)"
_OPEN = """
select id, version from dispute where city = %s and merchant = %s and closed_at is null and state = %s
order by coalesce(due_at, filed_at), id offset %s limit %s
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--sizes", type=_numbers, default=(10_000, 1_000_000), help="disputes (default: 10000,1000000)")
    parser.add_argument("--shops", type=int, default=10_000, help="shops of the chain (default: 10000)")
    parser.add_argument("--count", type=int, default=300, help="reads of each kind in each round (default: 300)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(sizes=args.sizes, shops=args.shops, reads=args.count, rounds=args.rounds, tell=tell)


def measure(
    *,
    sizes: Sequence[int],
    shops: int,
    reads: int,
    rounds: int,
    databases: Sequence[Addresses | None] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Every size in a database of its own, all up at once, read in turn."""
    given = list(databases) or [None] * len(sizes)
    with ExitStack() as stack:
        here = [stack.enter_context(platform(database=each)) for each in given]
        runs, plans = asyncio.run(_measured(here, sizes, shops, reads, rounds, tell))
        settings = {"sizes": list(sizes), "shops": shops, "reads": reads, "rounds": rounds, "answers at once": MANY}
        findings = {"ratio": ratios(medians(runs)), **plans}
        return report("queue", here[0].memory.app_url, settings, runs, findings)


async def _measured(
    here: Sequence[Platform], sizes: Sequence[int], shops: int, reads: int, rounds: int, tell: Callable[[str], None]
) -> tuple[list[Run], dict[str, Any]]:
    runs: list[Run] = []
    async with AsyncExitStack() as stack:
        offices = []
        for platform_here, size in zip(here, sizes, strict=True):
            app = await stack.enter_async_context(build(platform_here.settings))
            offices.append(await _Office(platform_here, app, size).prepared(shops, tell))
        for number in range(1, rounds + 1):
            for what in offices[0].reads:
                found = await in_turn(offices, what, number, reads if what not in _Office.slow else max(1, reads // 10))
                told = ", ".join(f"{run.size}: p50 {run.p50_ms}, p99 {run.p99_ms} ms" for run in found)
                tell(f"round {number}, {what}: {told}")
                runs += found
        plans = {str(office.size): await office.plans() for office in offices}
        lines = {str(office.size): await office.lines() for office in offices}
    made = {str(office.size): office.seconds for office in offices}
    whole = {size: scans(told) for size, told in plans.items()}
    return runs, {"prepared_seconds": made, "whole_scans": whole, "lines": lines, "plans": plans}


class _Office:
    """One size: its database, and what the specialist does there."""

    slow = frozenset({"50 answers at once over HTTP"})

    def __init__(self, here: Platform, app: App, size: int) -> None:
        self._here, self._app, self.size = here, app, size
        self.seconds = 0.0
        self._shop = f"s-{COPIED}0"
        self._sent = 0

    async def prepared(self, shops: int, tell: Callable[[str], None]) -> _Office:
        """Fill the database with one chain, its shops and disputes, and sign the specialist in."""
        began = time.perf_counter()
        app = self._app
        shop = await open_shop(app, self._here)
        (consumer,) = await consumers(app, ["2088900000000001"])
        spread = Spread(merchants=1, shops=shops)
        await multiply(app, await make_templates(app, consumer, shop), shop[0], self.size, spread)
        await self._furnished()
        with psycopg.connect(self._here.memory.owner_url, autocommit=True) as owner:
            owner.execute("vacuum analyze")
        self.seconds = round(time.perf_counter() - began, 1)
        tell(f"{self.size} disputes made in {self.seconds} s")
        return self

    async def _furnished(self) -> None:
        """The chain's own row carries every shop; the specialist has a place, a session and some disputes."""
        shape = Shop(id="", name="", district="330102", address="解放路154号", category="food")
        async with city_transaction(self._app.pool, CITY) as connection:
            body = msgspec.json.encode(shape).decode()
            await connection.execute(_SHOPS, [body, CITY, OFFICE, CITY, OFFICE])
            mine = await self._open(connection, State.awaiting_merchant, 0, MINE)
            await connection.execute(_MINE, [ME, CITY, [identifier for identifier, _ in mine]])
            if mine:
                row: Any = await (
                    await connection.execute("select shop from dispute where city = %s and id = %s", [CITY, mine[0][0]])
                ).fetchone()
                self._shop = str(row[0])
            viewer = Viewer(city=CITY, role=Role.merchant, person=ME, organisation=OFFICE)
            self._token = await sessions.begin(connection, self._app.house.chance, viewer)
            found = await sessions.find(connection, CITY, [self._token])
            self._csrf = sessions.csrf_of(found[Role.merchant].secret)
        staff = Staff(person=ME, rank=Rank.manager, refund_limit_fen=100_000)
        await self._app.desk.act(MERCHANTS, CITY, OFFICE, AddStaff(staff=staff), SYSTEM)

    async def _open(self, connection: Connection, state: State, offset: int, count: int) -> list[Any]:
        cursor = await connection.execute(_OPEN, [CITY, OFFICE, state.value, offset, count])
        return await cursor.fetchall()

    # What is timed. ------------------------------------------------------------------------------

    @property
    def reads(self) -> tuple[str, ...]:
        """Their names."""
        return (*self._queries, *self._pages, *self.slow)

    @property
    def _wants(self) -> dict[str, Want]:
        """What the queue is asked for."""
        return {
            "first page": Want(),
            "one shop": Want(states=queue.ALL_OPEN, shops=(self._shop,)),
            "one problem": Want(problem="price"),
            "one person's": Want(assignees=(ME,)),
            "nobody's of one problem in one state": Want(
                states=(State.awaiting_merchant,), problem="price", assignees=("",)
            ),
            "ended": Want(states=()),
            "a shop's ended": Want(states=(), shops=(self._shop,)),
        }

    @property
    def _queries(self) -> dict[str, Callable[[Connection], Awaitable[object]]]:
        def asking(want: Want) -> Callable[[Connection], Awaitable[object]]:
            return lambda connection: queue.queue(connection, CITY, OFFICE, want)

        return {what: asking(want) for what, want in self._wants.items()}

    @property
    def _pages(self) -> dict[str, str]:
        """The whole pages over HTTP."""
        narrowed = urlencode({"problem": "price", "state": "awaiting_merchant", "who": "nobody", "due": "72h"})
        return {
            "first page over HTTP": f"/{CITY}/merchant",
            "one shop over HTTP": f"/{CITY}/merchant?{urlencode({'shop': self._shop, 'state': 'open'})}",
            "narrowed over HTTP": f"/{CITY}/merchant?{narrowed}",
        }

    async def sample(self, what: str, first: int, count: int) -> list[float]:
        """Milliseconds of so many, one after the other."""
        if what in self._pages:
            asked = [load.request("GET", self._pages[what], self._cookie)] * count
            return await asyncio.to_thread(self._over_http, what, asked)
        if what in self.slow:
            return [await self._answers() for _ in range(first, first + count)]
        read, latencies = self._queries[what], list[float]()
        for _ in range(first, first + count):
            began = time.perf_counter()
            async with city_transaction(self._app.pool, CITY) as connection:
                await read(connection)
            latencies.append((time.perf_counter() - began) * 1000)
        return latencies

    @property
    def _cookie(self) -> dict[str, str]:
        return {"cookie": f"hejie-merchant={self._token}"}

    async def _answers(self) -> float:
        """Fifty disputes answered by one form, each by the desk; which of them goes round."""
        self._sent += 1
        async with city_transaction(self._app.pool, CITY) as connection:
            rows = await self._open(
                connection, State.awaiting_consumer, self._sent * MANY % max(1, self.size // 20), MANY
            )
        fields = [("act", "answer"), ("words", "我们查过了，没有问题。"), ("csrf", self._csrf)]
        fields += [("once", f"bench-queue-{self.size}-{self._sent:08d}")]
        fields += [("pick", f"{CITY}.{identifier}.{version}") for identifier, version in rows]
        headers = self._cookie | {"content-type": "application/x-www-form-urlencoded"}
        asked = load.request("POST", f"/{CITY}/merchant/many/do", headers, urlencode(fields).encode())
        (latency,) = await asyncio.to_thread(self._over_http, "50 answers at once", [asked])
        await self._must_have_answered(rows)
        return latency

    async def _must_have_answered(self, rows: Sequence[Any]) -> None:
        before = dict(rows)
        async with city_transaction(self._app.pool, CITY) as connection:
            cursor = await connection.execute(
                "select id, version from dispute where city = %s and id = any(%s)", [CITY, list(before)]
            )
            now: list[Any] = await cursor.fetchall()
        if not before or any(version <= before[identifier] for identifier, version in now):
            raise LabError("Some of the answers were not given.")

    def _over_http(self, what: str, asked: Sequence[bytes]) -> list[float]:
        outcome = generated(load.Order(ports=ports(self._here), clients=(tuple(asked),)))
        if outcome.statuses != {200: len(asked)}:
            raise LabError(f"{what} was not given: {outcome.statuses}.")
        return list(outcome.latencies_ms)

    async def lines(self) -> dict[str, int]:
        """How many each query finds on its first page: a page that is not full compares with no other."""
        async with city_transaction(self._app.pool, CITY) as connection:
            return {what: len(await queue.queue(connection, CITY, OFFICE, want)) for what, want in self._wants.items()}

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
