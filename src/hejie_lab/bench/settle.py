"""`settle`: whole disputes from filing to settled, through the sandbox's wallet, by real processes."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from hejie.app import App, build
from hejie.base.money import yuan
from hejie.store.pool import city_transaction
from hejie_lab.bench.load import Order
from hejie_lab.bench.measure import Report, Run, load_now, report, run_of
from hejie_lab.bench.rig import (
    ACCOUNT,
    CITY,
    FILINGS_EACH,
    TRADER,
    Payment,
    bring,
    consumers,
    dealt,
    filing,
    generated,
    open_shop,
    platform,
    ports,
)
from hejie_lab.errors import LabError
from hejie_lab.platform import Addresses, Platform

HELP = "whole disputes per second from filing to settled, the money really back"
WHAT = "filed to settled"
PATIENCE = 300.0
"""Seconds that all of a round's disputes may take."""
AUTHORISED = replace(TRADER, enrolled=True, authorised=True, standing_fen=1_000_000)
"""A shop that lets the house refund in its name, at once."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--count", type=int, default=200, help="disputes in each round (default: 200)")
    parser.add_argument("--clients", type=int, default=8, help="clients that file (default: 8)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default: 3)")
    parser.add_argument("--workers", type=int, default=1, help="working processes (default: 1)")


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(disputes=args.count, clients=args.clients, rounds=args.rounds, workers=args.workers, tell=tell)


def measure(
    *,
    disputes: int,
    clients: int,
    rounds: int,
    workers: int = 1,
    database: Addresses | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """File all at once, wait until every one is settled, then hold three books against each other fen by fen."""
    with platform(workers=workers, database=database, tell=tell) as here:
        runs, books = asyncio.run(_measured(here, disputes, clients, rounds, tell))
        settings = {"disputes": disputes, "clients": clients, "rounds": rounds, "servers": 1, "workers": workers}
        return report("settle", here.memory.app_url, settings, runs, {"ledger": books})


async def _measured(
    here: Platform, disputes: int, clients: int, rounds: int, tell: Callable[[str], None]
) -> tuple[list[Run], dict[str, Any]]:
    async with build(here.settings) as app:
        await asyncio.to_thread(_found, here)
        shop = await open_shop(app, here, AUTHORISED)
        runs = []
        for number in range(1, rounds + 1):
            done = await _round(here, app, shop, number, disputes, clients)
            tell(f"round {number}: {done.per_second}/s, p50 {done.p50_ms} ms, p99 {done.p99_ms} ms")
            runs.append(done)
        return runs, await _books(here, app)


def _found(here: Platform) -> None:
    """The merchant's account, rich enough, and an SMS account that is not limited for one number."""
    account = {"merchant_id": ACCOUNT, "cert_no": AUTHORISED.code, "name": AUTHORISED.name, "balance": "10000000.00"}
    here.sandbox.load(merchants=[account])
    here.sandbox.post("sms/accounts", {**here.sandbox.get("sms/account"), "per_minute": 1_000_000})


async def _round(here: Platform, app: App, shop: tuple[str, str], number: int, disputes: int, clients: int) -> Run:
    requests, trades = await _prepared(here, app, shop, number, disputes)
    load_before = load_now()
    order = Order(ports=ports(here), clients=dealt(requests, clients))
    outcome = await asyncio.to_thread(generated, order)
    if outcome.statuses != {201: disputes}:
        raise LabError(f"Not every filing was taken: {outcome.statuses}.")
    spans = await _settled(app, trades)
    whole = (max(closed for _, closed in spans) - min(filed for filed, _ in spans)).total_seconds()
    latencies = [(closed - filed).total_seconds() * 1000 for filed, closed in spans]
    return run_of(WHAT, disputes, number, whole, latencies, load=load_before)


async def _prepared(
    here: Platform, app: App, shop: tuple[str, str], number: int, disputes: int
) -> tuple[list[bytes], list[str]]:
    """Payments of unlike amounts in the wallet and here, and the filings on them."""
    users = [f"20889{number:04d}{each:07d}" for each in range(-(-disputes // FILINGS_EACH))]
    await asyncio.to_thread(here.sandbox.load, users=[{"user_id": user, "name": "林晓"} for user in users])
    requests, trades = list[bytes](), list[str]()
    for consumer, user in zip(await consumers(app, users), users, strict=True):
        many = min(FILINGS_EACH, disputes - len(trades))
        paid = [Payment(f"{user}{each:06d}", 1_000 + 7 * each) for each in range(many)]
        bought = [
            {
                "user_id": user,
                "merchant_id": ACCOUNT,
                "amount": yuan(each.amount_fen),
                "subject": "片儿川",
                "trade_no": each.trade_no,
            }
            for each in paid
        ]
        await asyncio.to_thread(here.sandbox.load, payments=bought)
        await bring(app, consumer, *shop, paid)
        requests += [filing(consumer, each.trade_no) for each in paid]
        trades += [each.trade_no for each in paid]
    return requests, trades


_SPANS = """
select d.filed_at, d.closed_at, d.state from dispute_payment p join dispute d on d.city = p.city and d.id = p.dispute
where p.city = %s and p.trade_no = any(%s)
"""


async def _settled(app: App, trades: Sequence[str]) -> list[tuple[Any, Any]]:
    """When each was filed and closed, once all are settled."""
    until, states = time.monotonic() + PATIENCE, Counter[str]()
    while time.monotonic() < until:
        async with city_transaction(app.pool, CITY) as connection:
            rows: list[Any] = await (await connection.execute(_SPANS, [CITY, list(trades)])).fetchall()
        states = Counter(state for *_, state in rows)
        if states == {"settled": len(trades)}:
            return [(filed, closed) for filed, closed, _ in rows]
        await asyncio.sleep(0.2)
    raise LabError(f"Not all disputes were settled in time: {dict(states)}.")


_BOOKS = """
select p.trade_no, (d.body->>'refunded_fen')::bigint,
  (select coalesce(sum(r.amount_fen), 0) from refund r
   where r.city = p.city and r.dispute = d.id and r.trade_no = p.trade_no and r.state = 'succeeded')
from dispute_payment p join dispute d on d.city = p.city and d.id = p.dispute where p.city = %s
"""


async def _books(here: Platform, app: App) -> dict[str, Any]:
    """What went back of each payment by the cases, by the refunds, and by the wallet's own ledger; they must agree."""
    ledger = await asyncio.to_thread(here.sandbox.ledger)
    wallet = Counter[str]()
    for row in ledger["refunds"]:
        wallet[row["trade_no"]] += row["amount"]
    async with city_transaction(app.pool, CITY) as connection:
        rows: list[Any] = await (await connection.execute(_BOOKS, [CITY])).fetchall()
    wrong = [trade for trade, case, refunds in rows if not case == int(refunds) == wallet[trade]]
    if wrong or wallet.keys() != {trade for trade, *_ in rows}:
        raise LabError(f"The wallet's ledger and the house disagree on {len(wrong)} payments, such as {wrong[:3]}.")
    return {"payments": len(rows), "refunded_fen": wallet.total(), "agrees": True}
