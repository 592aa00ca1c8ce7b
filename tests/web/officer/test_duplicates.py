"""Likely duplicates on the mediation's page: shown with their evidence, decided by the officer, nothing by itself."""

from __future__ import annotations

import psycopg
from msgspec.structs import replace
from tests.web.officer.officer_town import CITY, keys

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.desk.mediations import MEDIATIONS
from hejie.mediations import commands as c
from hejie.mediations.model import mediation_of
from hejie.queries.duplicates import likely_duplicates
from hejie.queries.record import read_dispute
from hejie.store.pool import city_transaction

OPEN = c.Open(
    dispute="", consumer="P1", merchant="M1", wallet="alipay", competent=("330102",), bases=("place",), materials=()
)


async def test_a_case_by_another_road_is_shown_and_an_officer_decides(town, house, officer, database):
    case, twin, alone = [await town.escalated() for _ in range(3)]
    async with city_transaction(house.pool, CITY) as connection:
        one = await read_dispute(connection, CITY, case)
        assert await likely_duplicates(connection, one) == ()  # nothing came by another road
    with psycopg.connect(database.superuser_url) as connection:  # as if a wallet had told of it
        connection.execute('update dispute set body = body || \'{"origin": "wallet"}\' where id = %s', [twin])
    async with city_transaction(house.pool, CITY) as connection:
        (found,) = await likely_duplicates(connection, one)
    assert (found.dispute.id, [each.value for each in found.evidence]) == (twin, ["purchase"])
    here = Actor(Role.officer, town.officer, "330102")
    for actor, command in ((SYSTEM, replace(OPEN, dispute=case)), (here, c.Receive())):
        await town.desk.act(MEDIATIONS, CITY, mediation_of(case), command, actor)
    page = f"/{CITY}/officer/mediations/{mediation_of(case)}"
    text = (await officer.get(page)).text
    assert "Perhaps the same complaint" in text
    assert twin in text
    assert alone not in text
    unknown = await officer.post(f"{page}/duplicate", data=keys_in(text) | {"duplicate": "330100-0", "same": "yes"})
    assert unknown.status_code == 404
    done = await officer.post(f"{page}/duplicate", data=keys_in(text) | {"duplicate": twin, "same": "yes"})
    assert done.status_code == 303, done.text
    async with city_transaction(house.pool, CITY) as connection:
        query = "select body->'duplicates' from mediation where id = %s"
        [(kept,)] = await (await connection.execute(query, [mediation_of(case)])).fetchall()
    assert kept == [{"dispute": twin, "same": True}]
    assert "the same complaint" in (await officer.get(page)).text


def keys_in(html: str) -> dict[str, str]:
    version = html.partition('name="version" value="')[2].partition('"')[0]
    return keys(html) | {"version": version}
