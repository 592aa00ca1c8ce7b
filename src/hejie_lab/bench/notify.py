"""`notify`: messages per second through a healthy provider, alone and beside a slow one, by the real worker."""

from __future__ import annotations

import argparse
import asyncio
import hmac
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from hejie.agenda import Task, notices_of
from hejie.app import App, build, make_keys
from hejie.settings import CityConnections, SmsAccount, read_connections
from hejie.store import places
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks
from hejie.worker import MOST_EACH
from hejie_lab.bench import cpu, load
from hejie_lab.bench.load import Order, Outcome
from hejie_lab.bench.measure import Report, Run, load_now, medians, report, run_of
from hejie_lab.bench.rig import CITY, apart, dealt, generated, platform
from hejie_lab.bench.second import OTHER, found_city, open_disputes
from hejie_lab.children import Child, end
from hejie_lab.errors import LabError
from hejie_lab.platform import START_SECONDS, Addresses, Platform
from hejie_lab.ports import Ports
from hejie_lab.wallet import SandboxDoor

HELP = "messages per second through a healthy provider, alone and beside a slow one"
ALONE, BACKLOG = "alone", "beside a slow one's backlog"
BOTH, AT_ONCE = "begun with a healthy one's", "begun with a slow one's"
"""Twice the work on the same machine: what the slow one does to it shows beside what another healthy one does."""
LIMITS = {"direct, threads": "hejie_lab.bench.threads", "direct, one event loop": "hejie_lab.bench.load"}
SLOW_SECONDS = 2.0
PATIENCE = 300.0
"""Seconds that all of a round's messages may take."""
DISPUTES = 20
"""Disputes in each city that the messages are about."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--count", type=int, default=500, help="messages in each city and round (default: 500)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")
    parser.add_argument("--slow", type=float, default=SLOW_SECONDS, help="seconds of the slow one (default: 2)")


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(messages=args.count, rounds=args.rounds, slow=args.slow, tell=tell)


def measure(
    *,
    messages: int,
    rounds: int,
    slow: float = SLOW_SECONDS,
    database: Addresses | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Two cities, each with a provider of its own, and one worker for both."""
    with platform(workers=1, database=database, tell=tell) as here, _second_provider(here) as other:
        runs = asyncio.run(_measured(here, other, messages, rounds, slow, tell))
        settings = {"messages": messages, "rounds": rounds, "slow seconds": slow, "workers": 1, "lane": MOST_EACH}
        return report("notify", here.memory.app_url, settings, runs, {"ratio": _ratios(runs)})


def _ratios(runs: Sequence[Run]) -> dict[str, float]:
    """The healthy one's medians: beside a slow one by without it, and alone by the faster limit."""
    found = {run.what: run.per_second for run in medians(runs)}
    return {
        f"{BACKLOG}, by alone": round(found[BACKLOG] / found[ALONE], 2),
        f"{AT_ONCE}, by a healthy one's": round(found[AT_ONCE] / found[BOTH], 2),
        "alone, by the limit": round(found[ALONE] / max(found[what] for what in LIMITS), 2),
    }


@contextmanager
def _second_provider(here: Platform) -> Iterator[SandboxDoor]:
    """Another sandbox, for the other city's messages; it ends with the platform."""
    ports = Ports({})
    port, child = ports.take("sandbox-2"), Child(here.folder, "sandbox-2")
    words = ["-m", "hejie_sandbox", "--port", str(port), "--data", str(here.folder / "sandbox-2"), "--city", OTHER]
    child.start([sys.executable, *words], os.environ)
    door, until = SandboxDoor(f"http://127.0.0.1:{port}"), time.monotonic() + START_SECONDS
    try:
        while not door.answers():
            if not child.alive or time.monotonic() > until:
                raise LabError(f"The second provider did not start (log: {child.log}).")
            time.sleep(0.05)
        yield door
    finally:
        end([child])
        door.close()
        ports.release()


def _account(door: SandboxDoor) -> SmsAccount:
    """A provider's account, without limits and without receipts."""
    told = door.get("sms/account")
    door.post("sms/accounts", {**told, "per_minute": 1_000_000})
    door.post("sms/addresses", {"account": told["account"], "url": ""})
    return SmsAccount(url=door.url, account=told["account"], secret=told["secret"])


def _connect(here: Platform, other: SandboxDoor) -> SmsAccount:
    """Both cities' accounts go into the connections file; that of the healthy one."""
    file = here.settings.connections
    found = read_connections(file)
    found[CITY] = msgspec.structs.replace(found[CITY], sms=_account(here.sandbox))
    found[OTHER] = CityConnections(sms=_account(other))
    if file is not None:
        file.write_bytes(msgspec.json.encode(found, enc_hook=str))
    make_keys(here.settings.keys, OTHER)
    return found[CITY].sms or _account(here.sandbox)


async def _measured(
    here: Platform, other: SandboxDoor, messages: int, rounds: int, slow: float, tell: Callable[[str], None]
) -> list[Run]:
    account = await asyncio.to_thread(_connect, here, other)
    await asyncio.to_thread(end, [here.children["work-1"]])
    async with build(here.settings) as app:
        await found_city(app, OTHER)
        desk = _Desk(here, other, app, messages, slow)
        await desk.prepared()
        await asyncio.to_thread(here.start, "work-1")
        runs = []
        for number in range(1, rounds + 1):
            for what in (ALONE, BACKLOG, BOTH, AT_ONCE):
                runs.append(await desk.round(what, number))
                tell(f"round {number}, {what}: {runs[-1].per_second}/s")
            for what, module in LIMITS.items():
                runs.append(await asyncio.to_thread(_direct, here, account, what, module, number, messages))
                tell(f"round {number}, {what}: {runs[-1].per_second}/s")
        return runs


def _direct(here: Platform, account: SmsAccount, what: str, module: str, number: int, messages: int) -> Run:
    """The same requests, signed beforehand, sent to the healthy provider with nothing else to do."""
    before = load_now()
    asked = [_signed(account, f"{what}-{number}-{each}") for each in range(messages)]
    order = Order(ports=(here.memory.ports["sandbox"],), clients=dealt(asked, MOST_EACH))
    outcome = generated(order) if module == load.__name__ else apart(module, order, Outcome)
    if outcome.statuses != {200: messages}:
        raise LabError(f"Not every message was taken: {outcome.statuses}.")
    return run_of(what, messages, number, outcome.seconds, outcome.latencies_ms, load=before)


def _signed(account: SmsAccount, key: str) -> bytes:
    stamp = int(time.time())
    link = "https://hejie.example/330100/m/0123456789ab"
    text = f"【杭州一键和解】消费者对奎元馆解放路店一笔50元消费提出诉求，请11月30日前答复。{link}"
    told = {"account": account.account, "key": key, "to": "8613800000001", "signature_name": "杭州一键和解"}
    told |= {"template": "filed_merchant_zh", "text": text, "channel": "text"}
    raw = msgspec.json.encode({**told, "params": {"link": link}, "timestamp": stamp})
    signature = hmac.digest(account.secret.encode(), f"{stamp}.".encode() + raw, "sha256").hex()
    headers = {"content-type": "application/json", "x-sms-signature": signature}
    return load.request("POST", "/sms/send", headers, raw)


_SENT = "select at from delivery where city = %s and made_at >= %s and state in ('sent', 'delivered')"
_LEFT = "select count(*) from task where city = %s and kind = any(%s) and not parked"
_EMPTY = "delete from task where city = %s"


class _Desk:
    """Both cities' disputes, and the rounds."""

    def __init__(self, here: Platform, other: SandboxDoor, app: App, messages: int, slow: float) -> None:
        self._here, self._other, self._app = here, other, app
        self._messages, self._slow = messages, slow
        self._disputes: dict[str, list[str]] = {}

    async def prepared(self) -> None:
        """Disputes whose own tasks are gone: nothing but what is measured is worked on."""
        for city in (CITY, OTHER):
            self._disputes[city] = await open_disputes(self._app, city, DISPUTES)
            async with city_transaction(self._app.pool, city) as connection:
                await connection.execute(_EMPTY, [city])

    async def round(self, what: str, number: int) -> Run:
        """The healthy one's messages from the first task to the last answer; then the slow one is let go."""
        before = load_now()
        if what != ALONE:
            await self._turn(0 if what == BOTH else 1)
            await self._ask(OTHER)
        if what == BACKLOG:
            await self._gone(OTHER, "notify")
        used = self._used()
        began = await self._ask(CITY)
        sent = await self._sent(began)
        spent = {name: after - used[name] for name, after in self._used().items()}
        await self._turn(0)
        for city in (CITY, OTHER):
            await self._gone(city, "notify", "deliver")
            async with city_transaction(self._app.pool, city) as connection:
                await connection.execute(_EMPTY, [city])
        spans = [(at - began).total_seconds() for at in sent]
        latencies = [span * 1000 for span in spans]
        return run_of(what, self._messages, number, max(spans), latencies, load=before, cpu=spent)

    def _used(self) -> dict[str, float]:
        """Processor seconds so far of the worker, the database, and the healthy provider."""
        here = self._here
        numbers = {name: [here.children[name].pid or 0] for name in ("work-1", "sandbox")}
        return {
            "worker": cpu.of_processes(numbers["work-1"]),
            "database": cpu.of_database(places.data_of(here.folder / "pg")),
            "provider": cpu.of_processes(numbers["sandbox"]),
        }

    async def _turn(self, probability: float) -> None:
        await asyncio.to_thread(self._other.knob, "sms_slow", probability=probability, value=self._slow)

    async def _ask(self, city: str) -> datetime:
        """Every message as a task of its own; when that was."""
        payload: dict[str, object] = {"audience": "merchant", "template": "filed"}
        here = self._disputes[city]
        now = self._app.clock.now()
        lane = notices_of(city)
        tasks = [
            Task(kind="notify", noun="dispute", subject=here[each % len(here)], destination=lane, payload=payload)
            for each in range(self._messages)
        ]
        async with city_transaction(self._app.pool, city) as connection:
            await write_tasks(connection, city, now, tasks)
        return now

    async def _sent(self, began: datetime) -> list[datetime]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            async with city_transaction(self._app.pool, CITY) as connection:
                rows: list[Any] = await (await connection.execute(_SENT, [CITY, began])).fetchall()
            if len(rows) >= self._messages:
                return [at for (at,) in rows]
            await asyncio.sleep(0.1)
        raise LabError("Not all messages were sent in time.")

    async def _gone(self, city: str, *kinds: str) -> None:
        """Wait until no task of these kinds is left."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            async with city_transaction(self._app.pool, city) as connection:
                row: Any = await (await connection.execute(_LEFT, [city, list(kinds)])).fetchone()
            if row[0] == 0:
                return
            await asyncio.sleep(0.05)
        raise LabError(f"Work of {city} was left undone.")
