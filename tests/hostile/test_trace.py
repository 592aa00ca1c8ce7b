"""Tracing a payment: for officers of its own city alone, never without a purpose, and without anybody's secrets."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from tests.hostile.stage import CITY, OTHER, PHONES, Hand, Stage


async def ask(hand: Hand, **query: str):
    given = {"city": CITY, "purpose": "dispute 1"} | query
    return await hand.get(f"/v1/trace?{urlencode(given)}", authorization=f"Bearer {hand.token}")


async def test_an_officer_finds_a_payment_and_it_is_written_down(stage: Stage):
    trade = await stage.pay()
    officer = await stage.hand("officer-1")
    answer = await ask(officer, number=trade)
    assert answer.status_code == 200
    [found] = answer.json()["answers"]
    assert (found["trade_no"], found["merchant"]["reach"]) == (trade, ["sms"])
    assert not any(number in answer.text for number in PHONES.values())
    assert stage.sql("select person, purpose, answers from trace_asked") == [("officer-1", "dispute 1", 1)]


@pytest.mark.parametrize("who", ["x", "y", "a", "b"])
async def test_nobody_else_may(stage: Stage, who: str):
    trade = await stage.pay()
    assert (await ask(await stage.hand(who), number=trade)).status_code == 401
    assert (await ask(stage.stranger(), number=trade)).status_code == 401
    assert stage.sql("select count(*) from trace_asked") == [(0,)]


async def test_another_citys_officer_finds_nothing(stage: Stage):
    trade = await stage.pay()
    there = await stage.hand("officer-1", city=OTHER)
    assert (await ask(there, number=trade)).status_code == 401
    answer = await ask(there, number=trade, city=OTHER)
    assert (answer.status_code, answer.json()) == (200, {"answers": []})


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"number": "1", "purpose": ""}, "purpose_missing"),
        ({"number": "1", "purpose": " \u200b "}, "purpose_missing"),
        ({"number": "1", "purpose": "x" * 201}, "text_too_long"),
        ({}, "reference_unreadable"),
        ({"trace": "123456", "at": "2026-11-20T10:00:00+08:00"}, "reference_unreadable"),
        ({"terminal": "1", "at": "2026-11-20T10:00:00"}, "reference_unreadable"),
        ({"terminal": "1", "at": "noon"}, "reference_unreadable"),
        ({"number": "1" * 65}, "reference_unreadable"),
        ({"number": "1\x00"}, "reference_unreadable"),
        ({"number": "1", "city": "999999"}, "city_not_here"),
        ({"number": "1", "city": ""}, "city_not_here"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(stage: Stage, query: dict[str, str], code: str):
    answer = await ask(await stage.hand("officer-1"), **query)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code
    assert stage.sql("select count(*) from trace_asked") == [(0,)]
