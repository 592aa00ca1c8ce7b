"""`handover`: disputes handed from one installation to another per second, beside a verification and two inserts."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.app import App
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.connectors import signing
from hejie.connectors.signing import Asked, Key
from hejie.connectors.suites import EDWARDS
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.homing_commands import HandOver
from hejie.disputes.model import Claim, Remedy
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import Shop
from hejie.store import embedded
from hejie.store.pool import city_transaction
from hejie_lab.alliance.cities import Cities
from hejie_lab.bench.measure import Report, Run, load_now, medians, report, run_of
from hejie_lab.bench.rig import ACCOUNT, WORDS
from hejie_lab.errors import LabError

HELP = "disputes handed from one installation to another per second, with their records"
HERE, THERE = "330100", "510100"
OURS, LIMIT = "hand-overs", "a verification and two inserts"
_CODE = "91330106MA2CFLDC09"
_PLACES = {HERE: "330102", THERE: "510104"}
_AT_ONCE = 8
_PATIENCE = 600.0
_GONE = "select count(*) from dispute where city = %s and id = any(%s) and home = %s"
_TABLE = "create table bare (id text primary key, body text not null)"
_ROW = "insert into bare values (%s, %s)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--disputes", type=int, default=300, help="disputes in each round (default: 300)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of both in turn (default: 3)")


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(disputes=args.disputes, rounds=args.rounds, tell=tell)


def measure(
    *, disputes: int, rounds: int, durable: bool = True, tell: Callable[[str], None] = lambda _: None
) -> Report:
    """Two installations with a server and a worker each; a round begins with the offers and ends with the last copy."""
    folder = Path(tempfile.mkdtemp(prefix="hejie-bench-"))
    folder.chmod(0o711)  # the account that runs the database for root must walk through
    try:
        with Cities(folder, (HERE, THERE), durable=durable, tell=tell) as cities:
            runs = asyncio.run(_measured(cities, disputes, rounds, tell))
            speed = {each.what: each.per_second for each in medians(runs)}
            settings = {"disputes": disputes, "rounds": rounds}
            ratio = round(speed[OURS] / speed[LIMIT], 3)
            return report("handover", cities[HERE].memory.app_url, settings, runs, {"ratio": ratio})
    finally:
        for city in (HERE, THERE):
            embedded.forget(folder / city / "pg")
        shutil.rmtree(folder, ignore_errors=True)


async def _measured(cities: Cities, disputes: int, rounds: int, tell: Callable[[str], None]) -> list[Run]:
    runs: list[Run] = []
    async with cities.apps() as apps:
        merchants = {city: await _merchant(apps[city], city) for city in (HERE, THERE)}
        with psycopg.connect(cities[THERE].memory.owner_url, autocommit=True) as owner:
            owner.execute(_TABLE)
        for number in range(1, rounds + 1):
            filed = [await _file(apps[HERE], merchants[HERE], f"{number}-{each}") for each in range(disputes)]
            runs.append(await _handed(apps, filed, number))
            runs.append(await _bare(cities[THERE].memory.owner_url, disputes, number))
            tell(", ".join(f"{each.what}: {each.per_second:,.1f}/s" for each in runs[-2:]))
    return runs


async def _merchant(app: App, city: str) -> str:
    """The merchant whose account was paid; both cities have it in their registers."""
    identifier = app.desk.mint(city)
    made = m.RegisterMerchant(city=city, id=identifier, credit_code=_CODE, name="奎元馆面业有限公司")
    await app.desk.act(MERCHANTS, city, identifier, made, SYSTEM)
    shop = Shop(id=app.desk.mint(city), name="奎元馆", district=_PLACES[city], address="解放路154号")
    await app.desk.act(MERCHANTS, city, identifier, m.AddShop(shop=shop), SYSTEM)
    async with city_transaction(app.pool, city) as connection:
        await connection.execute("insert into account values (%s, 'alipay', %s, %s)", [city, ACCOUNT, identifier])
    return identifier


async def _file(app: App, merchant: str, name: str) -> str:
    """One dispute with words, of a consumer of its own."""
    now = app.clock.now()
    payer = payer_handle(app.house.vaults(HERE), "alipay", name)
    async with city_transaction(app.pool, HERE) as connection:
        person = await person_of(connection, HERE, payer, app.desk.mint(HERE), "zh", now)
        paid = Paid(
            wallet="alipay",
            trade_no=f"bench-{name}",
            payer=payer,
            account=ACCOUNT,
            merchant=merchant,
            paid_fen=8800,
            paid_at=now - timedelta(hours=1),
            proven=True,
            source="entry",
        )
        await take_payment(connection, HERE, paid)
    identifier, words = app.desk.mint(HERE), app.desk.mint(HERE)
    claim = Claim(remedy=Remedy.refund_full)
    file = d.File(id=identifier, trades=(paid.trade_no,), problem="quality", claim=claim, words=words)
    content = [Content(id=words, kind="text", plain=WORDS.encode())]
    await app.desk.act(DISPUTES, HERE, identifier, file, Actor(Role.consumer, person), contents=content)
    return identifier


async def _handed(apps: dict[str, App], filed: list[str], number: int) -> Run:
    load, began = load_now(), time.perf_counter()
    offered = asyncio.Semaphore(_AT_ONCE)

    async def offer(dispute: str) -> None:
        async with offered:
            command = HandOver(to=THERE, because="shop_elsewhere")
            await apps[HERE].desk.act(DISPUTES, HERE, dispute, command, SYSTEM)

    await asyncio.gather(*map(offer, filed))
    ends: list[float] = []
    while len(ends) < len(filed):
        if time.perf_counter() - began > _PATIENCE:
            raise LabError(f"Only {len(ends)} of {len(filed)} disputes were taken over in time.")
        await asyncio.sleep(0.05)
        there = [await _gone(apps[city], city, filed) for city in (HERE, THERE)]
        ends += [(time.perf_counter() - began) * 1000] * (min(there) - len(ends))
    return run_of(OURS, len(filed), number, time.perf_counter() - began, ends, load=load)


async def _gone(app: App, city: str, filed: list[str]) -> int:
    async with city_transaction(app.pool, city) as connection:
        row: Any = await (await connection.execute(_GONE, [city, filed, THERE])).fetchone()
        return int(row[0])


async def _bare(url: str, count: int, number: int) -> Run:
    """As many signed requests verified, each with two rows committed, over as many connections as a worker has."""
    private = Ed25519PrivateKey.generate()
    own, keys = Key("k", EDWARDS, private), {"k": Key("k", EDWARDS, private.public_key())}
    body, now = os.urandom(2000), datetime.now(UTC)
    asked = Asked(
        "POST", "https://x.example/letters", {"content-type": "application/json", "idempotency-key": "k" * 32}
    )
    signing.sign_request(own, asked, body, now, "n" * 32)
    latencies: list[float] = []
    load, began = load_now(), time.perf_counter()
    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(await psycopg.AsyncConnection.connect(url, autocommit=True))
            for _ in range(4)
        ]

        async def part(connection: psycopg.AsyncConnection[Any], mine: range) -> None:
            for each in mine:
                start = time.perf_counter()
                signing.verify_request(keys, asked, body, now)
                async with connection.transaction():
                    for side in ("in", "out"):
                        await connection.execute(_ROW, [f"{number}-{each}-{side}", body.hex()])
                latencies.append((time.perf_counter() - start) * 1000)

        await asyncio.gather(*(part(each, range(at, count, 4)) for at, each in enumerate(connections)))
    return run_of(LIMIT, count, number, time.perf_counter() - began, latencies, load=load)
