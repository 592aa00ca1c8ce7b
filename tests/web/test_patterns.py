"""How a consumer files: shown to the officer alone, from marks that are made well after the filing."""

from __future__ import annotations

from datetime import timedelta

from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, filed, signed_in

from hejie.base.actor import Role
from hejie.edge.sweep import sweep
from hejie.store.pool import city_transaction

WORDS = "面里有一根很长的头发，要求退款"


async def officer_page(here: Town, dispute: str) -> Browser:
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    await officer.open(f"officer/disputes/{dispute}")
    assert officer.page.status_code == 200
    return officer


async def marked(here: Town) -> None:
    """The marks' time has come."""
    here.advance(minutes=11)
    await here.work()


async def test_one_dispute_alone_shows_nothing(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    await marked(here)
    assert "没有提交其他纠纷" in (await officer_page(here, dispute)).text


async def test_the_officer_sees_what_repeats_and_the_merchant_never_does(here: Town, browser: Browser):
    first = await filed(here, browser, words=WORDS)
    second = await filed(here, browser, words=WORDS.replace("，", " ， "))
    third = await filed(here, browser, words="完全是另外一件事情，说来话长")
    marks = "select count(*) from filing_mark where city = %s"
    assert await here.rows(marks, CITY) == [(0,)]
    await marked(here)
    assert await here.rows(marks, CITY) == [(3,)]
    officer = await officer_page(here, second)
    assert "提交的纠纷（含本件）：3 件，涉及商户 1 家；最密集的七天里有 3 件" in officer.text
    assert "文字相同的其他纠纷：1 件；除本人外，还有 0 位" in officer.text
    assert "同名商品提交的：2 件" in officer.text
    assert "不能证明什么" in officer.text
    assert f"officer/disputes/{first}" in officer.html
    assert f"officer/disputes/{third}" in officer.html
    merchant = await signed_in(here, Role.merchant, f"link:{second}", here.merchant, second)
    for side, portal in ((merchant, "merchant/"), (browser, "")):
        await side.open(f"{portal}disputes/{second}")
        assert "提交情况" not in side.text
        assert first not in side.html


async def test_the_same_phone_number_of_another_payer(here: Town, browser: Browser):
    first = await filed(here, browser, phone="13800138000")
    second = await filed(here, browser)
    await here.rows("insert into person values (%s, 'P-other', 'h-other', 'zh', now()) returning id", CITY)
    async with city_transaction(here.app.pool, CITY) as connection:
        await connection.execute(
            "update dispute set consumer = 'P-other', body = jsonb_set(body, '{consumer}', '\"P-other\"')"
            " where city = %s and id = %s",
            [CITY, second],
        )
    await marked(here)
    async with city_transaction(here.app.pool, CITY) as connection:
        await connection.execute(
            "update filing_mark set contact = (select contact from filing_mark where city = %s and dispute = %s)"
            " where city = %s and dispute = %s",
            [CITY, first, CITY, second],
        )
    officer = await officer_page(here, first)
    assert "留同一手机号的其他付款人提交的：1 件" in officer.text
    assert "这位消费者在前后九十天内提交的纠纷" not in officer.text


async def test_marks_are_forgotten(here: Town, browser: Browser):
    await filed(here, browser, words=WORDS)
    await marked(here)
    async with city_transaction(here.app.pool, CITY) as connection:
        await sweep(connection, CITY, here.app.clock.now() + timedelta(days=179))
    assert len(await here.rows("select 1 from filing_mark where city = %s", CITY)) == 1
    async with city_transaction(here.app.pool, CITY) as connection:
        await sweep(connection, CITY, here.app.clock.now() + timedelta(days=181))
    assert await here.rows("select 1 from filing_mark where city = %s", CITY) == []
