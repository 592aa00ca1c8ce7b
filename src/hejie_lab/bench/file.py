"""`file`: disputes filed per second over HTTP, beside the bare driver doing the same SQL on the same database."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import count
from typing import Any, get_args

from msgspec import Struct

from hejie.app import App, build
from hejie.base.actor import Actor, Role
from hejie.desk.act import Content, Desk, Once
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Remedy
from hejie.store import places
from hejie.store.pool import city_transaction
from hejie_lab.bench import cpu, load, replay
from hejie_lab.bench.measure import Report, Run, load_now, medians, report, run_of
from hejie_lab.bench.recording import Recorder, Step, recorder
from hejie_lab.bench.rig import (
    CITY,
    FILINGS_EACH,
    WORDS,
    Consumer,
    Payment,
    apart,
    bring,
    consumers,
    dealt,
    filing,
    filing_by_form,
    generated,
    open_shop,
    platform,
    ports,
)
from hejie_lab.errors import LabError
from hejie_lab.platform import Addresses, Platform

HELP = "disputes filed per second over HTTP, beside the bare driver"
OURS = "hejie over HTTP"
FORM = "hejie by form"
"""The road of the consumer's page: cookie, CSRF token, draft and redirection besides; not part of the ratio."""
CREATED, SEE_OTHER = 201, 303


class Recorded(Struct, frozen=True, kw_only=True):
    """One filing as the desk sent it, and the names in it that must be new each time."""

    steps: tuple[Step, ...]
    names: tuple[str, ...]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--clients", type=_numbers, default=(1, 8, 32), help="numbers of clients (default: 1,8,32)")
    parser.add_argument("--count", type=int, default=3000, help="filings in each run (default: 3000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")
    parser.add_argument("--servers", type=int, default=1, help="serving processes (default: 1)")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(clients=args.clients, filings=args.count, rounds=args.rounds, servers=args.servers, tell=tell)


def measure(
    *,
    clients: Sequence[int],
    filings: int,
    rounds: int,
    servers: int = 1,
    database: Addresses | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Ours, psycopg in threads and asyncpg, in turn, each with its own payments; every run is kept."""
    pool = max(clients)
    with platform(servers=servers, environment={"HEJIE_POOL_SIZE": str(pool)}, database=database, tell=tell) as here:
        runs, found = asyncio.run(_measured(here, clients, filings, rounds, tell))
        settings = {"clients": list(clients), "filings": filings, "rounds": rounds, "servers": servers, "pool": pool}
        findings = {"ratio": _ratios(medians(runs)), **found}
        return report("file", here.memory.app_url, settings, runs, findings)


async def _measured(
    here: Platform, clients: Sequence[int], filings: int, rounds: int, tell: Callable[[str], None]
) -> tuple[list[Run], dict[str, Any]]:
    async with build(here.settings) as app:
        bench = _Bench(here, app, await open_shop(app, here))
        recorded = await bench.prepare()
        runs = []
        for number in range(1, rounds + 1):
            for size in clients:
                for what in (OURS, FORM, *_drivers()):
                    done = await bench.one(what, size, number, filings)
                    tell(f"round {number}, {size} clients, {what}: {done.per_second}/s, p99 {done.p99_ms} ms")
                    runs.append(done)
        statements = [" ".join(step.query.split()) for step in recorded.steps if step.query]
        return runs, {"stored": await bench.stored(), "statements": statements}


def _ratios(medians: Sequence[Run]) -> dict[str, float]:
    """For each number of clients: ours by the fastest driver's."""
    best: dict[int, float] = {}
    for run in medians:
        if run.what in get_args(replay.Driver):
            best[run.size] = max(best.get(run.size, 0.0), run.per_second)
    return {str(run.size): round(run.per_second / best[run.size], 3) for run in medians if run.what == OURS}


class _Bench:
    """A prepared platform."""

    def __init__(self, here: Platform, app: App, shop: tuple[str, str]) -> None:
        self._here, self._app, self._shop = here, app, shop
        self._batches = count(1)

    async def prepare(self) -> Recorded:
        """Take down one filing as the open platform does it; the second counts, the first has read the settings."""
        (consumer,) = await consumers(self._app, ["2088900000000000"])
        trades = ["RECORDED00000001", "RECORDED00000002"]
        await bring(self._app, consumer, *self._shop, [Payment(trade, 5000) for trade in trades])
        async with recorder(self._here.memory.app_url) as tape:
            for trade in trades:
                await tape.taken_down()
                names = await self._file_once(tape, consumer, trade)
            self.recorded = Recorded(steps=tuple(await tape.taken_down()), names=(trade, consumer.person, *names))
        return self.recorded

    async def _file_once(self, tape: Recorder, consumer: Consumer, trade: str) -> tuple[str, str, str]:
        desk = Desk(tape.pool, self._app.clock, self._app.house.vaults, self._app.house.chance)
        dispute, words, key = _names()
        claim = Claim(remedy=Remedy.refund_full)
        command = c.File(id=dispute, trades=(trade,), problem="quality", claim=claim, words=words)
        content = Content(id=words, kind="text", plain=WORDS.encode())
        actor, once = Actor(Role.consumer, consumer.person), Once(key, os.urandom(32))
        await desk.act(DISPUTES, CITY, dispute, command, actor, contents=[content], once=once)
        return dispute, words, key

    async def one(self, what: str, size: int, number: int, filings: int) -> Run:
        """One run: fresh payments, a warm-up, then all of it."""
        warm, load_before = size * replay.WARM, load_now()
        if what in {OURS, FORM}:
            requests = await self._requests(warm + filings, filing if what == OURS else filing_by_form)
            expected = CREATED if what == OURS else SEE_OTHER
            await asyncio.to_thread(self._filed, requests[:warm], size, expected)
            before, share = self._used(), 1.0
            outcome = await asyncio.to_thread(self._filed, requests[warm:], size, expected)
        else:
            paid = await self._payments(warm + filings)
            before, share = self._used(), filings / (warm + filings)
            outcome = await asyncio.to_thread(
                self._replayed, what, size, [(trade, person.person) for person, trade in paid]
            )
        used = {name: (seconds - before[name]) * share for name, seconds in self._used().items()}
        return run_of(what, size, number, outcome.seconds, outcome.latencies_ms, load=load_before,
                      cpu={"client": outcome.cpu_seconds, **used})  # fmt: skip

    async def stored(self) -> dict[str, int]:
        """How many disputes and log lines there are now."""
        async with city_transaction(self._app.pool, CITY) as connection:
            cursor = await connection.execute(
                "select (select count(*) from dispute), (select count(*) from log where noun = 'dispute')"
            )
            row: Any = await cursor.fetchone()
        return {"disputes": row[0], "events": row[1]}

    async def _requests(self, filings: int, ask: Callable[[Consumer, str], bytes]) -> list[bytes]:
        return [ask(person, trade) for person, trade in await self._payments(filings)]

    async def _payments(self, filings: int) -> list[tuple[Consumer, str]]:
        """Fresh payments by as many consumers as the limit on one session's acts asks for, the same for every road."""
        batch, made = next(self._batches), list[tuple[Consumer, str]]()
        users = [f"20889{batch:04d}{number:07d}" for number in range(-(-filings // FILINGS_EACH))]
        for person in await consumers(self._app, users):
            trades = await self._trades(person, min(FILINGS_EACH, filings - len(made)))
            made += [(person, trade) for trade in trades]
        return made

    async def _trades(self, person: Consumer, number: int) -> list[str]:
        batch = next(self._batches)
        trades = [f"B{batch:06d}{each:09d}" for each in range(number)]
        await bring(self._app, person, *self._shop, [Payment(trade, 5000) for trade in trades])
        return trades

    def _filed(self, requests: Sequence[bytes], size: int, expected: int) -> load.Outcome:
        outcome = generated(load.Order(ports=ports(self._here), clients=dealt(requests, size)))
        if outcome.statuses != {expected: len(requests)}:
            raise LabError(f"Not every filing was taken: {outcome.statuses}.")
        return outcome

    def _replayed(self, driver: Any, size: int, paid: Sequence[tuple[str, str]]) -> load.Outcome:
        order = replay.Order(
            url=self._here.memory.app_url,
            driver=driver,
            connections=size,
            steps=self.recorded.steps,
            names=self.recorded.names,
            fresh=tuple((*each, *_names()) for each in paid),
        )
        return apart("hejie_lab.bench.replay", order, load.Outcome)

    def _used(self) -> dict[str, float]:
        servers = [child.pid for name, child in self._here.children.items() if name.startswith("serve")]
        data = places.data_of(self._here.folder / "pg")
        return {"database": cpu.of_database(data), "server": cpu.of_processes(pid for pid in servers if pid)}


def _drivers() -> tuple[str, ...]:
    """The drivers to stand beside; asyncpg comes with the tests' extra."""
    return tuple(name for name in get_args(replay.Driver) if name != "asyncpg" or find_spec("asyncpg"))


def _names() -> tuple[str, str, str]:
    """Fresh names of a dispute, its words and its request, shaped like the house's own."""
    fresh = os.urandom(16).hex().upper()
    return f"{CITY}-{fresh[:10]}-{fresh[10:22]}", f"{CITY}-{fresh[10:20]}-{fresh[20:32]}", f"bench-{fresh}"
