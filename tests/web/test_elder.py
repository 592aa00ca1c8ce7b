"""Large text: one tap, remembered, one question a page, a call from an officer, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec
from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import HOST, Browser, filed, paid_in_wallet, png, signed_in

from hejie.base.actor import Role
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
        assert f"第 {len(seen)} 步" in browser.text
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
    sent = msgspec.json.decode(body, type=Dispute)
    assert (sent.problem, sent.claim.amount_fen, sent.escalates_by_itself) == ("quality", 1250, True)
    assert sent.payments[0].trade_no == trade
    kinds = await here.rows("select kind from content where subject = %s", f"dispute:{sent.id}")
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
    sent = msgspec.json.decode(body, type=Dispute)
    assert (sent.claim.should_have_been_fen, sent.escalates_by_itself) == (4000, False)


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
    await answers(browser, {"problem": "quality"}, {"remedy": "refund_full"}, {"words": ""}, {"phone": ""})
    await answers(browser, {"escalates": "yes"})
    assert "2 笔付款，共 ¥100.00" in browser.text
    await browser.send("file")
    assert len(await here.rows("select 1 from dispute_payment")) == 2


NUMBER = "13900001234"


async def items(here: Town) -> list[tuple[str, str, str]]:
    query = "select id, kind, body::text from work_item where done_at is null order by opened_at"
    return [(str(a), str(b), str(c)) for a, b, c in await here.rows(query)]


async def officer(here: Town) -> Browser:
    return await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)


async def test_a_call_is_asked_for_from_every_large_page_and_an_officer_has_number_and_dispute(
    here: Town, browser: Browser
):
    dispute = await filed(here, browser, phone=NUMBER)
    assert "请给我打电话" not in browser.text
    await browser.open(f"disputes/{dispute}?elder=1")
    assert f'href="/{CITY}/call-me?dispute={dispute}"' in browser.html
    for path in ("bill", "start", "12315", "safety", "nowhere"):
        await browser.open(path)
        assert f'href="/{CITY}/call-me"' in browser.html, path
    await browser.open(f"call-me?dispute={dispute}")
    assert 'value="139****1234"' in browser.html
    assert 'href="tel:12315"' in browser.html
    await browser.send("call", phone="139****1234", when="morning", words="我看不清\n请慢点说")
    assert "杭州市市场监督管理局的工作人员最迟在下一个工作日结束前拨打 139****1234 联系您" in browser.text
    ((item, kind, body),) = await items(here)
    assert kind == "call_asked"
    assert msgspec.json.decode(body) == {"when": "morning", "language": "zh", "dispute": dispute}
    desk = await officer(here)
    await desk.open(f"officer/items/{item}")
    assert f'href="tel:+86{NUMBER}"' in desk.html
    assert f'href="/{CITY}/officer/disputes/{dispute}"' in desk.html
    assert "方便的时间：上午" in desk.text
    assert "我看不清" in desk.text
    await desk.tap("done", note="已通话")
    assert desk.page.status_code == 200
    await desk.open(f"officer/items/{item}")
    assert NUMBER not in desk.html
    assert await here.rows("select 1 from content where subject = %s", f"call:{item}") == []


async def test_the_number_lies_nowhere_in_plain(here: Town, browser: Browser):
    await browser.open("call-me")
    await browser.send("call", phone=NUMBER, when="any")
    for table in ("work_item", "log", "task", "content", "rate"):
        for (row,) in await here.rows(f"select t::text from {table} t"):
            assert NUMBER[1:] not in row, table


async def test_a_stranger_is_called_too_and_asking_again_changes_the_one_wish(here: Town, browser: Browser):
    await browser.open("call-me")
    await browser.send("call", phone="12", when="any", words="听不清")
    assert browser.page.status_code == 422
    assert ">听不清</textarea>" in browser.html
    await browser.send("call", phone="", when="any")
    assert browser.page.status_code == 422
    assert await items(here) == []
    await browser.send("call", phone=NUMBER, when="morning", dispute="330100-0")
    for when in ("afternoon", "x"):
        await browser.open("call-me")
        await browser.send("call", phone=f"+86 {NUMBER}", when=when, words=when)
        assert browser.page.status_code == 200
    ((item, _, body),) = await items(here)
    assert msgspec.json.decode(body) == {"when": "any", "language": "zh", "dispute": ""}
    desk = await officer(here)
    await desk.open(f"officer/items/{item}")
    assert f'href="tel:+86{NUMBER}"' in desk.html
    assert '<dd class="words">x</dd>' in desk.html


async def test_no_number_is_called_without_end_and_somebody_elses_dispute_is_not_named(here: Town, browser: Browser):
    dispute = await here.file(await here.pay())
    await browser.open(f"call-me?dispute={dispute}")
    assert f'value="{dispute}"' not in browser.html
    for _ in range(5):
        await browser.open("call-me")
        await browser.send("call", phone=NUMBER, when="any")
        assert browser.page.status_code == 200
    await browser.open("call-me")
    await browser.send("call", phone=NUMBER, when="any", words="第六次")
    assert browser.page.status_code == 429
    assert ">第六次</textarea>" in browser.html
    assert len(await items(here)) == 1


async def ends_at(here: Town) -> datetime:
    ((found,),) = await here.rows("select ends_at from session where role = 'consumer'")
    assert isinstance(found, datetime)
    return found


async def test_whoever_types_slowly_stays_signed_in(here: Town, browser: Browser):
    await browser.arrive(paid_in_wallet(here))
    await here.rows("update session set ends_at = now() + interval '5 minutes' returning 1")
    before = await ends_at(here)
    await browser.open("awake")
    assert (browser.page.status_code, browser.html) == (204, "")
    assert await ends_at(here) - before > timedelta(hours=1)


async def test_what_was_typed_comes_back_when_the_session_has_ended_all_the_same(here: Town, browser: Browser):
    trade = await begin(here, browser)
    await answers(browser, {"problem": "quality"}, {"remedy": "refund_full"})
    await here.rows("delete from session returning 1")
    browser.http.headers["referer"] = f"{HOST}{browser.path}"
    await browser.send("step", words="面是凉的，我写了很久。")
    assert browser.page.status_code == 401
    assert ">面是凉的，我写了很久。</textarea>" in browser.html
    assert "尚未提交。请先复制保存" in browser.text
    assert f'href="/{CITY}?next=%2F{CITY}%2Fdisputes%2Fnew%3Ftrade%3D{trade}"' in browser.html
