"""Bulletins and lists of offices, from city to city and back, and the rows they leave are those their logs give."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
from tests.support.alliance import HERE, THERE, Alliance
from tests.support.folding import fold_all

from hejie.alliance.bulletin import Acknowledge, Arrive, Bulletin, Level, NoteSeen, Write
from hejie.alliance.contact_list import ListOffices, Office
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import Refused
from hejie.desk.act import Content
from hejie.desk.alliance import BULLETINS, CONTACT_LISTS
from hejie.queries.alliance import bulletins, contact_lists, links
from hejie.store.pool import city_transaction

OFFICER = Actor(Role.officer, "officer-1", HERE)
OFFICES = (Office(name="消保处", duty="移送", phone="0571-12315"),)


async def write(two: Alliance, **changes: Any) -> str:
    desk = two.app.desk
    name, words = desk.mint(HERE), desk.mint(HERE)
    command = Write(
        level=changes.get("level", Level.warning),
        title=changes.get("title", "预付卡商户失联"),
        words=words,
        until=changes.get("until", date(2026, 12, 31)),
        readers=changes.get("readers", (THERE,)),
    )
    content = Content(id=words, kind="text", plain="三家连锁健身房闭店。".encode())
    await desk.act(BULLETINS, HERE, name, command, changes.get("actor", OFFICER), contents=[content])
    return name


async def seen_in(two: Alliance, city: str) -> list[Bulletin]:
    async with city_transaction(two.app.pool, city) as connection:
        return await bulletins(connection, city)


async def test_a_bulletin_is_read_there_and_its_writer_sees_when(two: Alliance, database: Any):
    name = await write(two)
    await two.work()
    (there,) = await seen_in(two, THERE)
    assert (there.id, there.source, there.title, there.level, there.unseen) == (
        name, HERE, "预付卡商户失联", Level.warning, True,
    )  # fmt: skip
    asked = "select kind, subject, done_at is null from work_item"
    assert await two.rows(THERE, asked) == [("bulletin_arrived", name, True)]
    await two.pass_time(hours=2)
    await two.app.desk.act(BULLETINS, THERE, name, Acknowledge(), Actor(Role.officer, "o-2", "510104"))
    await two.work()
    assert await two.rows(THERE, asked) == [("bulletin_arrived", name, False)]
    (here,) = await seen_in(two, HERE)
    assert [(each.city, each.office, each.seen_at) for each in here.readers] == [(THERE, "510104", two.clock.now())]
    with psycopg.connect(database.superuser_url) as administrator:
        assert fold_all(administrator)["bulletin"] == 2


WRONG = [
    ({"title": ""}, "bulletin_title"),
    ({"title": "x" * 81}, "bulletin_title"),
    ({"readers": ()}, "bulletin_readers"),
    ({"readers": ("110000",)}, "bulletin_readers"),
    ({"readers": (HERE,)}, "bulletin_readers"),
    ({"until": date(2026, 11, 1)}, "bulletin_day"),
    ({"actor": Actor(Role.clerk, "c", "o")}, "not_allowed"),
]


async def test_what_cannot_be_sent_is_not_written(two: Alliance):
    await two.work()
    for changes, code in WRONG:
        with pytest.raises(Refused) as error:
            await write(two, **changes)
        assert error.value.code == code
    assert await seen_in(two, HERE) == []
    assert await two.rows(HERE, "select * from letter_out") == []


async def test_nobody_speaks_of_anothers_bulletin(two: Alliance):
    mine = await write(two)
    await two.work()
    arrive = Arrive(source=THERE, level=Level.notice, title="x", words="w", until=None, written_at=two.clock.now())
    seen = NoteSeen(reader="110000", office="", seen_at=two.clock.now())
    for city, name, command in ((HERE, mine, arrive), (HERE, mine, seen), (THERE, mine, seen)):
        with pytest.raises(Refused) as error:
            await two.app.desk.act(BULLETINS, city, name, command, SYSTEM)
        assert error.value.code == "bulletin_not_theirs"
    with pytest.raises(Refused):
        await two.app.desk.act(BULLETINS, HERE, mine, Acknowledge(), OFFICER)


async def test_how_a_city_is_reached_is_known_everywhere(two: Alliance):
    await two.work()
    await two.app.desk.act(CONTACT_LISTS, HERE, HERE, ListOffices(offices=OFFICES), OFFICER)
    await two.work()
    fresh = (*OFFICES, Office(name="值班室", duty="预警", phone="0571-96315"))
    await two.app.desk.act(CONTACT_LISTS, HERE, HERE, ListOffices(offices=fresh), OFFICER)
    await two.work()
    async with city_transaction(two.app.pool, THERE) as connection:
        assert (await contact_lists(connection, THERE))[HERE].offices == fresh
        found = await links(connection, THERE, two.clock.now())
    async with city_transaction(two.app.pool, HERE) as connection:
        ours = await links(connection, HERE, two.clock.now())
    assert (found[HERE].handled.letters, ours[THERE].delivered.letters, ours[THERE].out.letters) == (2, 2, 0)
    assert ours[THERE].failures == 0
    assert ours[THERE].last_ok == two.clock.now() == found[HERE].last_heard


async def test_an_office_needs_a_name_and_a_number(two: Alliance):
    for office in (Office(name="", duty="", phone="0571-12315"), Office(name="x", duty="", phone="call me")):
        with pytest.raises(Refused, match="contact_office"):
            await two.app.desk.act(CONTACT_LISTS, HERE, HERE, ListOffices(offices=(office,)), OFFICER)
    assert await two.rows(HERE, "select * from contact_list") == []
