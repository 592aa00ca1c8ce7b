"""Where publication is a step of the city's ladder, figures are published only while that measure is in effect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.web.officer.officer_town import CITY

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.cities.city import ApplySettings
from hejie.cities.ladder import Ladder, Rung
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import Publishing
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.publicity import PUBLICITIES
from hejie.merchants.publicity import Announce
from hejie.store.pool import city_transaction

PUT = """
insert into measure (city, id, version, merchant, step, state, announced_at, effective_at, until, changed_at, body)
values (%s, %s, 1, %s, %s, 'stands', %s, %s, %s, %s, '{}')
"""


@pytest.mark.parametrize(
    ("step", "begins", "ends", "code"),
    [
        ("", 0, None, "publicity_step_missing"),
        ("warning", -1, None, "publicity_step_missing"),
        ("publication", 1, None, "publicity_step_missing"),
        ("publication", -2, -1, "publicity_step_missing"),
        ("publication", -1, None, ""),
        ("publication", -1, 1, ""),
    ],
)
async def test_publication_waits_for_its_step(town, house, step, begins, ends, code):
    now, known = house.clock.now(), read_city(shipped(CITY))
    first = now.astimezone(SHANGHAI).date()
    ladder = Ladder(valid_from=first, steps=(Rung(step="publication", announce_days=3, appeal_days=10),))
    settings = replace(
        known, version=known.version + 1, valid_from=first, ladder=ladder, publicity=Publishing(valid_from=first)
    )
    await town.desk.act(CITIES, CITY, CITY, ApplySettings(settings=settings), SYSTEM)
    start, end = now + timedelta(days=begins), None if ends is None else now + timedelta(days=ends)
    async with city_transaction(house.pool, CITY) as connection:
        if step:
            await connection.execute(PUT, [CITY, town.desk.mint(CITY), town.merchant, step, start, start, end, now])
    words, identifier = Content(id=town.desk.mint(CITY), kind="text", plain=b"x"), town.desk.mint(CITY)
    command = Announce(id=identifier, merchant=town.merchant, reason=words.id)
    officer = Actor(Role.officer, town.officer, "330102")
    if code:
        with pytest.raises(Refused, match=code):
            await town.desk.act(PUBLICITIES, CITY, identifier, command, officer, contents=[words])
    else:
        await town.desk.act(PUBLICITIES, CITY, identifier, command, officer, contents=[words])
    async with city_transaction(house.pool, CITY) as connection:
        found = await (await connection.execute("select count(*) from publicity")).fetchone()
    assert found == (0 if code else 1,)
