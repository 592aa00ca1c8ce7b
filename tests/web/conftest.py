"""A house on a database of its own, and the application served over ASGI or a real port."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from jinja2 import ChoiceLoader, DictLoader
from tests.support.pages import pages
from tests.support.passwords import hash_quickly
from tests.support.town import Town, town
from tests.web import shell_portal
from tests.web.consumer_lab import Browser

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.base.seals import Vault, fresh_keys
from hejie.desk.act import Desk
from hejie.edge.house import House
from hejie.edge.live import Live
from hejie.edge.words import LANGUAGES
from hejie.settings import Settings
from hejie.store.pool import open_pool
from hejie.web.templates import environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Litestar

    from hejie.connectors.sms.protocol import Sms
    from hejie.connectors.wallet import Wallet


def _no_messenger(city: str) -> Sms:
    raise Refused("sms_not_connected")


CITY, OTHER = "330100", "310000"


@pytest.fixture
async def house(database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """One house with two cities and nothing in them."""
    hash_quickly(monkeypatch)
    with psycopg.connect(database.owner_url) as connection:
        for code, zh, en in ((CITY, "杭州", "Hangzhou"), (OTHER, "上海", "Shanghai")):
            connection.execute("select set_config('hejie.city', %s, true)", [code])
            connection.execute("insert into city values (%s, 1, %s, %s, '{}')", [code, zh, en])
    settings = Settings(database_url=database.app_url, keys=tmp_path, public_url="http://hejie.test")
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


@pytest.fixture
async def app(house: House) -> Litestar:
    """The pages with the small portal on them."""
    for language in LANGUAGES:
        loader = environment(language).loader
        assert isinstance(loader, ChoiceLoader)
        if not any(isinstance(each, DictLoader) for each in loader.loaders):
            loader.loaders = [*loader.loaders, DictLoader(shell_portal.TEMPLATES)]
    shell_portal.done.clear()
    return pages(house, routes=shell_portal.ROUTES)


@pytest.fixture
async def visitor(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript: it keeps cookies and follows nothing by itself."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test") as client:
        yield client


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    """A whole town with the sandbox on a socket."""
    async with town(tmp_path, app_url) as place:
        yield place


@pytest.fixture
async def browser(here: Town) -> AsyncIterator[Browser]:
    """A consumer's browser in it."""
    made = Browser(here)
    yield made
    await made.http.aclose()
