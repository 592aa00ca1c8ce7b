"""The officers' desk served over ASGI, on the house of all portals, with a small town in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from tests.support.pages import pages
from tests.web.officer.officer_town import CITY, Town, come_in

from hejie.web.officer import ROUTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def town(house, database) -> Town:
    """The city by the real road, not the empty one of the shell's tests."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("delete from city where city = %s", [CITY])
    made = Town(house)
    await made.settle_in()
    return made


@pytest.fixture
async def stranger(house, town) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript, in English, not signed in."""
    transport = httpx.ASGITransport(pages(house, routes=ROUTES), raise_app_exceptions=False)
    headers = {"accept-language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test", headers=headers) as client:
        yield client


@pytest.fixture
async def officer(stranger, house, town) -> httpx.AsyncClient:
    """The same, signed in as the town's officer."""
    await come_in(stranger, house, town.officer)
    return stranger
