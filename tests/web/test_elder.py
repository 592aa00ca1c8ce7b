"""Large text: one tap, remembered, one question a page, a call from an officer, and nothing typed is lost."""

from __future__ import annotations

from tests.support.town import CITY, Town
from tests.web.consumer_lab import Browser

from hejie.web import assets


async def test_one_tap_makes_every_page_large_and_one_tap_takes_it_back(here: Town, browser: Browser):
    await browser.open("start?x=1")
    assert "大字版" in browser.text
    assert assets.address("elder.css") not in browser.html
    assert f'href="/{CITY}/start?x=1&amp;elder=1"' in browser.html
    await browser.open("start?x=1&elder=1")
    kept = browser.page.headers["set-cookie"]
    assert "elder=1; Max-Age=31536000; Path=/; SameSite=Lax" in kept
    for path in ("/", "start", "12315", "merchant/sign-in", "nowhere"):
        await browser.open(path)
        assert 'class="phone elder"' in browser.html, path
        assert assets.address("elder.css") in browser.html
        assert "标准字号" in browser.text
    await browser.open("start?elder=0")
    assert "大字版" in browser.text
    await browser.open("start")
    assert " elder" not in browser.html.partition("<main")[0]


async def test_the_other_switch_of_the_bar_is_kept(here: Town, browser: Browser):
    await browser.open("start?elder=1&lang=en")
    assert f'href="/{CITY}/start?lang=en&amp;elder=0"' in browser.html
    assert f'href="/{CITY}/start?elder=1&amp;lang=zh"' in browser.html
    await browser.open("start?elder=yes")
    assert "Normal text" in browser.text
