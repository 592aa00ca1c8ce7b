"""The shell of all portals: sessions, CSRF, errors in both languages, limits, idempotency, live streams."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import datetime, timedelta

import psycopg
import pytest
from PIL import Image
from tests.web import shell_portal
from tests.web.shell_portal import signed_in

from hejie.base.actor import Role
from hejie.edge import sessions

CITY, OTHER = "330100", "310000"
FORM = {"content-type": "application/x-www-form-urlencoded"}
ZH, EN = {"accept-language": "zh-CN,zh;q=0.9"}, {"accept-language": "en"}


@pytest.fixture
async def consumer(house, visitor):
    """The visitor with a consumer's session."""
    visitor.cookies.set("hejie-consumer", await signed_in(house, CITY, Role.consumer, "p1"), path=f"/{CITY}")
    return visitor


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf|once)" value="([^"]+)"', html))


async def test_the_start_page_lists_the_cities_in_the_readers_language(visitor):
    zh, en = await visitor.get("/", headers=ZH), await visitor.get("/", headers=EN)
    assert '<html lang="zh-CN">' in zh.text
    assert "杭州" in zh.text
    assert "请选择您的城市" in zh.text
    assert '<html lang="en">' in en.text
    assert "Hangzhou" in en.text
    chosen = await visitor.get("/?lang=en", headers=ZH)
    assert "Hangzhou" in chosen.text
    assert "Hangzhou" in (await visitor.get("/", headers=ZH)).text, "the choice is kept"


async def test_every_answer_has_its_security_headers_and_a_nonce_of_its_own(visitor):
    first, second = await visitor.get("/"), await visitor.get("/nothing/here")
    nonces = [
        nonce
        for each in (first, second)
        for nonce in re.findall(r"script-src 'nonce-([0-9a-f]{32})'", each.headers["content-security-policy"])
    ]
    assert len(set(nonces)) == 2
    for answer, nonce in zip((first, second), nonces, strict=True):
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert scripts
        assert all(f'nonce="{nonce}"' in each for each in scripts)
        assert not re.search(r"<script[^>]*>[^<]|style=|\son[a-z]+=", answer.text)


async def test_static_files_are_kept_for_ever_under_a_mark_and_packed(visitor):
    page = (await visitor.get("/")).text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = await visitor.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.content
    assert (await visitor.get("/static/000000000000/hejie.css")).status_code == 404
    assert (await visitor.get("/static/000000000000/..%2f..%2fsettings.py")).status_code == 404


async def test_health_does_not_ask_the_database_and_readiness_does(visitor, house):
    assert (await visitor.get("/readyz")).status_code == 200
    await house.pool.close()
    assert (await visitor.get("/healthz")).status_code == 200
    assert (await visitor.get("/readyz")).status_code == 503


async def test_an_unknown_city_or_page_is_404_in_both_languages(visitor):
    for path in ("/999999", "/33010", "/330100/nothing", "/330100/%00"):
        zh, en = await visitor.get(path, headers=ZH), await visitor.get(path, headers=EN)
        assert zh.status_code == en.status_code == 404
        assert "没有" in zh.text or "尚未" in zh.text
        assert "Please" in en.text


async def test_without_a_session_a_page_leads_to_its_door_and_back(visitor):
    answer = await visitor.get(f"/{CITY}/try?a=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/{CITY}?next=%2F{CITY}%2Ftry%3Fa%3D1"
    officer = await visitor.get(f"/{CITY}/officers")
    assert officer.headers["location"].startswith(f"/{CITY}/officer/sign-in?next=")
    asked = await visitor.get(f"/{CITY}/try", headers={"accept": "application/json"} | EN)
    assert asked.status_code == 401
    assert asked.headers["content-type"] == "application/problem+json"
    assert asked.json()["code"] == "sign_in_needed"


async def test_a_session_opens_its_city_and_role_only(consumer, house):
    assert (await consumer.get(f"/{CITY}/try")).status_code == 200
    assert (await consumer.get(f"/{CITY}/officers")).status_code == 303
    token = consumer.cookies["hejie-consumer"]
    elsewhere = await consumer.get(f"/{OTHER}/try", headers={"cookie": f"hejie-consumer={token}"})
    assert elsewhere.status_code == 303
    async with sessions.passing(house.pool, CITY) as connection:
        stored = await (await connection.execute("select token from session")).fetchone()
    assert stored == (hashlib.sha256(token.encode()).digest(),)


async def test_an_idle_session_ends_and_a_used_one_lives_on(consumer, house, database):
    def ends() -> datetime:
        with psycopg.connect(database.superuser_url) as connection:
            row = connection.execute("select ends_at from session").fetchone()
            assert row
            return row[0]

    def shift(**by: int) -> None:
        with psycopg.connect(database.superuser_url) as connection:
            connection.execute("update session set ends_at = ends_at - %s", [timedelta(**by)])

    before = ends()
    await consumer.get(f"/{CITY}/try")
    assert ends() == before, "not written at every step"
    shift(minutes=60)
    await consumer.get(f"/{CITY}/try", headers={"hx-request": "true"})
    assert ends() < before, "what the page fetches by itself does not count"
    await consumer.get(f"/{CITY}/try")
    assert ends() > before
    shift(hours=3)
    assert (await consumer.get(f"/{CITY}/try")).status_code == 303


async def test_an_act_needs_the_sessions_own_csrf_token(consumer, house):
    keys = hidden((await consumer.get(f"/{CITY}/try")).text)
    good = keys | {"name": "A", "amount": "1"}
    other = await signed_in(house, CITY, Role.consumer, "p2")
    theirs = hidden((await consumer.get(f"/{CITY}/try", headers={"cookie": f"hejie-consumer={other}"})).text)["csrf"]
    for wrong in ({"csrf": ""}, {"csrf": theirs}, {"csrf": "é"}):
        answer = await consumer.post(f"/{CITY}/try", data=good | wrong, headers=ZH)
        assert answer.status_code == 403
        assert "返回刚才的页面" in answer.text
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert (await consumer.post(f"/{CITY}/try", data=good, headers=headers)).status_code == 403
    assert not shell_portal.done
    for headers in ({}, {"origin": "http://hejie.test", "sec-fetch-site": "same-origin"}):
        assert (await consumer.post(f"/{CITY}/try", data=good, headers=headers)).status_code == 303
    assert len(shell_portal.done) == 2


async def test_a_stranger_has_a_csrf_token_too_and_signs_in_and_out(visitor):
    door = await visitor.get(f"/{CITY}")
    csrf = re.search(r">([0-9a-f]{64})<", door.text)
    assert csrf
    assert (await visitor.post(f"/{CITY}/enter", data={"person": "p"})).status_code == 403
    inside = await visitor.post(f"/{CITY}/enter", data={"person": "p", "csrf": csrf[1], "next": "//evil.example/"})
    assert inside.headers["location"] == f"/{CITY}/try"
    cookie = inside.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path=/{CITY}" in cookie
    page = await visitor.get(f"/{CITY}/try")
    assert page.status_code == 200
    assert (await visitor.post(f"/{CITY}/leave", data=hidden(page.text))).status_code == 303
    assert (await visitor.get(f"/{CITY}/try")).status_code == 303


async def test_a_refused_form_comes_back_with_what_was_typed_and_a_linked_summary(consumer):
    keys = hidden((await consumer.get(f"/{CITY}/try")).text)
    typed = keys | {"name": "<b>x</b>", "amount": "1.234"}
    zh, en = [await consumer.post(f"/{CITY}/try", data=typed, headers=h) for h in (ZH, EN)]
    assert zh.status_code == en.status_code == 422
    assert "金额最多两位小数" in zh.text
    assert "at most two decimal places" in en.text
    assert 'href="#amount"' in en.text
    assert 'id="amount-fault"' in en.text
    assert 'aria-invalid="true"' in en.text
    assert 'value="&lt;b&gt;x&lt;/b&gt;"' in en.text
    assert 'value="1.234"' in en.text
    assert "<title>Error ·" in en.text
    assert not shell_portal.done
    several = await consumer.post(f"/{CITY}/try", data=keys | {"name": "a\x00b", "amount": "0"}, headers=EN)
    assert several.text.count('class="fault"') == 2


async def test_the_same_form_has_the_same_digest_and_another_has_not(consumer):
    keys = hidden((await consumer.get(f"/{CITY}/try")).text)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    files = {"shots": ("a.png", picture.getvalue(), "image/png")}
    for change in ({}, {}, {"name": "B"}):
        data = keys | {"name": "A", "amount": "1"} | change
        assert (await consumer.post(f"/{CITY}/try", data=data, files=files)).status_code == 303
    said = [line.split(" ") for line in shell_portal.done]
    assert said[0][2] == "1", "the picture arrived"
    assert said[0] == said[1]
    assert said[0][3] == said[2][3] == keys["once"]
    assert said[0][4] != said[2][4]
    for key, code in ((None, "key_missing"), ("short", "key_unreadable")):
        data = {"csrf": keys["csrf"], "name": "A", "amount": "1"} | ({"once": key} if key else {})
        answer = await consumer.post(f"/{CITY}/try", data=data, headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(shell_portal.done) == 3


async def test_errors_have_their_status_and_words_in_the_readers_language(consumer):
    for how, status, zh, en in (
        ("missing", 404, "没有这件", "no such dispute"),
        ("stale", 409, "已有变化", "has changed"),
        ("early", 409, "目前的状态", "present state"),
    ):
        for headers, words in ((ZH, zh), (EN, en)):
            page = await consumer.get(f"/{CITY}/fail/{how}", headers=headers)
            assert page.status_code == status
            assert words in page.text
        told = await consumer.get(f"/{CITY}/fail/{how}", headers=EN | {"accept": "application/problem+json"})
        assert told.json()["status"] == status
        assert en in told.json()["detail"]


async def test_a_fault_of_ours_shows_an_incident_number_and_nothing_else(consumer, capsys):
    page = await consumer.get(f"/{CITY}/fail/otherwise", headers=EN)
    number = re.search(r"number ([0-9A-F]{10})", page.text)
    assert page.status_code == 500
    assert number
    assert "secret of" not in page.text
    assert "Traceback" not in page.text
    logged = capsys.readouterr().out
    assert number[1] in logged
    assert "RuntimeError" in logged
    assert "secret of" not in logged


async def test_beyond_a_limit_comes_429_with_when_to_come_again(visitor):
    for _ in range(2):
        assert (await visitor.get(f"/{CITY}/few")).status_code == 200
    answer = await visitor.get(f"/{CITY}/few", headers=EN)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    assert answer.headers["ratelimit-policy"] == '"few";q=2;w=3600'
    assert re.search(r"again in (?:1 hour|\d+ (?:minute|second)s?)\.", answer.text)
    assert (await visitor.get(f"/{OTHER}/few")).status_code == 200, "cities count apart"


async def test_what_is_too_large_is_413_before_it_is_read(consumer):
    answer = await consumer.post(f"/{CITY}/leave", content=b"x" * (256 * 1024 + 1), headers=FORM | EN)
    assert answer.status_code == 413
    assert "too large" in answer.text


@pytest.mark.parametrize("body", [b"csrf=%ff&once=%00", b"\xff\xfe", b"a=" * 3000])
async def test_a_form_of_garbage_is_refused_quietly(consumer, body):
    assert (await consumer.post(f"/{CITY}/try", content=body, headers=FORM)).status_code in {400, 403}
    many = {"content-type": "multipart/form-data; boundary=x"}
    assert (await consumer.post(f"/{CITY}/try", content=body, headers=many)).status_code in {400, 403}
    assert not shell_portal.done


async def test_the_other_language_of_this_page_is_one_link_away(consumer):
    page = await consumer.get(f"/{CITY}/try?a=1&lang=zh", headers=EN)
    assert f'href="/{CITY}/try?a=1&amp;lang=en"' in page.text
    refused = await consumer.post(
        f"/{CITY}/try", data=hidden(page.text), headers={"referer": f"http://hejie.test/{CITY}/try?b=2"}
    )
    assert f'href="/{CITY}/try?b=2&amp;lang=en"' in refused.text
