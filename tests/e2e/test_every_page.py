"""Every GET route of the house, as who may see it, in both languages, narrow and wide: no WCAG 2.2 AA violation."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.e2e import test_assist as assisting
from tests.e2e.axe import SCRIPT, examine
from tests.e2e.scene import CITY, Scene
from tests.e2e.steps import agree, file, open_case
from tests.e2e.turns import turn_of

from hejie.api import ROUTES
from hejie.documents.paper import can_print
from hejie.web.asgi import web_app

LANGUAGES = ("zh", "en")
NO_PAGES = {
    "/healthz": "one word for machines",
    "/readyz": "one word for machines",
    "/static/{mark:str}/{name:path}": "style sheets and scripts",
    "/api/{city:str}/disputes/{dispute:str}": "JSON for programmes",
    "/v1/trace": "JSON for programmes",
    "/api/{city:str}/acquirers/{acquirer:str}/v1/disputes": "signed JSON for acquirers",
    "/api/{city:str}/exchange/directory": "signed JSON for other cities",
    "/api/{city:str}/exchange/receipts": "signed JSON for other cities",
    "/{city:str}/awake": "nothing at all, for whoever types slowly",
    "/{city:str}/merchant/export.csv": "a table to take away",
    "/{city:str}/officer/enrol/{id:str}/refused.csv": "a table to take away",
    "/{city:str}/officer/statistics.csv": "a table to take away",
}
PART = re.compile(
    r"/(live|pictures/{name:str}|record.pdf|agreement.pdf|mediation.pdf|slip.pdf|poster.pdf|poster.png|record.zip|part|top|talk|record|list|accounts|settings/authority)$"
)
"""Streams, pictures and files, and parts of pages that are looked at where they stand."""


def get_routes():
    """Addresses of the whole route table, as the server has it."""
    routes = web_app(None, ROUTES).routes
    return sorted(route.path for route in routes if "GET" in getattr(route, "methods", ()))


def pages():
    """Those of them that a person reads."""
    return [each for each in get_routes() if each not in NO_PAGES and PART.search(each) is None]


@pytest.fixture(scope="module")
def scene(world, browser, lacking, tmp_path_factory):
    if not SCRIPT.exists():
        lacking("axe (make setup brings it)")
    made = Scene(world, browser, tmp_path_factory)
    yield made
    made.close()


def test_no_route_is_left_out(scene):
    assert pages() == sorted(scene.visits())


@pytest.mark.parametrize("template", pages())
def test_no_violation_at_any_width(scene, template):
    wrong = []
    for who, address in scene.visits().get(template, ()):
        person = scene.people.get(who, scene.links)
        for language in turn_of(template, LANGUAGES):
            person.go(f"{scene.world.url}{address}{'&' if '?' in address else '?'}lang={language}")
            wrong += examine(person, language)
    assert wrong == []


def test_refused_forms_and_the_pages_between(scene, tmp_path):
    world, wrong = scene.world, []
    lin, stranger = scene.people["consumer"], scene.people["stranger"]
    for language in LANGUAGES:
        lin.go(f"{world.url}{CITY}/disputes/new?trade={scene.free.trade_no}&lang={language}")
        lin.choose("problem", "price")
        lin.choose("remedy", "refund_part")
        lin.type("amount", "x")
        lin.tap("send")
        lin.page.locator("#summary").wait_for()
        wrong += examine(lin, language)
        stranger.go(f"{world.url}{CITY}/officer/sign-in?lang={language}")
        for name in ("login", "password", "code"):
            stranger.type(name, "x")
        stranger.tap("sign-in")
        stranger.page.locator("#summary").wait_for()
        wrong += examine(stranger, language)
        wrong += bring(scene, stranger, language, tmp_path)
    assert wrong == []


def test_what_a_clerk_reads_out_and_what_is_refused(scene):
    world, clerk, wrong = scene.world, scene.people["clerk"], []
    for language in LANGUAGES:
        clerk.go(f"{world.url}{scene.form}&lang={language}")
        clerk.tap("read")
        clerk.page.locator("#summary").wait_for()
        wrong += examine(clerk, language)
        clerk.go(f"{world.url}{scene.form}")
        assisting.fill(clerk, world)
        wrong += examine(clerk, language)
        clerk.tap("file")
        clerk.page.locator("#summary").wait_for()
        wrong += examine(clerk, language)
    assert wrong == []


def test_what_the_page_says_of_a_document(scene, tmp_path, lacking):
    if not can_print():
        lacking("typst and a Chinese font (make documents brings them)")
    lin, stranger, wrong = scene.people["consumer"], scene.people["stranger"], []
    address = f"{scene.world.url}{CITY}/disputes/{scene.dispute(scene.agreed)}/agreement.pdf"
    given = lin.context.request.get(address).body()
    for language in LANGUAGES:
        for raw, verdict in ((given, "unchanged"), (given + b"%", "resaved"), (b"GIF89a", "")):
            file = tmp_path / "agreement.pdf"
            file.write_bytes(raw)
            stranger.go(f"{scene.world.url}{CITY}/verify?lang={language}")
            stranger.attach("file", [file])
            stranger.page.locator("#file").focus()
            stranger.page.keyboard.press("Tab")
            stranger.page.keyboard.press("Enter")
            stranger.page.locator(f"[data-verdict={verdict}]" if verdict else "#summary").wait_for()
            wrong += examine(stranger, language)
    assert wrong == []


def test_the_page_that_asks_for_the_code_sent_to_the_merchant(scene):
    world, link = scene.world, scene.links
    paid = world.pay(world.teahouse, "60.00", item="龙井", payer=scene.free.payer)
    for each in (scene.people["consumer"], link):
        each.go(f"{world.url}/?lang={each.language}")
    open_case(link, world, paid, file(scene.people["consumer"], paid))
    agree(link)
    link.page.locator("#code").wait_for()
    assert examine(link, link.language) == []


def bring(scene, stranger, language, folder):
    """Through the pages that a bill file leads over."""
    bill, wrong = folder / "bill.csv", []
    bill.write_bytes(httpx.get(f"{scene.free.bill}/bill.csv", trust_env=False).content)
    stranger.go(f"{scene.world.url}{CITY}/bill/file?lang={language}")
    stranger.attach("bill", [bill])
    stranger.tap("bring")
    stranger.page.locator("#choose").wait_for()
    wrong += examine(stranger, language)
    stranger.choose("row", scene.unknown.trade_no)
    stranger.tap("choose")
    stranger.page.locator("#again").wait_for()
    wrong += examine(stranger, language)
    stranger.type("place", scene.free.at.places[0].name)
    stranger.tap("choose")
    stranger.page.locator("#contact").wait_for()
    wrong += examine(stranger, language)
    stranger.type("phone", scene.world.payer().phone[3:])
    stranger.tap("contact")
    stranger.page.locator("#confirm").wait_for()
    return wrong + examine(stranger, language)


def test_the_examiner_has_eyes(scene):
    stranger = scene.people["stranger"]
    stranger.go(f"{scene.world.url}{CITY}/start?lang=zh")
    stranger.page.evaluate(
        """() => {
      const main = document.querySelector('main');
      main.insertAdjacentHTML('beforeend', '<h1>x</h1><img><p>pale and wide</p>');
      Object.assign(main.lastElementChild.style, {width: '2000px', color: '#ccc'});
    }"""
    )
    told = " ".join(examine(stranger, "en"))
    missed = [each for each in ("image-alt", "color-contrast", "wider", "2 h1", "zh-CN, not en") if each not in told]
    assert missed == [], told


def test_parts_of_pages_are_there_for_who_may_see_the_page_only(scene):
    address = f"{scene.world.url}{CITY}/disputes/{scene.dispute(scene.fresh)}/part"
    for who, status in (("consumer", 200), ("stranger", 401)):
        answer = scene.people[who].context.request.get(address, headers={"hx-request": "true"})
        assert answer.status == status
