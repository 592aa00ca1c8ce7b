"""Publicity in a town: told before, objected to, published without anything about consumers, corrected, taken back."""

from __future__ import annotations

from datetime import timedelta

import psycopg
from msgspec.structs import replace
from tests.queries.counted import put
from tests.support.folding import fold_all
from tests.support.town import CITY, CODE, NAME, Town
from tests.web.consumer_lab import Browser, signed_in

from hejie.base.actor import SYSTEM, Role
from hejie.base.clock import SHANGHAI
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import Publishing
from hejie.desk.cities import CITIES

PRESSED = {"pressure": {"reason": "pressure", "upheld": True}}


async def _publishing(here: Town) -> None:
    settings = read_city(shipped(CITY))
    first = here.app.clock.now().astimezone(SHANGHAI).date()
    on = replace(
        settings, version=settings.version + 1, valid_from=first, publicity=Publishing(valid_from=first, least_cell=3)
    )
    await here.app.desk.act(CITIES, CITY, CITY, ApplySettings(settings=on), SYSTEM)


async def _some(here: Town) -> None:
    """Four settled, one silent, one under another problem; one of pressure and one of last year count for nothing."""
    when = f"{here.app.clock.now() - timedelta(days=90):%Y-%m-%d} 09:00"
    async with here.app.pool.connection() as connection, connection.transaction():
        await connection.execute("select set_config('hejie.city', %s, true)", [CITY])
        own = {"merchant": here.merchant}
        for _ in range(4):
            await put(connection, when, ended=(1, "confirmed"), **own)
        await put(connection, when, ended=(1, "silent"), **own)
        await put(connection, when, problem="price", ended=(1, "withdrawn"), **own)
        await put(connection, when, ended=(1, "confirmed"), body=PRESSED, **own)
        await put(connection, "2020-01-05 09:00", ended=(1, "confirmed"), **own)
        await put(connection, when, ended=(1, "confirmed"), merchant="another")


async def _public(here: Town) -> Browser:
    anyone = Browser(here)
    await anyone.open("public/disputes")
    await anyone.http.aclose()
    return anyone


async def test_a_city_that_has_not_said_so_publishes_nothing(here: Town):
    assert "不公示" in (await _public(here)).text
    officer = await signed_in(here, Role.officer, "officer-1", "330102")
    await officer.open("officer/publicity")
    assert "announce" not in officer.html
    await officer.http.aclose()
    assert await here.rows("select 1 from publicity") == []


async def test_the_whole_road_of_publicity(here: Town, database):
    await _publishing(here)
    await _some(here)
    officer = await signed_in(here, Role.officer, "officer-1", "330102")
    await officer.open("officer/publicity")
    await officer.send("announce", credit_code=CODE, reason="一年内多次不兑现承诺")
    assert await here.rows("select state from publicity") == [("announced",)]
    await here.work()
    told = [each["text"] for each in here.wallet.get("sms") if "拟公示" in each["text"]]
    assert len(told) == 1
    assert NAME not in (await _public(here)).text
    await officer.open("officer/publicity")
    await officer.send("announce", credit_code=CODE, reason="再来一次")
    assert officer.page.status_code == 409 or "已告知" in officer.text

    owner = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await owner.open("merchant/publicity")
    await owner.tap("object", objection_words="  ")
    assert await here.rows("select body->'objections' from publicity") == [([],)]
    await owner.tap("object", objection_words="其中两件已经退款")
    here.advance(days=11)
    await officer.open("officer/publicity")
    assert 'data-act="publish"' not in officer.html
    await officer.tap("answer-objection", upheld="no", answer_words="核实后不成立")
    await officer.tap("publish")
    assert "现在所有人都能看到" in officer.text

    seen = await _public(here)
    for words in (NAME, CODE, "一年内多次不兑现承诺", "其中两件已经退款", "核实后不成立", "80%", "首次和解率", "ODR"):
        assert words in seen.text, words
    assert "一年内的纠纷 6" in seen.text
    assert "已解决 4 件，未解决 1 件，共 5 件" not in seen.text  # the one beside it would be told by subtraction
    disputes = await here.rows("select id, consumer from dispute")
    assert not [word for row in disputes for word in row if len(word) > 1 and word in seen.html]
    await officer.open("officer/publicity")
    await officer.tap("correct", correct_words="应为五件")
    assert "应为五件" in (await _public(here)).text
    await officer.open("officer/publicity")
    await officer.tap("withdraw", withdraw_words="已全部改正")
    gone = await _public(here)
    assert NAME not in gone.text
    await owner.open("merchant/publicity")
    assert "已全部改正" in owner.text
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("delete from dispute")  # those were put in without their logs
        connection.execute("delete from log where noun = 'dispute'")
        assert fold_all(connection)["publicity"] == 1
    for browser in (officer, owner):
        await browser.http.aclose()


async def test_another_merchant_does_not_reach_it_and_a_wrong_code_is_told(here: Town):
    await _publishing(here)
    officer = await signed_in(here, Role.officer, "officer-1", "330102")
    await officer.open("officer/publicity")
    await officer.send("announce", credit_code="91330100MA27XW5P0Q", reason="理由")
    assert officer.page.status_code == 404
    await officer.send("announce", credit_code=CODE, reason="理由")
    await officer.http.aclose()
    stranger = await signed_in(here, Role.merchant, "owner-1", "another")
    ((identifier,),) = await here.rows("select id from publicity")
    await stranger.open("merchant/publicity")
    assert stranger.page.status_code == 404
    assert identifier not in stranger.html
    await stranger.http.aclose()
