"""Errors that leave nobody stranded: what was written is given back, and a link leads on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.web import shell_portal
from tests.web.shell_portal import signed_in

from hejie.base.actor import Role
from hejie.edge.forms import WRITTEN
from hejie.web import templates

CITY = "330100"
EN = {"accept-language": "en"}


@pytest.fixture
async def consumer(house, visitor):
    """The visitor with a consumer's session."""
    visitor.cookies.set("hejie-consumer", await signed_in(house, CITY, Role.consumer, "p1"), path=f"/{CITY}")
    return visitor


async def test_what_was_written_when_the_session_had_ended_is_given_back_with_the_way_back(visitor):
    page = {"referer": f"http://hejie.test/{CITY}/try?a=1&done=said"} | EN
    sent = {
        "name": "A",
        "words": "Long words </textarea><b>",
        "memo": "A memo",
        "password": "pass-1",
        "code": "123456",
    }
    answer = await visitor.post(f"/{CITY}/try", data=sent, headers=page)
    assert answer.status_code == 401
    assert "Long words &lt;/textarea&gt;&lt;b&gt;</textarea>" in answer.text
    assert ">A memo</textarea>" in answer.text
    assert "pass-1" not in answer.text
    assert "no-5" not in answer.text
    assert f'href="/{CITY}?next=%2F{CITY}%2Ftry%3Fa%3D1"' in answer.text
    elsewhere = await visitor.post(f"/{CITY}/try", data=sent, headers=page | {"referer": "https://evil.example/x"})
    assert f'href="/{CITY}"' in elsewhere.text
    assert "evil" not in elsewhere.text
    foreign = await visitor.post(f"/{CITY}/try", data=sent, headers=page | {"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert "Long words" not in foreign.text
    assert not shell_portal.done


async def test_a_form_from_an_older_sign_in_is_not_lost_either(consumer):
    sent = {"csrf": "0" * 64, "words": "Long words"}
    answer = await consumer.post(f"/{CITY}/try", data=sent, headers={"referer": f"http://hejie.test/{CITY}/try"} | EN)
    assert answer.status_code == 403
    assert ">Long words</textarea>" in answer.text
    assert f'href="/{CITY}/try">Back to the page</a>' in answer.text


async def test_a_big_form_of_nobody_is_not_read(visitor):
    shots = [("shots", (f"{i}.jpg", b"x" * 200_000, "image/jpeg")) for i in range(3)]
    answer = await visitor.post(f"/{CITY}/try", data={"words": "Long words"}, files=shots)
    assert answer.status_code == 401
    assert "Long words" not in answer.text


async def test_an_error_leads_to_the_start_of_its_own_portal(consumer, house):
    token = await signed_in(house, CITY, Role.officer, "o1")
    await consumer.get(f"/{CITY}/try")  # from here on the house knows the city
    lost = await consumer.get(f"/{CITY}/officers/lost", headers=EN)
    assert f'href="/{CITY}">To the start page</a>' in lost.text
    desk = await consumer.get(f"/{CITY}/officer/lost", headers=EN | {"cookie": f"hejie-officer={token}"})
    assert f'href="/{CITY}/officer">To the start page</a>' in desk.text
    missing = await consumer.get(f"/{CITY}/fail/missing", headers=EN)
    assert f'href="/{CITY}">To the start page</a>' in missing.text


async def test_a_form_refused_twice_still_knows_its_page(consumer):
    for sent_at, page in (("/try/again?a=1", "/try"), ("/try?a=1", "/try?a=1"), ("/nowhere/at/all", "")):
        headers = {"referer": f"http://hejie.test/{CITY}{sent_at}"} | EN
        answer = await consumer.post(f"/{CITY}/try", data={"csrf": "0" * 64}, headers=headers)
        assert answer.status_code == 403
        switch = f"/{CITY}{page}{'&amp;' if '?' in page else '?'}lang=zh"
        assert f'href="{switch}"' in answer.text


async def test_the_address_of_an_act_leads_to_the_page_above(consumer):
    answer = await consumer.get(f"/{CITY}/leave", headers=EN)
    assert answer.status_code == 405
    below = await consumer.get(f"/{CITY}/try/again", headers=EN)
    assert below.status_code == 405
    assert f'href="/{CITY}/try">Back to the page</a>' in below.text


def test_every_field_for_long_words_is_one_that_is_given_back():
    places = Path(templates.__file__).parent.rglob("*.html")
    text = "\n".join(place.read_text("utf-8") for place in places)
    names = re.findall(r'ui\.area\("(\w+)"', text) + re.findall(r'<textarea[^>]* name="(\w+)"', text)
    assert {"words", "reason", "memo"} <= set(names)
    assert [name for name in names if not WRITTEN.fullmatch(name)] == []
