"""A phone number is never required: with an e-mail address from the file to the settlement, and back again."""

from __future__ import annotations

import json
import re

from tests.payments import bill_samples
from tests.support.town import CITY, Town
from tests.web.consumer_lab import Browser
from tests.web.consumer_lab import filed as by_link
from tests.web.test_consumer_file import SHOP, bill, when

from hejie.disputes import commands as d
from hejie.disputes.model import Remedy, Road

ADDRESS = "lin@example.org"
ROW = "2026112200001"


def letters(here: Town, to: str = ADDRESS) -> list[dict[str, str]]:
    return [letter for letter in here.wallet.get("email") if letter["recipient"] == to]


async def code_for(here: Town, to: str = ADDRESS) -> str:
    await here.work()
    found = re.search(r"\b[0-9]{6}\b|[0-9]{6}", letters(here, to)[0]["text"])
    assert found
    return found[0]


async def filed(here: Town, browser: Browser, contact: str) -> str:
    rows = [bill_samples.alipay_row(time=when(here, days=2), counterparty=SHOP, trade_no=ROW)]
    await browser.open("bill/file")
    await browser.send("bring", files=bill(*rows))
    await browser.send("choose", row=ROW)
    await browser.send("contact", phone=contact)
    await browser.send("confirm", code=await code_for(here))
    await browser.send("file", problem="quality", remedy="refund_full")
    return browser.path.partition("?")[0].rpartition("/")[2]


async def test_an_e_mail_address_carries_a_dispute(here: Town, browser: Browser):
    dispute = await filed(here, browser, " Lin@Example.ORG ")
    assert (await here.read(dispute)).consumer
    first = letters(here)[0]
    assert first["subject"] == "您的验证码"
    assert dict(json.loads(first["headers"]))["Auto-Submitted"] == "auto-generated"
    offer = d.MakeOffer(id="o1", remedy=Remedy.refund_part, amount_fen=1000, road=Road.own_tool)
    await here.act(dispute, offer, here.as_merchant)
    await here.work()
    told = letters(here)[0]
    assert told["subject"] == f"关于您与{SHOP}的消费纠纷"
    assert f"{SHOP}就您" in told["text"]
    assert any(line.endswith(f"/{CITY}/disputes/{dispute}") for line in told["text"].splitlines())
    assert await here.rows("select channel, state, tail from delivery where channel = 'email'") == [
        ("email", "sent", "")
    ]
    assert await here.rows("select 1 from content where position(%s::bytea in sealed) > 0", ADDRESS.encode()) == []


async def test_coming_back_with_the_address(here: Town, browser: Browser):
    dispute = await filed(here, browser, ADDRESS)
    browser.http.cookies.clear()
    await browser.open(f"back?next=/{CITY}/disputes/{dispute}")
    await browser.send("back", phone="LIN@example.org")
    assert ADDRESS in browser.text
    await browser.send("back-confirm", code=await code_for(here))
    assert browser.path.startswith(f"/{CITY}/disputes/{dispute}")


async def test_what_is_no_address(here: Town, browser: Browser):
    await browser.open("back")
    for typed in ("lin@", "@example.org", "lin@example", "a b@example.org", "lin@example.org\nBcc: x@y.example"):
        await browser.send("back", phone=typed)
        assert (browser.page.status_code, 'id="phone-fault"' in browser.html) == (422, True), typed
    assert letters(here) == []


async def test_messages_come_in_the_language_of_the_page_one_acts_on(here: Town, browser: Browser):
    """Whoever changes the language of the pages is written to in that language from then on."""
    languages = "select language from person where id = %s"
    dispute = await by_link(here, browser)
    assert await here.rows(languages, here.consumer) == [("zh",)]
    await browser.open(f"disputes/{dispute}?lang=en")
    assert await here.rows(languages, here.consumer) == [("zh",)]
    await browser.send("say", words="Hello")
    assert await here.rows(languages, here.consumer) == [("en",)]
