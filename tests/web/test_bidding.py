"""Blind bids on the pages, without JavaScript: two browsers, one middle, and nothing left of what failed."""

from __future__ import annotations

import re

import pytest
from tests.support.town import CITY, Town
from tests.web.consumer_lab import Browser, filed, signed_in

from hejie.base import blind
from hejie.base.actor import Role
from hejie.disputes.bidding import place
from hejie.disputes.model import Road
from hejie.edge.forms import Form
from hejie.merchants import commands as m
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction


async def table(here: Town, browser: Browser) -> tuple[str, Browser]:
    """A dispute on 50 yuan, and its merchant's browser by the case link."""
    dispute = await filed(here, browser)
    await here.tell(m.SetLinkLimit(limit_fen=100_000))
    return dispute, await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)


async def name(browser: Browser, dispute: str, amount: str) -> None:
    await browser.open(f"{_portal(browser)}disputes/{dispute}")
    await browser.send("limit", limit=amount)
    assert "底线已写下" in browser.text, browser.text


def _portal(browser: Browser) -> str:
    return "merchant/" if "hejie-merchant" in browser.http.cookies else ""


async def kept(here: Town, dispute: str) -> bytes:
    """Everything that stays of a dispute, opened by the city's own key where it can be."""
    rows = await here.rows("select body::text from log where city = %s and id = %s", CITY, dispute)
    rows += await here.rows("select body::text from dispute where city = %s and id = %s", CITY, dispute)
    rows += await here.rows("select payload::text from task where city = %s", CITY)
    rows += await here.rows("select answer::text from once where city = %s", CITY)
    names = [row[0] for row in await here.rows("select id from content where subject = %s", f"dispute:{dispute}")]
    async with city_transaction(here.app.pool, CITY) as connection:
        found = await read_contents(connection, here.app.tools.vaults(CITY), CITY, f"dispute:{dispute}", names)
    return "\n".join(row[0] for row in rows).encode() + b"\n".join(plain for _, plain in found.values())


def holds(kept_bytes: bytes, fen: int) -> bool:
    """Whether an amount stands there as a number of its own, not as a part of an instant."""
    return re.search(rb"(?<![\d.])%d(?!\d)" % fen, kept_bytes) is not None


async def test_limits_that_meet_settle_at_the_middle_and_the_money_goes_back(here: Town, browser: Browser):
    dispute, merchant = await table(here, browser)
    await name(browser, dispute, "20")
    await name(merchant, dispute, "31")
    await browser.open(f"disputes/{dispute}")
    await browser.tap("compare")
    assert "两个底线碰上了" in browser.text
    row = await here.read(dispute)
    assert row.agreement is not None
    assert (row.agreement.amount_fen, row.agreement.road) == (2550, Road.api)
    await here.work()
    assert here.wallet.refunded(row.payments[0].trade_no) == 2550
    assert (await here.rows("select count(*) from content where kind = 'limit'"))[0][0] == 0


async def test_limits_that_do_not_meet_are_seen_by_nobody(here: Town, browser: Browser, capfd):
    dispute, merchant = await table(here, browser)
    await name(merchant, dispute, "12.34")
    assert not holds(await kept(here, dispute), 1234)
    await name(browser, dispute, "43.21")
    between = await kept(here, dispute)
    assert not holds(between, 4321)
    assert not holds(between, 1234)
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.tap("compare")
    assert "没有碰上" in merchant.text
    await here.work()
    after = await kept(here, dispute)
    assert not holds(after, 1234)
    assert not holds(after, 4321)
    assert (await here.rows("select count(*) from content where kind = 'limit'"))[0][0] == 0
    for side in (browser, merchant):
        page = (await side.open(f"{_portal(side)}disputes/{dispute}")).text
        assert "43.21" not in page
        assert "12.34" not in page
    out = capfd.readouterr()
    assert not [line for line in (out.out + out.err).splitlines() if "4321" in line or "43.21" in line]


async def test_not_even_a_digest_of_a_limit_is_kept(here: Town, browser: Browser):
    """A price is quickly guessed: what is remembered of a request must not tell whether a guess is right."""
    dispute, _ = await table(here, browser)
    await name(browser, dispute, "20.00")
    kept = {bytes(row[0]) for row in await here.rows("select digest from once")}
    vault = here.app.tools.vaults(CITY)
    for guess in range(1, 5001):
        form = Form([("limit", f"{guess // 100}.{guess % 100:02}"), ("once", "0" * 32)])
        told = (await form.once("POST", f"/{CITY}/disputes/{dispute}/limit")).digest
        assert told not in kept
        assert vault.handle("once", told.hex()) not in kept


async def test_two_taps_compare_once_and_get_the_same_answer(here: Town, browser: Browser):
    dispute, merchant = await table(here, browser)
    await name(browser, dispute, "20")
    await name(merchant, dispute, "31")
    await browser.open(f"disputes/{dispute}")
    page = browser.page
    await browser.tap("compare")
    browser.page = page
    await browser.tap("compare")
    assert "两个底线碰上了" in browser.text
    assert len((await here.read(dispute)).refunds) == 1


async def test_one_secret_and_the_whole_database_open_the_others_limit_only_with_the_citys_key(
    here: Town, browser: Browser
):
    """What waits closed is sealed by the city too; a reader of the tables alone has neither that key nor a secret."""
    dispute, merchant = await table(here, browser)
    await name(browser, dispute, "20")
    await name(merchant, dispute, "31")
    row = await here.read(dispute)
    assert row.bidding is not None
    assert row.bidding.merchant is not None
    (sealed,) = (await here.rows("select sealed from content where id = %s", row.bidding.closed))[0]
    mine = blind.read(browser.http.cookies["hejie-limit"])
    assert mine is not None
    where, there = (place(dispute, 1, side) for side in (Role.consumer, Role.merchant))
    with pytest.raises(Exception, match="bid_wrong"):
        blind.opened(there, bytes(sealed), row.bidding.merchant.public, mine.secret, where)


async def test_another_browser_has_no_limit_and_names_it_anew(here: Town, browser: Browser):
    dispute, merchant = await table(here, browser)
    await name(browser, dispute, "20")
    await name(merchant, dispute, "30")
    held = browser.http.cookies["hejie-limit"]
    browser.http.cookies.delete("hejie-limit")
    await browser.open(f"disputes/{dispute}")
    assert "您在别的浏览器写过底线" in browser.text
    await name(browser, dispute, "25")
    browser.http.cookies.delete("hejie-limit")
    browser.http.cookies.set("hejie-limit", held)
    await browser.open(f"disputes/{dispute}")
    assert 'data-act="compare"' not in browser.html, "the former limit counts no more"
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.tap("compare")
    agreed = (await here.read(dispute)).agreement
    assert agreed is not None
    assert agreed.amount_fen == 2750


@pytest.mark.parametrize(
    ("amount", "said"), [("0", "大于"), ("-1", "金额"), ("50.01", "50.00"), ("1.234", "金额"), ("", "金额")]
)
async def test_a_limit_is_an_amount_of_this_payment(here: Town, browser: Browser, amount, said):
    dispute, _ = await table(here, browser)
    before = await here.read(dispute)
    await browser.open(f"disputes/{dispute}")
    await browser.send("limit", limit=amount)
    assert browser.page.status_code == 422
    assert said in browser.text
    assert await here.read(dispute) == before


async def test_a_link_names_no_more_than_its_merchant_allows_without_a_code(here: Town, browser: Browser):
    dispute, merchant = await table(here, browser)
    await here.tell(m.SetLinkLimit(limit_fen=1000))
    await merchant.open(f"merchant/disputes/{dispute}")
    await merchant.send("limit", limit="31")
    assert merchant.page.status_code == 403
    assert "验证码" in merchant.text
    assert (await here.read(dispute)).bidding is None
