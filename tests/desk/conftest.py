"""A small town on a real database: one city, one merchant with authority, one consumer with payments."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.seals import Vault, fresh_keys
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.act import Desk
from hejie.desk.cities import CITIES
from hejie.desk.merchants import MERCHANTS
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment
from hejie.store.pool import open_pool

if TYPE_CHECKING:
    from hejie.store.pool import Pool

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

CITY = "330100"
NOW = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
OFFICER = Actor(Role.officer, "O1", "330102")
_PAYMENT = """
insert into payment (city, wallet, trade_no, order_no, payer, account, merchant, shop, item, paid_fen,
  refunded_before_fen, currency, paid_at, proven, source)
values (%s, 'alipay', %s, '', %s, '2088', 'M1', '', '午餐', %s, %s, 'CNY', %s, %s, 'entry')
"""


class Still:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class Town:
    """The desk, and an administrator's look behind it."""

    def __init__(self, pool: Pool, superuser_url: str) -> None:
        self.pool = pool
        self.clock = Still()
        keys = fresh_keys(os.urandom)
        self.desk = Desk(pool, self.clock, lambda city: Vault(city, keys, os.urandom), os.urandom)
        self.vault = Vault(CITY, keys, os.urandom)
        self.superuser_url = superuser_url
        self.consumer = Actor(Role.consumer, "P1")
        self.merchant = Actor(Role.merchant, "S1", "M1")

    def rows(self, statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """What an administrator sees, of all cities."""
        with psycopg.connect(self.superuser_url) as connection:
            return connection.execute(statement, values or []).fetchall()

    def run(self, statement: str, values: list[Any] | None = None) -> None:
        with psycopg.connect(self.superuser_url) as connection:
            connection.execute(statement, values or [])

    def counts(self) -> dict[str, int]:
        """How many rows each table has that an act may write."""
        tables = ("dispute", "dispute_payment", "refund", "merchant", "log", "task", "content", "data_key", "once")
        with psycopg.connect(self.superuser_url) as connection:
            counted = [connection.execute(f"select count(*) from {table}").fetchone() for table in tables]
        return {table: row[0] for table, row in zip(tables, counted, strict=True) if row}

    def pay(self, trade: str, fen: int = 10_000, *, before: int = 0, proven: bool = True, person: str = "P1") -> None:
        self.run(
            _PAYMENT,
            [CITY, trade, person.encode(), fen, before, NOW - timedelta(days=1), proven],
        )

    async def found(self) -> None:
        """City, merchant, authority, people."""
        settings = ApplySettings(settings=read_city(shipped(CITY)))
        await self.desk.act(CITIES, CITY, CITY, settings, SYSTEM)
        register = m.RegisterMerchant(city=CITY, id="M1", credit_code="91350203M0001XYT25", name="某餐饮有限公司")
        await self.desk.act(MERCHANTS, CITY, "M1", register, OFFICER)
        open_account = m.NoteEnrolment(
            wallet="alipay", account="2088", kind=AccountKind.direct, enrolment=Enrolment.open, status="OPENED"
        )
        await self.desk.act(MERCHANTS, CITY, "M1", open_account, SYSTEM)
        grant = m.GrantAuthorisation(
            wallet="alipay", account="2088", content="C-token", expires_at=NOW + timedelta(days=300)
        )
        await self.desk.act(MERCHANTS, CITY, "M1", grant, SYSTEM)
        for person in ("P1", "P2"):
            self.run("insert into person values (%s, %s, %s, 'zh', %s)", [CITY, person, person.encode(), NOW])
        self.pay("T1")
        self.pay("T2")


@pytest.fixture
async def town(database) -> AsyncIterator[Town]:
    pool = await open_pool(database.app_url, 12)
    town = Town(pool, database.superuser_url)
    await town.found()
    yield town
    await pool.close()
