"""A merchant calls a claim pressure, the consumer replies, an officer decides: by the pages, without JavaScript."""

from __future__ import annotations

from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, filed, signed_in

from hejie.base.actor import Role

WORDS = "一周里第四次说面里有头发"


async def called(here: Town, browser: Browser) -> tuple[str, Browser, Browser]:
    """A dispute whose merchant has called it, its merchant's browser and an officer's."""
    dispute = await filed(here, browser)
    merchant = await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.send("pressure", why="pressure", pressure_words=WORDS)
    assert "您的疑问已转给监管人员" in merchant.text, merchant.text
    return dispute, merchant, await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)


async def items(here: Town) -> list[tuple[str, bool]]:
    return await here.rows("select subject, done_at is not null from work_item where kind = 'pressure_called'")


async def test_a_call_asks_an_officer_and_tells_the_consumer_kindly(here: Town, browser: Browser):
    before = here.app.clock.now()
    dispute, merchant, officer = await called(here, browser)
    row = await here.read(dispute)
    assert row.standing_held
    assert row.due.at > before
    await here.work()
    assert await items(here) == [(dispute, False)]
    assert ("pressure_called",) in await here.rows("select template from notice where audience = 'consumer'")
    await browser.open(f"disputes/{dispute}")
    assert "这不代表您有错" in browser.text
    assert WORDS in browser.text
    await browser.send("say", words="每次都有照片")
    await officer.open("officer/items")
    assert "有商户对诉求有疑问" in officer.text
    await merchant.open(f"merchant/disputes/{dispute}")
    assert 'id="box-pressure"' not in merchant.html


async def test_an_officer_decides_and_both_are_told(here: Town, browser: Browser):
    dispute, merchant, officer = await called(here, browser)
    await here.work()
    await officer.open(f"officer/disputes/{dispute}")
    await officer.send("judge", judge_words="没有依据，请答复")
    assert officer.page.status_code == 422
    assert "请选择商户说得对不对" in officer.text
    assert "没有依据，请答复" in officer.text
    await officer.send("judge", upheld="no", judge_words="没有依据，请答复")
    assert "您的结论已发给双方" in officer.text
    assert 'id="judge"' not in officer.html
    assert not (await here.read(dispute)).standing_held
    assert await items(here) == [(dispute, True)]
    await here.work()
    told = await here.rows("select audience from notice where template = 'pressure_judged' order by audience")
    assert told == [("consumer",), ("merchant",)]
    await browser.open(f"disputes/{dispute}")
    await merchant.open(f"merchant/disputes/{dispute}")
    for side in (browser, merchant):
        assert "没有依据，请答复" in side.text
        assert "商户应像平常一样答复" in side.text
    assert "这不代表您有错" not in browser.text


async def test_a_call_needs_words_and_gives_back_what_was_chosen(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    merchant = await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.send("pressure", why="not_daily_use", pressure_words=" ")
    assert merchant.page.status_code == 422
    assert 'value="not_daily_use" checked' in merchant.html
    assert (await here.read(dispute)).pressure is None
    assert await here.rows("select 1 from task where city = %s and payload->>'kind' = 'pressure_called'", CITY) == []
