"""Danger first: the numbers, the officer at once, and a report that no settlement closes."""

from __future__ import annotations

import re

import msgspec
import pytest
from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, paid_in_wallet

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import OnDuty
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Remedy
from hejie.disputes.states import State

DUTY = "+8613900009999"


async def on_duty(here: Town, division: str) -> None:
    """From now on somebody in a division has a duty phone."""
    old = read_city(shipped(CITY))
    safety = msgspec.structs.replace(old.safety, on_duty=(OnDuty(division=division, phone=DUTY),))
    today = here.app.clock.now().astimezone(SHANGHAI).date()
    new = msgspec.structs.replace(old, version=9, valid_from=today, safety=safety)
    await here.app.desk.act(CITIES, CITY, CITY, ApplySettings(settings=new), SYSTEM)


async def reports(here: Town) -> list[tuple[str, str, str]]:
    return [(str(a), str(b), str(d)) for a, b, d in await here.rows("select id, state, district from safety_report")]


def duty_messages(here: Town) -> list[str]:
    return [m["text"] for m in here.wallet.get(f"sms?to={DUTY[1:]}") if "safety" in m["text"]]


async def poisoned(here: Town, browser: Browser) -> str:
    """A filing whose problem is a danger; the payment's number."""
    trade = paid_in_wallet(here)
    await browser.arrive(trade)
    fields = {"problem": "unsafe_goods", "remedy": "refund_full", "words": "三个人吃了都吐", "escalates": "yes"}
    await browser.send("file", **fields)
    return trade


async def go_on(browser: Browser, **fields: str) -> None:
    """The second button of the page about the danger."""
    found = re.search(r'(?s)<form[^>]*id="safety".*?</form>', browser.html)
    assert found
    action = re.search(r'formaction="([^"]+)"', found[0])
    assert action
    await browser._post(action[1], found[0], None, fields)


async def test_choosing_a_danger_shows_the_numbers_first_and_tells_the_officer_at_once(here: Town, browser: Browser):
    await on_duty(here, "330102")
    await poisoned(here, browser)
    assert [number in browser.html for number in ('href="tel:120"', 'href="tel:110"', 'href="tel:12315"')] == [True] * 3
    assert browser.html.index("tel:120") < browser.html.index('id="safety"')
    ((_, state, district),) = await reports(here)
    assert (state, district) == ("open", "330102")
    assert await here.rows("select 1 from dispute") == []
    await here.work()
    (text,) = duty_messages(here)
    assert "食品或商品不安全" in text
    assert "三个人" not in text


async def test_the_money_goes_on_with_what_was_typed_and_the_officer_has_the_dispute_from_its_start(
    here: Town, browser: Browser
):
    await poisoned(here, browser)
    ((report, *_),) = await reports(here)
    await go_on(browser, risk="两个孩子", callback="13900001234")
    assert "三个人吃了都吐" in browser.html
    await browser.send("file", problem="unsafe_goods", remedy="refund_full", words="三个人吃了都吐", escalates="yes")
    ((dispute, state, due),) = await here.rows("select id, state, due_at from dispute")
    assert (state, due) == (State.mediating.value, None)
    told = await here.rows("select count(*) from content where subject = %s", f"safety_report:{report}")
    assert told[0][0] == 2
    body = (await here.rows("select body::text from safety_report"))[0][0]
    assert "孩子" not in body
    officer = Actor(Role.officer, OFFICER.id, OFFICER.organisation)
    await here.app.desk.act(DISPUTES, CITY, str(dispute), c.Take(), officer)


async def test_settling_or_withdrawing_the_money_never_closes_the_report(here: Town, browser: Browser):
    for end in ("withdraw", "settle"):
        trade = await poisoned(here, browser)
        await go_on(browser)
        await browser.send("file", trade=trade, problem="unsafe_goods", remedy="refund_full")
        query = "select dispute from dispute_payment where trade_no = %s"
        dispute = str((await here.rows(query, trade))[0][0])
        consumer = Actor(Role.consumer, here.consumer)
        if end == "withdraw":
            await here.app.desk.act(DISPUTES, CITY, dispute, c.Withdraw(), consumer)
        else:
            owner = Actor(Role.merchant, "owner-1", here.merchant)
            await here.app.desk.act(DISPUTES, CITY, dispute, c.AcceptOffer(offer="claim"), owner)
            await here.work()
            assert here.wallet.refunded(trade) == 5000
    await here.work()
    assert [state for _, state, _ in await reports(here)] == ["open", "open"]


async def test_a_stranger_without_any_payment_is_heard(here: Town, browser: Browser):
    await browser.open("safety")
    assert browser.html.index("tel:120") < browser.html.index('id="safety"')
    await browser.send("safety", danger="", what="摔伤了")
    assert browser.page.status_code == 404
    assert await reports(here) == []
    await browser.send("safety", danger="injury", what="摔伤了", district="330106", place="河坊街")
    ((_, state, district),) = await reports(here)
    assert (state, district) == ("open", "330106")
    await here.work()
    items = await here.rows("select kind from work_item where done_at is null")
    assert ("nobody_on_duty",) in [tuple(row) for row in items]


async def test_no_road_files_a_danger_past_the_officer(here: Town, browser: Browser):
    trade = paid_in_wallet(here)
    await browser.arrive(trade)
    await browser.send("file", problem="injury", remedy="refund_full", report="330100-NOSUCH")
    assert await here.rows("select 1 from dispute") == []
    assert len(await reports(here)) == 1
    command = c.File(
        id=here.app.desk.mint(CITY), trades=(trade,), problem="injury", claim=Claim(remedy=Remedy.refund_full)
    )
    with pytest.raises(Refused) as refused:
        await here.app.desk.act(DISPUTES, CITY, command.id, command, Actor(Role.consumer, here.consumer))
    assert refused.value.code == "safety_first"


async def test_long_words_in_several_lines_are_carried_past_the_page_about_the_danger(here: Town, browser: Browser):
    await browser.arrive(paid_in_wallet(here))
    words = "三个人吃了都吐\n" * 40
    await browser.send("file", problem="unsafe_goods", remedy="refund_full", words=words)
    assert browser.page.status_code == 200
    await go_on(browser)
    assert browser.html.count("三个人吃了都吐") == 40
