"""Large text: one tap, remembered, one question a page, a call from an officer, and nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from tests.support.town import CITY, Town
from tests.web.consumer_lab import Browser, paid_in_wallet, png

from hejie.disputes.model import Dispute
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


async def begin(here: Town, browser: Browser) -> str:
    """In large text, at the first question about a fresh payment of 50 yuan; its number."""
    trade = paid_in_wallet(here)
    browser.http.cookies.set("elder", "1")
    await browser.arrive(trade)
    return trade


async def answers(browser: Browser, *fields: dict[str, Any]) -> None:
    for each in fields:
        await browser.send("step", **each)
        assert browser.page.status_code == 200, browser.text


def questions(browser: Browser) -> list[str]:
    """Names of the fields that the page asks for."""
    names = re.findall(r'<(?:input(?! type="hidden")|textarea)[^>]* name="(\w+)"', browser.html.partition("<main")[2])
    return list(dict.fromkeys(names))


async def test_one_question_a_page_read_back_and_sent(here: Town, browser: Browser):
    trade = await begin(here, browser)
    seen = [questions(browser)]
    for fields in (
        {"problem": "quality"},
        {"remedy": "refund_part"},
        {"amount": "12.50"},
        {"words": "面是凉的\n汤也是"},
        {"phone": "13900001234"},
        {"escalates": "yes"},
    ):
        assert "第 " in browser.text
        await answers(browser, fields)
        seen.append(questions(browser))
    asked = ["problem", "remedy", "amount", "words", "phone", "escalates", "pictures"]
    assert seen == [[each] for each in asked]
    for told in ("商品或服务质量有问题", "部分退款", "¥12.50", "面是凉的", "13900001234", "届时交监管部门处理"):
        assert told in browser.text
    assert await here.rows("select 1 from dispute") == []
    await browser.send("file", files=[("pictures", ("a.png", png(), "image/png"))])
    assert browser.page.status_code == 200
    ((body,),) = await here.rows("select body::text from dispute")
    filed = msgspec.json.decode(body, type=Dispute)
    assert (filed.problem, filed.claim.amount_fen, filed.escalates_by_itself) == ("quality", 1250, True)
    assert filed.payments[0].trade_no == trade
    kinds = await here.rows("select kind from content where subject = %s", f"dispute:{filed.id}")
    assert sorted(kind for (kind,) in kinds) == ["png", "text"]


async def test_a_wrong_answer_is_asked_again_and_nothing_else(here: Town, browser: Browser):
    await begin(here, browser)
    await browser.send("step")
    assert browser.page.status_code == 404
    assert questions(browser) == ["problem"]
    await answers(browser, {"problem": "wrong_amount"})
    assert questions(browser) == ["right_amount"]
    await browser.send("step", right_amount="viel")
    assert browser.page.status_code == 422
    assert questions(browser) == ["right_amount"]
    assert 'value="viel"' in browser.html
    await answers(browser, {"right_amount": "40"}, {"words": ""})
    await browser.send("step", phone="12")
    assert (browser.page.status_code, questions(browser)) == (422, ["phone"])
    await answers(browser, {"phone": ""}, {"escalates": ""})
    await browser.send("file")
    ((body,),) = await here.rows("select body::text from dispute")
    filed = msgspec.json.decode(body, type=Dispute)
    assert (filed.claim.should_have_been_fen, filed.escalates_by_itself) == (4000, False)


async def test_back_keeps_what_was_typed_and_a_change_leads_straight_to_the_end(here: Town, browser: Browser):
    await begin(here, browser)
    await answers(browser, {"problem": "quality"}, {"remedy": "refund_full"}, {"words": "凉的", "to": "remedy"})
    assert questions(browser) == ["remedy"]
    await answers(browser, {"remedy": "exchange"})
    assert (questions(browser), "凉的</textarea>" in browser.html) == (["words"], True)
    await answers(browser, {"words": "凉的"}, {"phone": ""}, {"escalates": "yes"})
    await browser.tap_formaction("change-remedy", to="remedy")
    assert questions(browser) == ["remedy"]
    await answers(browser, {"remedy": "refund_part"})
    assert questions(browser) == ["amount"]
    await answers(browser, {"amount": "3"})
    assert questions(browser) == ["pictures"]
    await browser.send("file")
    ((body,),) = await here.rows("select body::text from dispute")
    assert msgspec.json.decode(body, type=Dispute).claim.amount_fen == 300


async def test_what_the_rules_refuse_at_the_end_leads_back_to_its_question(here: Town, browser: Browser):
    await begin(here, browser)
    await answers(browser, {"problem": "quality"}, {"remedy": "refund_part"}, {"amount": "999"}, {"words": ""})
    await answers(browser, {"phone": ""}, {"escalates": "yes"})
    await browser.send("file")
    assert (browser.page.status_code, questions(browser)) == (422, ["amount"])
    await answers(browser, {"amount": "9"})
    await browser.send("file")
    assert len(await here.rows("select 1 from dispute")) == 1


async def test_a_danger_comes_before_the_next_question_and_the_rest_goes_on(here: Town, browser: Browser):
    await begin(here, browser)
    await answers(browser, {"problem": "unsafe_goods"})
    assert 'href="tel:120"' in browser.html
    assert len(await here.rows("select 1 from safety_report")) == 1
    await browser.tap_formaction("go-on")
    assert questions(browser) == ["remedy"]
    await answers(browser, {"remedy": "refund_full"}, {"words": ""}, {"phone": ""}, {"escalates": "yes"})
    await browser.send("file")
    assert len(await here.rows("select 1 from dispute")) == 1
    assert len(await here.rows("select 1 from safety_report")) == 1


async def test_several_payments_are_a_question_of_their_own(here: Town, browser: Browser):
    other = await here.pay()
    trade = await begin(here, browser)
    assert questions(browser) == ["trade"]
    await browser.send("step", trade=None)
    assert (browser.page.status_code, questions(browser)) == (422, ["trade"])
    await answers(browser, {"trade": [trade, other]})
    assert questions(browser) == ["problem"]
    assert "¥100" in browser.text
