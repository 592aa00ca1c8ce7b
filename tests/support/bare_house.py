"""A house with two cities and nothing in them, on a database that is there."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.base.seals import Vault, fresh_keys
from hejie.desk.act import Desk
from hejie.edge.house import House
from hejie.edge.live import Live
from hejie.settings import Settings
from hejie.store.pool import open_pool

if TYPE_CHECKING:
    from tests.conftest import Database

    from hejie.connectors.sms.protocol import Sms
    from hejie.connectors.wallet import Wallet

CITY, OTHER = "330100", "310000"


@asynccontextmanager
async def bare_house(database: Database, folder: Path) -> AsyncIterator[House]:
    """One house; no page of it calls a wallet."""
    with psycopg.connect(database.owner_url) as connection:
        for code, zh, en in ((CITY, "杭州", "Hangzhou"), (OTHER, "上海", "Shanghai")):
            connection.execute("select set_config('hejie.city', %s, true)", [code])
            connection.execute("insert into city values (%s, 1, %s, %s, '{}')", [code, zh, en])
    settings = Settings(database_url=database.app_url, keys=folder, public_url="http://hejie.test")
    pool = await open_pool(settings.database_url, 4)
    clock = SystemClock()
    vaults = {code: Vault(code, fresh_keys(os.urandom), os.urandom) for code in (CITY, OTHER)}
    desk = Desk(pool, clock, vaults.__getitem__, os.urandom)
    made = House(
        settings=settings,
        pool=pool,
        desk=desk,
        clock=clock,
        vaults=vaults.__getitem__,
        chance=os.urandom,
        live=Live(settings.database_url),
        wallets=_no_wallet,
        messengers=_no_messenger,
    )
    yield made
    await made.live.close()
    await pool.close()


def _no_wallet(city: str, name: str) -> Wallet:
    raise AssertionError(f"no page calls a wallet: {city} {name}")


def _no_messenger(city: str) -> Sms:
    raise Refused("sms_not_connected")
