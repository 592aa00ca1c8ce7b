"""A stall owner's phone in a small town."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from tests.support.pages import pages
from tests.web.merchant.chain_town import Chain
from tests.web.merchant.merchant_town import EN
from tests.web.officer.officer_town import CITY, Town

from hejie.merchants import commands as m
from hejie.merchants.model import Rank, Staff
from hejie.web.merchant import ROUTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def town(house, database) -> Town:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("delete from city where city = %s", [CITY])
    made = Town(house)
    await made.settle_in()
    await made.tell(m.AddStaff(staff=Staff(person="owner-1", rank=Rank.owner)))
    return made


@pytest.fixture
async def phone(house, town) -> AsyncIterator[httpx.AsyncClient]:
    """No account, no JavaScript."""
    transport = httpx.ASGITransport(pages(house, routes=ROUTES), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test", headers=EN) as client:
        yield client


@pytest.fixture
async def chain(town: Town) -> Chain:
    """The merchant as a chain."""
    made = Chain(town)
    await made.open()
    return made
