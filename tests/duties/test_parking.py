"""Work whose last try has failed is parked together with the work item that tells a person, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.conftest import Database
from tests.support.town import Town, town

PARKED = "select parked from task where kind = 'follow_case'"
ITEMS = "select kind from work_item"


@pytest.fixture
async def here(tmp_path: Path, database: Database) -> AsyncIterator[Town]:
    async with town(tmp_path, database.app_url) as place:
        yield place


async def test_parked_work_and_its_item_come_together(here: Town):
    await here.task("follow_case", "none", {"wallet": "alipay", "event": "none"}, "case")
    await here.work()
    assert await here.rows(PARKED) == [(True,)]
    assert await here.rows(ITEMS) == [("task_parked",)]


async def test_where_no_item_can_be_written_nothing_is_parked(here: Town, database: Database):
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("revoke insert on work_item from hejie_app")
    await here.task("follow_case", "none", {"wallet": "alipay", "event": "none"}, "case")
    await here.work()
    assert await here.rows(PARKED) == [(False,)]
