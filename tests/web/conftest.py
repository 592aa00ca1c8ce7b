"""A house on a database of its own, and the application served over ASGI or a real port."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from jinja2 import ChoiceLoader, DictLoader
from tests.support.bare_house import bare_house
from tests.support.town import Town, town
from tests.web import shell_portal
from tests.web.consumer_lab import Browser

from hejie.edge.words import LANGUAGES
from hejie.web.asgi import web_app
from hejie.web.templates import environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Litestar

    from hejie.edge.house import House


@pytest.fixture
async def house(database, tmp_path: Path) -> AsyncIterator[House]:
    """One house with two cities and nothing in them."""
    async with bare_house(database, tmp_path) as made:
        yield made


@pytest.fixture
async def app(house: House) -> Litestar:
    """The pages with the small portal on them."""
    for language in LANGUAGES:
        loader = environment(language).loader
        assert isinstance(loader, ChoiceLoader)
        if not any(isinstance(each, DictLoader) for each in loader.loaders):
            loader.loaders = [*loader.loaders, DictLoader(shell_portal.TEMPLATES)]
    shell_portal.done.clear()
    return web_app(house, routes=shell_portal.ROUTES)


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
