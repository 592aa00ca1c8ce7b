"""Before the form opens the payment is resolved; whom nobody can reach, the consumer takes to 12315, form filled."""

from __future__ import annotations

import re

from tests.payments import bill_samples
from tests.support import unjoined
from tests.support.town import CITY, Town
from tests.support.unjoined import ACCOUNT, NAME, OTHER, SHOP, paid_to, register
from tests.web.consumer_lab import Browser, paid_in_wallet
from tests.web.test_consumer_file import bill, when

from hejie.documents.paper import can_print
from hejie.merchants.model import Enrolment


async def test_nobody_knows_the_merchant_and_the_form_says_what_the_bill_says(here: Town, browser: Browser):
    trade = paid_to(here)
    await browser.arrive(trade)
    assert browser.path == f"/{CITY}/12315?trade={trade}&why=merchant"
    assert "该商户尚未加入一键和解" in browser.text
    assert "我们不会替您发送任何内容" in browser.text
    for told in (SHOP, "¥36.00", trade, "2088****0077", "片儿川"):
        assert told in browser.text
    assert ACCOUNT not in browser.text
    assert "统一社会信用代码" not in browser.text
    assert await here.rows("select id from dispute") == []


async def test_what_is_typed_stands_in_the_form_in_the_copy_and_on_paper(here: Town, browser: Browser):
    trade = paid_to(here)
    await browser.arrive(trade)
    await browser.send("fill", problem="quality", remedy="refund_part", amount="12", words="面是凉的\n<b>很凉</b>")
    copied = re.search(r'<pre id="copied" hidden>(.*?)</pre>', browser.html, re.DOTALL)
    assert copied
    assert "面是凉的\n&lt;b&gt;很凉&lt;/b&gt;" in copied[1]
    assert "我的要求：部分退款 ¥12.00" in copied[1] or "部分退款 ¥12.00" in copied[1]
    if can_print():
        await browser.send("fill", problem="quality", remedy="exchange", words="面是凉的", paper="yes")
        assert browser.page.headers["content-type"] == "application/pdf"
        assert browser.page.content.startswith(b"%PDF")
    for table in ("content", "dispute", "once"):
        assert not any("面" in str(row) for row in await here.rows(f"select * from {table}"))


async def test_too_many_words_are_told_and_kept(here: Town, browser: Browser):
    await browser.open("12315")
    await browser.send("fill", words="长" * 2001)
    assert (browser.page.status_code, 'id="words-fault"' in browser.html) == (422, True)
    assert "长" * 2001 in browser.html


async def test_a_registered_merchant_brings_its_name_code_and_address(here: Town, browser: Browser):
    await register(here)
    trade = paid_to(here)
    await browser.arrive(trade)
    assert browser.path == f"/{CITY}/12315?trade={trade}&why=known"
    for told in (NAME, unjoined.code_of(77), "浙江省杭州市上城区仁和路 83 号", SHOP):
        assert told in browser.text


async def test_one_that_joins_after_the_payment_is_reached(here: Town, browser: Browser):
    merchant, trade = await register(here), paid_to(here)
    await browser.arrive(trade)
    await unjoined.join(here, merchant)
    await browser.open(f"disputes/new?trade={trade}")
    assert browser.path == f"/{CITY}/disputes/new?trade={trade}"
    await browser.send("file", problem="quality", remedy="refund_full")
    row = await here.read(browser.path.partition("?")[0].rpartition("/")[2])
    assert row.merchant == merchant


async def test_a_merchant_of_another_city_of_this_house_is_found_there(here: Town, browser: Browser):
    await unjoined.second_city(here)
    merchant = await register(here, OTHER)
    trade = paid_to(here)
    await browser.arrive(trade)
    assert "why=merchant" in browser.path
    await unjoined.join(here, merchant, OTHER)
    await browser.open(f"disputes/new?trade={trade}")
    assert browser.path == f"/{CITY}/12315?trade={trade}&why=elsewhere"
    assert "宁波市" in browser.text
    assert f'href="/{OTHER}/start"' in browser.html
    assert await here.rows("select id from dispute") == []


async def test_a_name_alone_opens_no_form_against_one_that_takes_part(here: Town, browser: Browser):
    trade = paid_to(here, name="奎元馆解放路店")
    await browser.arrive(trade)
    assert browser.path == f"/{CITY}/12315?trade={trade}&why=merchant"


async def test_a_form_sent_past_the_page_reaches_nobody_who_has_not_joined(here: Town, browser: Browser):
    merchant, theirs = await register(here), paid_to(here)
    await browser.arrive(theirs)
    await browser.arrive(paid_in_wallet(here))
    await browser.send("file", problem="quality", remedy="refund_full", trade=theirs)
    assert browser.path == f"/{CITY}/12315?trade={theirs}&why=known"
    assert await here.rows("select id from dispute where merchant = %s", merchant) == []


async def test_what_was_typed_on_the_form_goes_along_to_12315(here: Town, browser: Browser):
    await browser.arrive(paid_in_wallet(here))
    found = re.search(r'formaction="([^"]+)"', browser.html)
    assert found
    csrf = browser.html.partition('name="csrf" value="')[2].partition('"')[0]
    told = {"csrf": csrf, "trade": browser.path.partition("trade=")[2], "problem": "price", "words": "多收了两元"}
    page = await browser.http.post(found[1], data=told)
    assert "多收了两元" in page.text
    assert "价格与标示或约定不符" in page.text


async def test_a_bill_files_unknown_shop_gets_the_form_too(here: Town, browser: Browser):
    row = bill_samples.alipay_row(time=when(here, days=2), counterparty="没加入的店", trade_no="2026112200003")
    await browser.open("bill/file")
    await browser.send("bring", files=bill(row))
    await browser.send("choose", row="2026112200003")
    await browser.send("fill", problem="quality", words="面是凉的")
    assert "没加入的店" in browser.text
    assert "面是凉的" in browser.text
    assert await here.rows("select trade_no from payment") == []


async def test_anothers_payment_fills_no_form(here: Town, browser: Browser):
    trade = paid_to(here)
    await browser.open("12315")
    await browser.send("fill", trade=trade)
    assert browser.page.status_code == 404


async def sent(here: Town, phone: str) -> list[str]:
    await here.work()
    return [each["text"] for each in here.wallet.get("sms") if each["to"] == phone.removeprefix("+")]


async def test_who_is_known_and_has_not_joined_is_invited_once_in_thirty_days(here: Town, browser: Browser):
    merchant = await register(here)
    await browser.arrive(paid_to(here))
    assert 'id="invited"' in browser.html
    (text,) = await sent(here, unjoined.PHONE)
    assert text.startswith("【杭州一键和解】有顾客想与杭州知味观餐饮有限公司协商解决一笔消费，杭州市市场监督管理局邀请")
    assert text.endswith(f"/{CITY}/join")
    assert len(text.rpartition(" ")[0].partition("】")[2]) <= 70
    second = paid_to(here, yuan="48.00")
    await browser.arrive(second)
    here.advance(days=29)
    await browser.open(f"disputes/new?trade={second}")
    assert len(await sent(here, unjoined.PHONE)) == 1
    here.advance(days=1, minutes=1)
    await browser.arrive(paid_to(here))
    assert len(await sent(here, unjoined.PHONE)) == 2
    assert len(await here.rows("select 1 from log where id = %s and event = 'Invited'", merchant)) == 2


async def test_without_a_number_nobody_is_invited_and_the_consumer_is_told_so(here: Town, browser: Browser):
    await register(here, phone="")
    await browser.arrive(paid_to(here))
    assert 'id="uninvited"' in browser.html
    assert await here.rows("select id from task where kind = 'invite'") == []


async def test_one_that_left_is_not_said_to_have_never_joined(here: Town, browser: Browser):
    merchant = await register(here)
    for enrolment in (Enrolment.open, Enrolment.closed):
        await unjoined.join(here, merchant, enrolment=enrolment)
    await browser.arrive(paid_to(here))
    assert f"{NAME}已不再参加一键和解" in browser.text
    assert "尚未加入" not in browser.text
    assert 'id="uninvited"' not in browser.html
    assert await sent(here, unjoined.PHONE) == []


async def test_the_form_of_12315_does_not_call_itself_no_complaint(here: Town, browser: Browser):
    await browser.arrive(paid_to(here))
    assert "不是法定投诉" not in browser.text
    assert f'href="/{CITY}/safety"' in browser.html


async def test_who_joins_before_the_message_leaves_gets_none(here: Town, browser: Browser):
    merchant = await register(here)
    await browser.arrive(paid_to(here))
    await unjoined.join(here, merchant)
    assert await sent(here, unjoined.PHONE) == []


async def test_a_number_that_the_provider_refuses_is_a_work_item(here: Town, browser: Browser):
    await register(here, phone="+86x")
    await browser.arrive(paid_to(here))
    await here.work()
    assert await here.rows("select kind, noun from work_item") == [("invitation_refused", "merchant")]


async def test_the_page_behind_an_invitation_says_who_asks_and_how_to_check(here: Town, browser: Browser):
    await browser.open("join")
    for told in ("杭州市市场监督管理局", "12315", "杭州一键和解", "加入免费"):
        assert told in browser.text
