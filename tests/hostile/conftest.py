"""A stage on a database of its own, with a real wallet connector behind its callbacks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from tests.hostile.stage import APP, CITY, HOST, OTHER, Stage, private_pem, public_pem, wallet_key
from tests.support.passwords import hash_quickly

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.base.seals import Vault, fresh_keys
from hejie.connectors.alipay import Alipay, AlipayKeys
from hejie.connectors.sms.protocol import Sms
from hejie.desk.act import Desk
from hejie.edge.entry import EntryDoor
from hejie.edge.house import House
from hejie.edge.live import Live
from hejie.settings import Settings
from hejie.store.pool import open_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hejie.connectors.wallet import Wallet


@pytest.fixture
async def stage(database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """Hangzhou with its people; Shanghai beside it, empty but for its name."""
    hash_quickly(monkeypatch)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("select set_config('hejie.city', %s, true)", [OTHER])
        connection.execute("insert into city values (%s, 1, '上海', 'Shanghai', '{}')", [OTHER])
    settings = Settings(database_url=database.app_url, keys=tmp_path, public_url=HOST)
    pool = await open_pool(settings.database_url, 8)
    clock = SystemClock()
    vaults = {code: Vault(code, fresh_keys(os.urandom), os.urandom) for code in (CITY, OTHER)}
    async with httpx.AsyncClient() as client:
        house = House(
            settings=settings,
            pool=pool,
            desk=Desk(pool, clock, vaults.__getitem__, os.urandom),
            clock=clock,
            vaults=vaults.__getitem__,
            chance=os.urandom,
            live=Live(settings.database_url),
            wallets=_wallets(clock, client),
            messengers=_no_messenger,
            entries={(CITY, "alipay"): EntryDoor(app=APP, keys=(public_pem(wallet_key()),))},
        )
        made = Stage(house, database.superuser_url)
        await made.settle_in()
        yield made
        await made.close()
    await house.live.close()
    await pool.close()


def _no_messenger(city: str) -> Sms:
    raise Refused("sms_not_connected")


def _wallets(clock: SystemClock, client: httpx.AsyncClient):
    """As `app` builds them: one application in one city."""

    def wallet(city: str, name: str) -> Wallet:
        if (city, name) != (CITY, "alipay"):
            raise Refused("wallet_not_connected", wallet=name)
        keys = AlipayKeys(
            app_id=APP,
            private_key=private_pem(wallet_key()),
            gateway_url="http://127.0.0.1:9/gateway.do",
            alipay_public_key=public_pem(wallet_key()),
        )
        return Alipay(keys, clock, client)

    return wallet
