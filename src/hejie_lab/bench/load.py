"""The load generator: a process of its own that sends prepared requests over kept connections, and times them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, deque
from functools import partial
from typing import cast

import msgspec
import uvloop
from msgspec import Struct

MOST_REQUESTS = 100_000
MOST_SECONDS = 300.0
MOST_SILENCE = 15.0
"""Seconds without an answer to anybody after which a run is given up."""
LOOPBACK = "127.0.0.1"


class Order(Struct, frozen=True, kw_only=True):
    """One piece of work; every client keeps one connection and one request under way."""

    ports: tuple[int, ...]
    """Of servers on the loopback address; clients are dealt out to them in turn."""
    clients: tuple[tuple[bytes, ...], ...]
    """For each client the requests it sends, whole, in this order."""
    seconds: float = 60.0
    """No request begins after this."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of it."""

    seconds: float
    latencies_ms: tuple[float, ...]
    """Of the answers with a status below 400, redirections included."""
    statuses: dict[int, int]
    cpu_seconds: float
    """Processor time of the process that sent it, while it was timed."""


class _Client(asyncio.Protocol):
    """One connection: sends its next request as soon as the last one is answered."""

    def __init__(self, requests: tuple[bytes, ...], until: float, whole: Counter[int], latencies: list[float]) -> None:
        self._requests = deque(requests)
        self._until = until
        self._statuses = whole
        self._latencies = latencies
        self._buffer = b""
        self._began = 0.0
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember it and begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer; a whole one is counted."""
        self._buffer += data
        head, mark, body = self._buffer.partition(b"\r\n\r\n")
        if not mark or len(body) < _length(head):
            return
        status = int(head[9:12])
        self._statuses[status] += 1
        if status < 400:  # noqa: PLR2004  errors begin here
            self._latencies.append((time.perf_counter() - self._began) * 1000)
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; requests that were never answered count as status 0."""
        del exc
        if not self.finished.done():
            self._statuses[0] += 1 + len(self._requests)
            self.finished.set_result(None)

    def _next(self) -> None:
        self._began = time.perf_counter()
        if self._requests and self._began < self._until:
            self._transport.write(self._requests.popleft())
            return
        self.finished.set_result(None)
        self._transport.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request as it goes over the wire."""
    told = {"host": LOOPBACK, **headers, "content-length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    return "\r\n".join(lines).encode() + body


async def generate(order: Order) -> Outcome:
    """Do the work; bounded in requests and time."""
    if sum(map(len, order.clients)) > MOST_REQUESTS:
        raise ValueError(f"more than {MOST_REQUESTS} requests")
    loop, statuses, latencies = asyncio.get_running_loop(), Counter[int](), list[float]()
    began, cpu = time.perf_counter(), time.process_time()
    until = began + min(order.seconds, MOST_SECONDS)
    clients = []
    for number, requests in enumerate(order.clients):
        port = order.ports[number % len(order.ports)]
        begin = partial(_Client, requests, until, statuses, latencies)
        _, client = await loop.create_connection(begin, LOOPBACK, port)
        clients.append(client)
    waiting, answered = {client.finished for client in clients}, -1
    while waiting and statuses.total() > answered:
        answered = statuses.total()
        _, waiting = await asyncio.wait(waiting, timeout=MOST_SILENCE)
    if waiting:
        raise TimeoutError(f"no answer for {MOST_SILENCE} seconds")
    return Outcome(
        seconds=time.perf_counter() - began,
        latencies_ms=tuple(latencies),
        statuses=dict(statuses),
        cpu_seconds=time.process_time() - cpu,
    )


def main() -> None:
    """Read an order from the standard input, write its outcome to the standard output."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(generate(order))
    sys.stdout.buffer.write(msgspec.msgpack.encode(outcome))


if __name__ == "__main__":
    main()
