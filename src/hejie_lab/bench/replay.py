"""The bare driver: recorded transactions sent again under fresh names, by threads or by one event loop, and timed."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import count
from typing import Any, Literal, cast

import msgspec
import psycopg
import uvloop
from msgspec import Struct

from hejie_lab.bench.load import Outcome
from hejie_lab.bench.recording import Step, renamed

Driver = Literal["psycopg threads", "asyncpg"]
WARM = 8
"""Transactions each connection does beforehand, so that its statements are prepared."""


class Order(Struct, frozen=True, kw_only=True):
    """One piece of work."""

    url: str
    driver: Driver
    connections: int
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    """What must be new in each transaction, as it stands in the steps."""
    fresh: tuple[tuple[str, ...], ...]
    """For each transaction its own names; the first `connections` × `WARM` are not timed."""


Values = list[tuple[Any, ...]]


def values_of(order: Order) -> list[Values]:
    """For each transaction the values of its statements, made before the clock starts."""
    pattern = re.compile("|".join(map(re.escape, order.names)))
    made = []
    for names in order.fresh:
        known = dict(zip(order.names, names, strict=True))
        made.append(renamed(order.steps, partial(pattern.sub, partial(_name, known))))
    return made


def _name(known: Mapping[str, str], found: re.Match[str]) -> str:
    return known[found[0]]


def by_threads(order: Order) -> Outcome:
    """Psycopg, one thread and one connection each, pipelines where the desk has them."""
    warm, work = _dealt(order)
    latencies: list[list[float]] = [[] for _ in work]
    gate = threading.Barrier(order.connections + 1)

    def one(number: int) -> None:
        with psycopg.connect(order.url, autocommit=True) as connection:
            for values in warm[number]:
                _transact(connection, order.steps, values)
            gate.wait()
            for values in work[number]:
                began = time.perf_counter()
                _transact(connection, order.steps, values)
                latencies[number].append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=one, args=[number]) for number in range(order.connections)]
    for thread in threads:
        thread.start()
    gate.wait()
    began, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    return _outcome(began, cpu, latencies)


def _transact(connection: psycopg.Connection[Any], steps: Sequence[Step], values: Values) -> None:
    """One transaction by psycopg, in the shape it was recorded in."""
    open_parts: list[AbstractContextManager[Any]] = []
    number, cursor = count(), None
    for step in steps:
        match step.kind:
            case "begin" | "pipeline":
                part = connection.transaction() if step.kind == "begin" else connection.pipeline()
                part.__enter__()
                open_parts.append(part)
            case "commit" | "drain":
                open_parts.pop().__exit__(None, None, None)
            case "execute":
                cursor = connection.execute(step.query, values[next(number)])
            case "fetch":
                cast("psycopg.Cursor[Any]", cursor).fetchall()


def by_loop(order: Order) -> Outcome:
    """Asyncpg, one event loop and one connection each.

    It has no pipelines: every statement is a round trip, and a pipeline that was a transaction begins and commits.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_by_loop(order))


async def _by_loop(order: Order) -> Outcome:
    import asyncpg

    warm, work = _dealt(order)
    bounds = {"begin": "begin", "commit": "commit"}
    if not any(step.kind == "begin" for step in order.steps):
        bounds = {"pipeline": "begin", "drain": "commit"}
    queries = [_numbered(step.query) or bounds.get(step.kind, "") for step in order.steps]
    connections = [await asyncpg.connect(order.url) for _ in work]

    async def transact(connection: Any, values: Values) -> None:
        number = count()
        for step, query in zip(order.steps, queries, strict=True):
            if step.kind == "execute":
                await connection.fetch(query, *values[next(number)])
            elif query:
                await connection.execute(query)

    async def one(connection: Any, mine: list[Values]) -> list[float]:
        latencies = []
        for values in mine:
            began = time.perf_counter()
            await transact(connection, values)
            latencies.append((time.perf_counter() - began) * 1000)
        return latencies

    await asyncio.gather(*(one(*pair) for pair in zip(connections, warm, strict=True)))
    began, cpu = time.perf_counter(), time.process_time()
    latencies = await asyncio.gather(*(one(*pair) for pair in zip(connections, work, strict=True)))
    outcome = _outcome(began, cpu, latencies)
    for connection in connections:
        await connection.close()
    return outcome


def _numbered(query: str) -> str:
    """The same statement with $1, $2, ... in place of %s."""
    numbers = count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", query)


def _dealt(order: Order) -> tuple[list[list[Values]], list[list[Values]]]:
    """Warm-up and timed transactions, dealt out to the connections."""
    made, warm = values_of(order), order.connections * WARM

    def dealt(values: list[Values]) -> list[list[Values]]:
        return [values[number :: order.connections] for number in range(order.connections)]

    return dealt(made[:warm]), dealt(made[warm:])


def _outcome(began: float, cpu: float, latencies: Sequence[Sequence[float]]) -> Outcome:
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    whole = tuple(each for mine in latencies for each in mine)
    return Outcome(seconds=seconds, latencies_ms=whole, statuses={}, cpu_seconds=used)


def main() -> None:
    """Read an order from the standard input, write its outcome to the standard output."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    outcome = by_loop(order) if order.driver == "asyncpg" else by_threads(order)
    sys.stdout.buffer.write(msgspec.msgpack.encode(outcome))


if __name__ == "__main__":
    main()
