"""Coverage: every payment counts once, nobody can be told from it, and officers see where merchants are missing."""

from __future__ import annotations

import asyncio
import re

from tests.payments import bill_samples
from tests.support import unjoined
from tests.support.town import CITY, Town
from tests.support.unjoined import SHOP, paid_to, register
from tests.web.consumer_lab import Browser, paid_in_wallet, signed_in
from tests.web.test_consumer_file import bill, when

from hejie.base.actor import Role
from hejie.edge.sweep import sweep
from hejie.store.pool import city_transaction

COUNTS = "select district, trade, outcome, count from attempt order by outcome, district"


async def test_each_payment_counts_once_by_outcome_district_and_trade(here: Town, browser: Browser):
    ours = paid_in_wallet(here)
    for _ in range(2):
        await browser.arrive(ours)
    stranger = paid_to(here, account="2088000000000078", name="没人认识的店")
    await browser.arrive(stranger)
    merchant, theirs = await register(here), paid_to(here)
    await browser.arrive(theirs)
    for trade in (ours, stranger, theirs):
        await browser.open(f"disputes/new?trade={trade}")
    counted = [("330102", "", "enrolled", 1), ("330102", "62", "known", 1), ("", "", "unknown", 1)]
    assert await here.rows(COUNTS) == counted
    wanted = await here.rows("select merchant, name, count from wanted order by merchant")
    assert wanted == [("", "没人认识的店", 1), (merchant, unjoined.NAME, 1)]
    seen = str(await here.rows("select * from attempt_seen"))
    assert not any(trade in seen for trade in (ours, stranger, theirs))


async def test_twenty_at_once_count_once(here: Town, browser: Browser):
    trade = paid_to(here)
    await browser.arrive(trade)
    await here.rows("with a as (delete from attempt returning 1), b as (delete from attempt_seen returning 1) select 1")
    address = f"/{CITY}/disputes/new?trade={trade}"
    answers = await asyncio.gather(*(browser.http.get(address) for _ in range(20)))
    assert {each.status_code for each in answers} == {303}
    assert await here.rows("select sum(count) from attempt") == [(1,)]


async def test_a_masked_name_is_not_kept_and_a_file_counts_too(here: Town, browser: Browser):
    stall = bill_samples.alipay_row(time=when(here, days=2), counterparty="*丽", trade_no="2026112200003")
    await browser.open("bill/file")
    await browser.send("bring", files=bill(stall))
    await browser.send("choose", row="2026112200003")
    assert await here.rows("select outcome, count from attempt") == [("unknown", 1)]
    assert await here.rows("select name from wanted") == []


async def test_one_address_counts_few_payments_from_files(here: Town, browser: Browser):
    rows = [
        bill_samples.alipay_row(time=when(here, days=2), counterparty="张冠李戴", trade_no=f"20261122000{number:02d}")
        for number in range(12)
    ]
    await browser.open("bill/file")
    await browser.send("bring", files=bill(*rows))
    page = browser.page
    for number in range(12):
        browser.page = page
        await browser.send("choose", row=f"20261122000{number:02d}")
        assert browser.page.status_code == 200
    assert await here.rows("select sum(count) from attempt") == [(10,)]


async def test_officers_see_shares_and_whom_consumers_missed(here: Town, browser: Browser):
    merchant = await register(here)
    for trade in (paid_in_wallet(here), paid_to(here), paid_to(here)):
        await browser.arrive(trade)
    for number in range(3):
        await browser.arrive(paid_to(here, account=f"20880000000001{number:02d}", name="一直没人认识的店"))
    await browser.arrive(paid_to(here, account="2088000000000199", name="只被找过一次"))
    officer = await signed_in(here, Role.officer, "officer-1", "330102")
    await officer.open("officer/coverage")
    assert re.search(r'id="this"><strong>14%</strong> <small>7 笔中 1 笔', officer.html)
    assert re.search(r'data-code="330102">.*?33%.*?3 笔中 1 笔', officer.html, re.DOTALL)
    assert re.search(r'data-code="62">.*?餐饮业.*?0%', officer.html, re.DOTALL)
    assert f'/{CITY}/officer/merchants/{merchant}"' in officer.html
    assert "一直没人认识的店" in officer.text
    assert "只被找过一次" not in officer.text
    await unjoined.join(here, merchant)
    assert unjoined.NAME not in (await officer.open("officer/coverage")).text
    here.advance(days=31)
    await officer.open("officer/coverage")
    assert re.search(r'id="this"><small>无', officer.html)
    assert "7 笔中 1 笔" in officer.text
    for never in ("2026-13", "0001-01", "9999-12", "2027-02"):
        assert (await officer.open(f"officer/coverage?month={never}")).status_code in {400, 422}
    await officer.http.aclose()


async def test_coverage_is_for_officers_and_handles_are_forgotten(here: Town, browser: Browser):
    await browser.arrive(paid_to(here, name=SHOP))
    await browser.open("officer/coverage")
    assert "sign-in" in browser.path
    here.advance(days=401)
    async with city_transaction(here.app.pool, CITY) as connection:
        await sweep(connection, CITY, here.app.clock.now())
    assert await here.rows("select 1 from attempt_seen") == []
    assert await here.rows("select sum(count) from attempt") == [(1,)]
