"""Sessions that ended, tokens that are none, forms of other sites, and too much of anything."""

from __future__ import annotations

import re

from tests.hostile.stage import CITY, JSON, Stage

from hejie.base.actor import Role
from hejie.web.asgi import PORTALS


async def test_a_session_that_ended_or_was_left_is_nothing(stage: Stage):
    hand = await stage.hand("x")
    stolen = f"hejie-consumer={hand.token}"
    assert (await hand.post(f"/{CITY}/leave")).status_code == 303
    after = stage.stranger(cookie=stolen, **JSON)
    assert (await after.get(f"/{CITY}/bill")).status_code == 401
    bearer = {"authorization": f"Bearer {hand.token}"}
    assert (await after.get(f"/api/{CITY}/disputes/x", **bearer)).status_code == 401
    idle = await stage.hand("x")
    stage.sql("update session set ends_at = now() - interval '1 second'")
    assert (await idle.get(f"/{CITY}/bill", **JSON)).status_code == 401
    late = await idle.post(f"/{CITY}/disputes", {"trade": "x"}, JSON)
    assert (late.status_code, late.json()["code"]) == (401, "sign_in_needed"), "not: your form is wrong"


async def test_tokens_that_are_none(stage: Stage):
    hand = await stage.hand("x")
    dispute = await stage.file()
    for token in ("", " ", "x", "x" * 20_000, hand.token + "x", hand.token[:-1], hand.token.swapcase(), "' or true --"):
        stranger = stage.stranger(**JSON)
        answer = await stranger.get(f"/api/{CITY}/disputes/{dispute}", authorization=f"Bearer {token}")
        assert answer.status_code == 401, token[:20]
        cookie = await stranger.get(f"/{CITY}/disputes/{dispute}", cookie=f"hejie-consumer={token}")
        assert cookie.status_code == 401, token[:20]
    basic = await stage.stranger().get(f"/api/{CITY}/disputes/{dispute}", authorization=f"Basic {hand.token}")
    assert basic.status_code == 401


async def test_no_form_of_another_site_session_or_page_is_taken(stage: Stage):
    dispute = await stage.file()
    hands = {Role.consumer: await stage.hand("x"), Role.officer: await stage.hand("officer-1"),
             Role.merchant: await stage.hand("a")}  # fmt: skip
    theirs = (await stage.hand("y")).csrf
    before = stage.everything()
    for route in PORTALS:
        if route.method == "GET":
            continue
        path = f"/{CITY}{route.path}".replace("{id:str}", dispute)
        path = re.sub(r"\{[a-z]+:str\}", "x", path)
        hand = hands[route.roles[0]] if route.roles[0] in hands else hands[Role.consumer]
        for fields in ({"csrf": None}, {"csrf": ""}, {"csrf": theirs}, {"csrf": "0" * 64}):
            answer = await hand.post(path, fields, JSON)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_wrong"), path
        stage.sql("delete from rate")
    hand = hands[Role.consumer]
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://hejie.test.evil.example"},
                    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):  # fmt: skip
        answer = await hand.post(f"/{CITY}/disputes/{dispute}/withdraw", None, JSON | headers)
        assert answer.json()["code"] == "csrf_wrong", headers
    got = await hand.get(f"/{CITY}/disputes/{dispute}/withdraw", **JSON)
    assert got.status_code == 405, "no act by following a link"
    assert stage.everything() == before


async def test_beyond_the_limit_comes_429_for_pages_and_programmes(stage: Stage):
    dispute, hand = await stage.file(), await stage.hand("x")
    for _ in range(2):
        await hand.post(f"/{CITY}/disputes/{dispute}/say", {"words": "?"})
    stage.sql("update rate set hits = 240 where bucket like 'acts:%%'")
    before = stage.everything()
    for answer in (
        await hand.post(f"/{CITY}/disputes/{dispute}/say", {"words": "?"}, JSON),
        await hand.api(f"/api/{CITY}/disputes/{dispute}/say", {"words": "?"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert int(answer.headers["retry-after"]) > 0
    assert stage.everything() == before
