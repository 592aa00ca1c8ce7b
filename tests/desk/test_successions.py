"""Successions in the database: of many who register at once no circle closes, and undoing one asks a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from tests.conftest import Database
from tests.desk.test_bindings import another
from tests.support.folding import fold_all
from tests.support.town import CITY, CODE, OFFICER, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.errors import HejieError, Refused
from hejie.desk.successions import SUCCESSIONS
from hejie.merchants.successions import Succeed, UndoSuccession
from hejie.queries.successions import lines_of, successions_of
from hejie.store.pool import city_transaction


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def succeed(here: Town, former: str, later: str, days: float = 9) -> str:
    begins, identifier = here.app.clock.now() - timedelta(days=days), here.app.desk.mint(CITY)
    command = Succeed(id=identifier, former=former, later=later, begins=begins, note="notice of the registry")
    await here.app.desk.act(SUCCESSIONS, CITY, identifier, command, OFFICER)
    return identifier


async def outcome(coming: Awaitable[object]) -> str:
    try:
        await coming
    except HejieError as error:
        return error.code
    return "done"


async def test_registered_shown_to_both_undone_and_registered_anew(here: Town, database: Database):
    new = await another(here)
    first = await succeed(here, here.merchant, new)
    async with city_transaction(here.app.pool, CITY) as connection:
        for merchant, other in ((here.merchant, new), (new, here.merchant)):
            [told] = await successions_of(connection, CITY, merchant)
            assert (told.succession.id, told.other, told.succession.former_code) == (first, other, CODE)
        assert (await lines_of(connection, CITY)).holder(here.merchant, here.app.clock.now()) == new
    undo = UndoSuccession(reason="only the sign was sold")
    for actor in (here.as_merchant, here.as_consumer, SYSTEM):
        with pytest.raises(Refused, match="not_allowed"):
            await here.app.desk.act(SUCCESSIONS, CITY, first, undo, actor)
    for _ in range(2):
        await here.app.desk.act(SUCCESSIONS, CITY, first, undo, OFFICER)
    await here.work()
    items = await here.rows("select kind, subject, body->>'succession' from work_item")
    assert items == [("succession_undone", new, first)]
    await succeed(here, here.merchant, new, 3)
    assert await here.rows("select version, undone from succession order by begins") == [(2, True), (1, False)]
    with psycopg.connect(database.superuser_url) as connection:
        assert fold_all(connection)["succession"] == 2


async def test_of_two_who_would_close_a_circle_one_is_refused(here: Town):
    new = await another(here)
    acts = [succeed(here, *who) for who in ((here.merchant, new), (new, here.merchant)) * 3]
    told = await asyncio.gather(*[outcome(each) for each in acts])
    assert told.count("done") == 1
    assert set(told) <= {"done", "succession_circle", "succession_taken", "stale"}
    assert await here.rows("select count(*) from succession") == [(1,)]
    assert await here.rows("select count(*) from log where noun = 'succession'") == [(1,)]


async def test_what_is_refused_leaves_nothing(here: Town):
    new = await another(here)
    for former, later, days, code in (
        (new, new, 1, "succession_self"),
        (new, "330100-0", 1, "party_unknown"),
        (new, here.merchant, -1, "succession_ahead"),
    ):
        assert await outcome(succeed(here, former, later, days)) == code
    assert await here.rows("select count(*) from succession") == [(0,)]
    assert await here.rows("select count(*) from log where noun = 'succession'") == [(0,)]
