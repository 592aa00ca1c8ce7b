"""What similar cases settled at, on all three sides' pages, from rows the desk itself has written."""

from __future__ import annotations

from datetime import timedelta

from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, filed, signed_in

from hejie.base.actor import Role
from hejie.merchants import commands as m
from hejie.store.pool import city_transaction


async def settled(
    here: Town, n: int, *, fen: int = 2500, remedy: str = "refund_part", trade: str = "", **other: object
) -> None:
    """So many settled cases on 50 yuan, as the statistic keeps them."""
    values = {"problem": "quality", "days": 30, "paid": 5000} | other
    at = here.app.clock.now() - timedelta(days=values["days"])
    async with city_transaction(here.app.pool, CITY) as connection:
        await connection.execute(
            "insert into settlement select %s, 'X' || gen_random_uuid(), %s, %s, %s, '330102', %s, %s, %s"
            " from generate_series(1, %s)",
            [CITY, at, values["problem"], trade, values["paid"], fen, remedy, n],
        )


async def pages(here: Town, dispute: str) -> list[Browser]:
    merchant = await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    await merchant.open(f"merchant/disputes/{dispute}")
    await officer.open(f"officer/disputes/{dispute}")
    return [merchant, officer]


async def test_both_sides_and_the_officer_see_the_band_once_there_is_enough(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    await settled(here, 10, fen=2000)
    await settled(here, 9, fen=5000)
    await browser.open(f"disputes/{dispute}")
    assert "类似纠纷" not in browser.text
    await settled(here, 10, fen=5000)
    await browser.open(f"disputes/{dispute}?language=zh")
    for side in (browser, *await pages(here, dispute)):
        assert "过去一年有 29 件类似纠纷" in side.text, side.text
        assert "付款的 40% 到 100%" in side.text
        assert "¥20.00 到 ¥50.00" in side.text
        assert "不分行业" in side.text


async def test_what_is_not_similar_does_not_count(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    await settled(here, 19)
    await settled(here, 30, problem="price")
    await settled(here, 30, days=366)
    await settled(here, 30, paid=15_001)
    await settled(here, 30, paid=1665)
    await browser.open(f"disputes/{dispute}")
    assert "类似纠纷" not in browser.text


async def test_the_trade_comes_first_and_the_problem_alone_where_it_has_too_few(here: Town, browser: Browser):
    await here.rows("update shop set trade = 'F5212' where city = %s returning id", CITY)
    dispute = await filed(here, browser)
    await settled(here, 19, trade="52", fen=1000)
    await settled(here, 1, trade="62", fen=5000)
    await browser.open(f"disputes/{dispute}")
    assert "有 20 件类似纠纷" in browser.text
    assert "不分行业" in browser.text
    await settled(here, 1, trade="52", fen=1000)
    await browser.open(f"disputes/{dispute}")
    assert "至少一半谈到付款的 20%。按这一单算，就是 ¥10.00" in browser.text
    assert "行业相同" in browser.text


async def test_deeds_are_named_by_what_they_were(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    await settled(here, 20, fen=0, remedy="exchange")
    await settled(here, 3, fen=0, remedy="apology")
    await browser.open(f"disputes/{dispute}")
    assert "23 件类似纠纷没有谈钱" in browser.text
    assert "（20 件）" in browser.text
    assert "（3 件）" not in browser.text
    assert "谈到付款的" not in browser.text


async def test_a_wrong_amount_has_no_share(here: Town, browser: Browser):
    dispute = await filed(here, browser, problem="wrong_amount", right_amount="5")
    await settled(here, 30, problem="wrong_amount")
    await browser.open(f"disputes/{dispute}")
    assert "类似纠纷" not in browser.text


async def test_the_desk_writes_the_statistic_when_it_settles(here: Town, browser: Browser):
    await here.rows("update shop set trade = 'F5212' where city = %s returning id", CITY)
    dispute = await filed(here, browser)
    await here.tell(m.SetLinkLimit(limit_fen=100_000))
    merchant, _ = await pages(here, dispute)
    assert await here.rows("select 1 from settlement") == []
    await browser.open(f"disputes/{dispute}")
    await browser.send("offer", remedy="refund_part", amount="20")
    await merchant.open(f"merchant/disputes/{dispute}")
    row = await here.read(dispute)
    form = f"accept-{row.offers[-1].id}"
    await merchant.send(form, road="api")
    await here.work()
    kept = await here.rows("select problem, trade, district, paid_fen, agreed_fen, remedy, settled_at from settlement")
    row = await here.read(dispute)
    assert kept == [("quality", "52", "330102", 5000, 2000, "refund_part", row.closed_at)]
