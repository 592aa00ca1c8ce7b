"""The load generator once more, by threads: the same order, one blocking connection each, timed alike."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections import Counter
from http.client import HTTPResponse

import msgspec

from hejie_lab.bench.load import LOOPBACK, MOST_SILENCE, Order, Outcome


def generate(order: Order) -> Outcome:
    """Do the work, every client a thread of its own."""
    statuses, latencies = Counter[int](), list[float]()
    gate = threading.Barrier(len(order.clients) + 1)

    def one(port: int, requests: tuple[bytes, ...]) -> None:
        with socket.create_connection((LOOPBACK, port), timeout=MOST_SILENCE) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            gate.wait()
            for request in requests:
                began = time.perf_counter()
                line.sendall(request)
                answer = HTTPResponse(line)
                answer.begin()
                answer.read()
                latencies.append((time.perf_counter() - began) * 1000)
                statuses[answer.status] += 1

    threads = [
        threading.Thread(target=one, args=[order.ports[number % len(order.ports)], requests])
        for number, requests in enumerate(order.clients)
    ]
    for thread in threads:
        thread.start()
    gate.wait(MOST_SILENCE)
    began, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return Outcome(seconds=seconds, latencies_ms=tuple(latencies), statuses=dict(statuses), cpu_seconds=used)


def main() -> None:
    """Read an order from the standard input, write its outcome to the standard output."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.msgpack.encode(generate(order)))


if __name__ == "__main__":
    main()
