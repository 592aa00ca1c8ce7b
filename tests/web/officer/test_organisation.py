"""Several officers at several authorities: who sees and does what, who stands in, and what the trail keeps of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest
from tests.support.pages import pages
from tests.web.officer.officer_town import CITY, keys, session

from hejie.base.actor import Actor, Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.custody import GiveBack, Given, TakeUp
from hejie.cities.item_custody import custody_of
from hejie.cities.posts import Act, Function
from hejie.desk.disputes import DISPUTES
from hejie.desk.item_custodies import ITEM_CUSTODIES
from hejie.desk.items import finish
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.edge.functions import come_back, end_function, give_function, go_on_leave
from hejie.store.pool import city_transaction
from hejie.store.posts import day_of, read_post
from hejie.web import clerk, officer
from hejie.web.guard import act_of
from hejie.web.story_lines import is_for

DESK = f"/{CITY}/officer"
PEOPLE = {
    "boss": (Function.head, CITY),
    "here": (Function.mediator, "330102"),
    "there": (Function.head, "330106"),
    "audit": (Function.auditor, CITY),
    "system": (Function.system_admin, CITY),
    "security": (Function.security_admin, CITY),
}


@pytest.fixture
async def people(house, town):
    """Officers by login, each with one function at one authority; disputes here are of 330102."""
    made = {}
    for login, (function, authority) in PEOPLE.items():
        made[login], _ = await town.hire(login, login)
        await give_function(house, CITY, login, function, authority)
    return made


@pytest.fixture
async def browsers(house, people):
    made = {}
    for login, person in people.items():
        transport = httpx.ASGITransport(pages(house, routes=officer.ROUTES), raise_app_exceptions=False)
        headers = {"accept-language": "en"}
        made[login] = httpx.AsyncClient(transport=transport, base_url="http://hejie.test", headers=headers)
        token = await session(house, Role.officer, person, PEOPLE[login][1])
        made[login].cookies.set("hejie-officer", token, path=f"/{CITY}")
    yield made
    for each in made.values():
        await each.aclose()


async def send(client, page, path, **fields: str):
    html = (await client.get(page)).text
    return await client.post(path, data=keys(html) | fields)


def look(database, statement, *values: object):
    with psycopg.connect(database.superuser_url) as connection:
        return connection.execute(statement, values).fetchall()


def test_every_route_of_an_officer_is_an_act():
    forgotten = [
        route.path
        for route in (*officer.ROUTES, *clerk.ROUTES)
        if Role.officer in route.roles and not route.anyone and act_of(route.path, route.method) is None
    ]
    assert forgotten == []


def test_looking_lets_nobody_change():
    for path in ("mediations/{id:str}", "funds", "publicity", "measures"):
        assert act_of(f"/officer/{path}") is Act.read
        assert act_of(f"/officer/{path}", "POST") in {Act.work, Act.lead}


async def test_a_case_goes_round_the_city(town, people, browsers, database):
    case = await town.escalated()
    page = f"{DESK}/disputes/{case}"
    log = look(database, "select count(*) from log")
    # Another district sees and does nothing, and that is written down.
    for answer in (
        await browsers["there"].get(page),
        await send(browsers["there"], f"{DESK}/duties", f"{page}/take", version="4"),
        await browsers["audit"].get(page),
        await browsers["system"].get(page),
        await browsers["security"].get(f"{DESK}/items"),
    ):
        assert answer.status_code == 403
    assert look(database, "select count(*) from log") == log
    refused = look(database, "select person, act, result from trail where result not in ('seen', 'done') order by id")
    assert {(person, result) for person, _, result in refused if person == people["there"]} == {
        (people["there"], "outside_authority")
    }
    # The head gives it, the officer gives it back, the head passes it on, the other authority takes it.
    given = await send(browsers["boss"], page, f"{page}/give", officer=people["here"])
    assert given.status_code == 303
    assert case in (await browsers["here"].get(f"{DESK}/duties")).text
    empty = await send(browsers["here"], page, f"{page}/back", back_words=" ")
    assert empty.status_code == 422
    await send(browsers["here"], page, f"{page}/back", back_words="我认识这家店的老板")
    assert look(database, "select officer from dispute") == [("",)]
    await send(browsers["boss"], page, f"{page}/pass", authority="330106", pass_words="总部在那边")
    assert look(database, "select offered_to, authority from dispute") == [("330106", "")]
    assert case in (await browsers["there"].get(f"{DESK}/duties")).text
    taken = await send(browsers["there"], page, f"{page}/answer-pass", said="yes")
    assert taken.status_code == 303
    assert look(database, "select offered_to, authority, officer from dispute") == [("", "330106", "")]
    assert (await browsers["here"].get(page)).status_code == 403
    told = (await browsers["boss"].get(page)).text
    assert "我认识这家店的老板" in told
    assert "总部在那边" in told


def test_neither_side_reads_what_officers_do_among_themselves():

    event = e.CustodyChanged(at=datetime(2026, 11, 30, tzinfo=UTC), change=Given(officer="a", by="b"), words="C1")
    assert [is_for(event, role) for role in (Role.consumer, Role.merchant, Role.officer)] == [False, False, True]


async def test_of_two_who_take_one_case_at_once_one_wins(town, people, database):
    case = await town.escalated()
    actors = [Actor(Role.officer, people[each], CITY) for each in ("boss", "here")]

    async def outcome(coming):
        try:
            await coming
        except HejieError as why:
            return why.code
        return "done"

    taken = [outcome(town.desk.act(DISPUTES, CITY, case, c.Take(), each)) for each in actors]
    assert sorted(await asyncio.gather(*taken)) == ["done", "taken_by_other"]
    now = town.house.clock.now()
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            "insert into work_item values (%s, 'W', 'sale_denied', 'dispute', %s, '{}', %s)", [CITY, case, now]
        )
    taken = [outcome(town.desk.act(ITEM_CUSTODIES, CITY, custody_of("W"), TakeUp(), each)) for each in actors]
    assert sorted(await asyncio.gather(*taken)) == ["done", "taken_by_other"]
    [(holder,)] = look(database, "select officer from work_item")
    other = next(each for each in actors if each.id != holder)
    with pytest.raises(Refused, match="not_your_case"):
        await finish(town.desk, CITY, "W", "x", other)
    with pytest.raises(Refused, match="outside_authority"):
        await finish(town.desk, CITY, "W", "x", Actor(Role.officer, people["there"], "330106"))
    assert look(database, "select done_at, place from work_item") == [(None, "330102")]


async def test_whoever_stands_in_does_the_work_under_their_own_name(town, house, people, browsers, database):
    case = await town.escalated()
    here, boss = Actor(Role.officer, people["here"], "330102"), Actor(Role.officer, people["boss"], CITY)
    await town.desk.act(DISPUTES, CITY, case, c.Take(), here)
    today = day_of(house.clock.now())
    words = town.text("x")
    with pytest.raises(Refused, match="not_your_case"):
        await town.desk.act(DISPUTES, CITY, case, c.Say(words=words.id), boss, contents=[words])
    for actor, member, substitute, days, code in (
        ("there", "here", "boss", (today, today), "outside_authority"),
        ("here", "boss", "here", (today, today), "function_missing"),
        ("here", "here", "here", (today, today), "substitute_unfit"),
        ("here", "here", "audit", (today, today), "substitute_unfit"),
        ("here", "here", "boss", (today, today - timedelta(days=1)), "absence_days"),
    ):
        with pytest.raises(Refused, match=code):
            await go_on_leave(house, CITY, people[actor], people[member], people[substitute], days)
    assert look(database, "select count(*) from absence") == [(0,)]
    leave = await go_on_leave(house, CITY, people["here"], people["here"], people["boss"], (today, today))
    with pytest.raises(Refused, match="absence_overlaps"):
        await go_on_leave(house, CITY, people["boss"], people["here"], people["boss"], (today, today))
    assert case in (await browsers["boss"].get(f"{DESK}/duties")).text
    await town.desk.act(DISPUTES, CITY, case, c.Say(words=words.id), boss, contents=[words])
    assert look(database, "select actor from log where event = 'Said' order by version desc limit 1") == [(boss.id,)]
    async with city_transaction(house.pool, CITY) as connection:
        post = await read_post(connection, CITY, people["boss"], house.clock.now())
    assert (post.stands_in, post.stands_at, post.beside) == ((people["here"],), ("330102",), ("330102",))
    await come_back(house, CITY, people["here"], leave)
    with pytest.raises(Missing, match="absence_unknown"):
        await come_back(house, CITY, people["here"], leave)
    with pytest.raises(Refused, match="not_your_case"):
        await town.desk.act(DISPUTES, CITY, case, c.Move(what=GiveBack(words="C")), boss)


async def test_functions_are_given_and_ended_and_some_stand_alone(town, house, people, database):
    before = look(database, "select member, function from member_function order by member")
    for login, function, code in (
        ("audit", Function.head, "functions_apart"),
        ("system", Function.security_admin, "functions_apart"),
        ("boss", Function.audit_admin, "functions_apart"),
        ("boss", Function.head, "function_given"),
    ):
        with pytest.raises(Refused, match=code):
            await give_function(house, CITY, login, function)
    with pytest.raises(Missing, match="authority_unknown"):
        await give_function(house, CITY, "boss", Function.intake, "510100")
    with pytest.raises(Missing, match="member_unknown"):
        await give_function(house, CITY, "nobody", Function.intake)
    with pytest.raises(Refused, match="function_not_given"):
        await end_function(house, CITY, "boss", Function.intake)
    assert look(database, "select member, function from member_function order by member") == before
    assert await end_function(house, CITY, "boss", Function.head) == []
    case = await town.escalated()
    with pytest.raises(Refused, match="function_missing"):
        await town.desk.act(DISPUTES, CITY, case, c.Take(), Actor(Role.officer, people["boss"], CITY))


async def test_the_head_sees_the_load_and_the_auditor_the_trail(town, people, browsers):
    case, free = await town.escalated(), await town.escalated()
    here = Actor(Role.officer, people["here"], "330102")
    await town.desk.act(DISPUTES, CITY, case, c.Take(), here)
    await browsers["here"].get(f"{DESK}/disputes/{case}")
    seen = (await browsers["boss"].get(f"{DESK}/supervision")).text
    assert f'data-load="330102-{people["here"]}"' in seen
    assert f'href="{DESK}/duties?of={people["here"]}&amp;place=330102"' in seen
    listed = (await browsers["boss"].get(f"{DESK}/duties?of=-&place=330102")).text
    assert free in listed
    assert case not in listed
    assert free not in (await browsers["boss"].get(f"{DESK}/duties?of=-&place=330102&due=over")).text
    assert (await browsers["there"].get(f"{DESK}/duties?of=-&place=330102")).status_code == 403
    for login, path in (("here", "supervision"), ("boss", "trail"), ("system", "trail")):
        assert (await browsers[login].get(f"{DESK}/{path}")).status_code == 403
    trail = (await browsers["audit"].get(f"{DESK}/trail?person=here&case={case}")).text
    assert "looked at it" in trail
    assert case in trail
    assert free not in trail
    assert "面里有头发" not in trail
    assert (await browsers["audit"].get(f"{DESK}/trail?day=soon")).status_code == 422
    assert (await browsers["audit"].get(DESK)).headers["location"] == f"{DESK}/trail"
    assert (await browsers["system"].get(DESK)).headers["location"] == f"{DESK}/settings"
    assert (await browsers["security"].get(DESK)).headers["location"] == f"{DESK}/passkey"
