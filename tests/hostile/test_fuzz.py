"""Every route with every method and strange names: never a 500, never a leak, always the headers, always a problem."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.hostile.stage import APP, CITY, EN, HOST, JSON, ZH, Hand, Stage

from hejie.base.actor import Role
from hejie.web.asgi import PORTALS

if TYPE_CHECKING:
    import httpx

    from hejie.web.shell import Route

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"]
NAMES = (
    "%00",
    "a%00b",
    "%0d%0aset-cookie:%20a=b",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "....//",
    "%ff%fe",
    "%ed%a0%80",
    "中文",
    "１",
    "'",
    "%27%20or%20true--",
    "A" * 4000,
    "-1",
    "0",
    "null",
    "{id}",
    "%7B%7B7*7%7D%7D",
    "<script>",
    "%25%30%30",
    "330100-01M85AKZK1-QXXYK398P3KY",
    "310000-01M85AKZK1-QXXYK398P3KY",
    "~",
    ";a=b",
    "a%20b",
    "%09",
)
QUERIES = (
    "a=%00",
    "after=%00",
    "after=~",
    "after=9999-12-31T23:59:59-23:59~x",
    "after=0001-01-01T00:00:00%2B23:59~x",
    "after=2026-01-01~x",
    "after=m~",
    "after=u~u~u",
    "after=q~x",
    "lang=xx&lang=en",
    "%ff=%ff&%",
    "&&&===",
    "a[]=1&a[b]=2",
    "trade=%00",
    "trade=&trade=&trade=x",
    "next=//evil.example",
    "done=<script>",
    "order=desc;drop",
    "state=nope",
    "x=" + "y" * 30_000,
    "words=%25_%5C",
    "seen=99999999999999",
    "district=%27",
    "undue=%00",
)
LEAKS = re.compile(
    r"Traceback|psycopg|SELECT |select .* from|site-packages|/src/hejie|hejie_app"
    r"|DETAIL:|litestar|uvicorn|\.py\b|PostgreSQL",
    re.IGNORECASE,
)
FORM = {"content-type": "application/x-www-form-urlencoded"}


def is_sound(answer: httpx.Response, *, https: bool = False) -> None:
    """What every answer of the house must be."""
    where = f"{answer.request.method} {answer.request.url} → {answer.status_code}"
    assert answer.status_code < 500, where
    headers = answer.headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy, where
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert re.search(r"script-src 'nonce-[0-9a-f]{32}'", policy)
    assert headers["x-content-type-options"] == "nosniff", where
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] in {"same-origin", "no-referrer"}
    assert "server" not in headers
    kept = headers["cache-control"]
    assert kept == "no-store" or "immutable" in kept or kept.startswith("private"), where
    assert ("strict-transport-security" in headers) is https
    if "location" in headers:
        assert headers["location"].startswith("/"), where
        assert not headers["location"].startswith(("//", "/\\")), where
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert not LEAKS.search(re.sub(r'href="[^"]*"|src="[^"]*"', "", answer.text)), where


def is_problem(answer: httpx.Response, language: str) -> None:
    """RFC 9457, in the reader's language."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) >= {"type", "title", "status", "detail", "code"}
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:hejie:problem:{body['code']}"
    assert re.fullmatch(r"[a-z0-9_]+", body["code"])
    chinese = re.search(r"[\u4e00-\u9fff]", body["title"] + body["detail"])
    assert bool(chinese) is (language == "zh"), body


def some(values: tuple[str, ...], turn: int, most: int = 7) -> list[str]:
    """A few of them, others each turn: all together meet every kind of route, not each of them every route."""
    return [values[(turn * most + step) % len(values)] for step in range(most)]


async def hands(stage: Stage) -> list[Hand]:
    return [stage.stranger(), await stage.hand("x"), await stage.hand("a"), await stage.hand("officer-1")]


def of(people: list[Hand], route: Route) -> Hand:
    """Somebody whom a route is for; anybody at all where it is for all."""
    return people[1 + [Role.consumer, Role.merchant, Role.officer].index(route.roles[0]) if route.roles else 0]


def filled(path: str, name: str) -> str:
    return f"/{CITY}" + re.sub(r"\{[a-z]+:str\}", name, path)


async def test_every_route_with_every_method(stage: Stage):
    dispute = await stage.file()
    people, before = await hands(stage), stage.everything()
    paths: dict[str, set[str]] = {filled(route.path, dispute): set() for route in PORTALS}
    for route in PORTALS:
        paths[filled(route.path, dispute)].add(route.method)
    for path, served in paths.items():
        if path.endswith("/live"):
            continue
        for number, method in enumerate(METHODS):
            if method not in served:
                answer = await people[number % len(people)].http.request(method, path, headers=JSON)
                is_sound(answer)
                assert answer.status_code in {204, 404, 405}, (method, path)
    assert stage.everything() == before


async def test_every_route_with_strange_names(stage: Stage):
    dispute = await stage.file()
    people, before = await hands(stage), stage.everything()
    for number, route in enumerate(each for each in PORTALS if "{" in each.path):
        for name in some(NAMES, number):
            path = f"/{CITY}" + route.path.replace("{id:str}", name, 1)
            path = re.sub(r"\{[a-z]+:str\}", name, path)
            hand = of(people, route)
            answer = await hand.http.request(
                route.method, path, headers=JSON, data={"csrf": hand.csrf, "once": "k" * 16}
            )
            is_sound(answer)
            assert answer.status_code in {400, 401, 403, 404, 405, 422, 429} or "sign" in path, (
                path,
                answer.status_code,
            )
        stage.sql("delete from rate")
    for name in NAMES:
        for path in (f"/api/{CITY}/disputes/{name}", f"/api/{name}/disputes/x"):
            is_sound(await people[1].get(path, authorization=f"Bearer {people[1].token}"))
        for path in (f"/api/{CITY}/disputes/{name}/say", f"/api/{CITY}/disputes/{dispute}/{name}"):
            answer = await people[1].api(path, {"words": "?"})
            is_sound(answer)
            assert answer.status_code in {404, 405}
        for path in (
            f"/{name}",
            f"/static/{name}/hejie.css",
            f"/static/000000000000/{name}",
            f"/{CITY}/{name}",
            f"/{name}/{name}",
        ):
            is_sound(await people[0].http.get(path))
    assert stage.everything() == before


async def test_every_page_with_strange_queries_and_headers(stage: Stage):
    dispute = await stage.file()
    people = await hands(stage)
    for number, route in enumerate(PORTALS):
        if route.method != "GET" or route.path.endswith("/live") or route.path == "/entry":
            continue
        hand = of(people, route)
        for query in some(QUERIES, number):
            is_sound(await hand.http.get(f"{filled(route.path, dispute)}?{query}"))
    for headers in (
        {"accept-language": "x" * 5000},
        {"accept-language": "zh;q=9,en;q=.."},
        {"cookie": "lang=<script>; hejie-consumer=\x01"},
        {"cookie": "=;;=a;" + "a=b;" * 500},
        {"host": "evil.example"},
        {"host": ""},
        {"host": "a:b"},
        {"host": "[::1"},
        {"x-forwarded-host": "evil.example"},
        {"accept": "application/json, text/html"},
        {"accept": "x" * 5000},
        {"referer": "http://hejie.test//evil.example/"},
        {"content-length": "-1"},
        {"last-event-id": "x" * 5000},
        {"hx-request": "true"},
        {"range": "bytes=0-1"},
        {"accept-encoding": "gzip;q=nonsense"},
        {"x-http-method-override": "DELETE"},
        {"authorization": "Bearer " + "x" * 5000},
    ):
        for path in ("/", f"/{CITY}/bill", "/nothing/at/all"):
            answer = await people[0].http.get(path, headers=headers)
            is_sound(answer)
            assert "evil.example" not in answer.text + answer.headers.get("location", ""), (path, headers)


async def test_links_to_the_other_language_never_leave_this_site(stage: Stage):
    stranger = stage.stranger()
    for path in ("//evil.example/", "///evil.example", "/\\evil.example/", f"//evil.example/{CITY}"):
        answer = await stranger.http.get(f"{HOST}{path}")
        is_sound(answer)
        assert not re.search(r'(?:href|action)="(?://|/\\|https?:)', answer.text), path
    page = await stranger.http.post(
        f"/{CITY}/leave", headers={"referer": f"{HOST}//evil.example/", "host": "hejie.test"}
    )
    assert not re.search(r'(?:href|action)="(?://|/\\|https?:)', page.text)


async def test_the_way_back_after_signing_in_stays_in_its_city(stage: Stage):
    officer = await stage.hand("officer-1")
    inside = f"/{CITY}/officer/items"
    answer = await officer.get(f"/{CITY}/officer/sign-in?next={inside}")
    assert answer.headers["location"] == inside
    for away in (
        "//evil.example",
        "https://evil.example",
        f"/{CITY}",
        "/\\evil.example",
        f"\\/{CITY}/",
        "javascript:alert(1)",
        f"/{CITY}/\\evil.example",
        f"/{CITY}%0d%0aset-cookie:a=b",
        f"/{CITY}/%0d%0ax:y",
        f"/{CITY}/中文",
        "/310000/officer",
        f"http:/{CITY}/officer",
        f"/{CITY}@evil.example",
        f" /{CITY}/officer",
    ):
        answer = await officer.get(f"/{CITY}/officer/sign-in?next={away}")
        is_sound(answer)
        assert answer.headers["location"] == f"/{CITY}/officer", away
        assert "set-cookie" not in answer.headers


async def test_errors_are_problems_in_both_languages_for_programmes_and_pages_for_people(stage: Stage):
    hand = await stage.hand("x")
    for language, headers in (("zh", ZH), ("en", EN)):
        answers = [
            await hand.http.get(f"/{CITY}/disputes/x", headers=headers | JSON),
            await hand.http.get("/nothing/at/all", headers=headers | JSON),
            await hand.http.put(f"/{CITY}/bill", headers=headers | JSON),
            await stage.stranger().http.get(f"/{CITY}/bill", headers=headers | JSON),
            await hand.http.post(f"/{CITY}/leave", headers=headers | JSON),
            await hand.http.post(f"/{CITY}/disputes", headers=headers | JSON, data={"csrf": hand.csrf, "trade": "x"}),
            await hand.http.post(f"/{CITY}/leave", headers=headers | JSON | FORM, content=b"x" * 300_000),
            await hand.http.get(f"/api/{CITY}/disputes/x", headers=headers | {"accept": "text/html"}),
            await hand.http.post(f"/api/{CITY}/callbacks/alipay/{APP}", headers=headers, content=b"x"),
            await hand.http.post(
                f"/api/{CITY}/disputes", headers=headers | {"authorization": f"Bearer {hand.token}"}, content=b"{"
            ),
        ]
        assert {each.status_code for each in answers} >= {400, 401, 403, 404, 405, 413}
        for answer in answers:
            is_sound(answer)
            is_problem(answer, language)
        page = await hand.http.get(f"/{CITY}/disputes/x", headers=headers)
        assert page.headers["content-type"].startswith("text/html")
        assert ("没有" in page.text) is (language == "zh")


async def test_a_database_that_is_away_tells_nothing(stage: Stage):
    hand = await stage.hand("x")
    await hand.get(f"/{CITY}/bill")
    await stage.house.pool.close()
    for path in (f"/{CITY}/bill", "/", f"/api/{CITY}/disputes/x"):
        answer = await hand.get(path, authorization=f"Bearer {hand.token}", **JSON)
        assert answer.status_code in {500, 503}
        assert not LEAKS.search(answer.text)
        assert "content-security-policy" in answer.headers
