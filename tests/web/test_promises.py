"""The consumer says which promise a dispute is about: only of those shown when it was paid, in either size of text."""

from __future__ import annotations

import pytest
from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, filed, paid_in_wallet, signed_in

from hejie.base.actor import Role
from hejie.desk.paycodes import PAYCODES
from hejie.payments.emvco_writer import written
from hejie.payments.paycode import Apply, Grant

TITLE, SENTENCE = "退货放心", "可无理由退货"
ANSWERS = {"problem": "promise_broken", "remedy": "refund_full", "escalates": "yes"}


@pytest.fixture
async def promised(here: Town) -> Town:
    """The town's shop has a payment code with two promises since a minute."""
    parts = [("00", "01"), ("15", "x"), ("52", "5812"), ("53", "156"), ("58", "CN"), ("59", "SHOP"), ("60", "HZ")]
    [(shop,)] = await here.rows("select id from shop where merchant = %s", here.merchant)
    ask = Apply(
        id=here.app.desk.mint(CITY),
        number="0123456789",
        merchant=here.merchant,
        shop=shop,
        payload=written(parts),
        promises=("returns", "rights"),
    )
    await here.app.desk.act(PAYCODES, CITY, ask.id, ask, here.as_merchant)
    await here.app.desk.act(PAYCODES, CITY, ask.id, Grant(), OFFICER)
    here.advance(minutes=1)
    return here


async def test_where_nothing_was_shown_nothing_is_asked(here: Town, browser: Browser):
    await browser.arrive(paid_in_wallet(here))
    assert 'name="promise"' not in browser.html
    await browser.send("file", **ANSWERS, promise="returns")
    assert browser.page.status_code == 422
    assert "付款时没有展示过这项承诺" in browser.text
    assert await here.rows("select count(*) from dispute") == [(0,)]


async def test_what_was_shown_may_be_named_and_all_three_read_it(promised: Town, browser: Browser):
    await browser.arrive(paid_in_wallet(promised))
    assert browser.html.count('name="promise"') == 3
    assert "质量放心" not in browser.text
    await browser.send("file", **ANSWERS, promise="quality")
    assert browser.page.status_code == 422
    assert await promised.rows("select count(*) from dispute") == [(0,)]
    await browser.send("file", **ANSWERS, promise="returns")
    assert browser.page.status_code == 200
    assert TITLE in browser.text
    assert SENTENCE in browser.text
    dispute = browser.path.partition("?")[0].rpartition("/")[2]
    owner = await signed_in(promised, Role.merchant, "owner-1", promised.merchant)
    officer = await signed_in(promised, Role.officer, OFFICER.id, OFFICER.organisation)
    for reader, side in ((owner, "merchant"), (officer, "officer")):
        await reader.open(f"{side}/disputes/{dispute}")
        assert TITLE in reader.text, side
        assert SENTENCE in reader.text, side
        await reader.http.aclose()


async def test_it_may_be_left_out(promised: Town, browser: Browser):
    dispute = await filed(promised, browser, promise="")
    assert await promised.rows("select body->'promise' from dispute where id = %s", dispute) == [(None,)]


async def test_in_large_text_it_is_a_question_of_its_own(promised: Town, browser: Browser):
    browser.http.cookies.set("elder", "1")
    await browser.arrive(paid_in_wallet(promised))
    await browser.send("step", problem="promise_broken")
    assert browser.html.count('name="promise"') == 3
    for fields in (
        {"promise": "rights"},
        {"remedy": "apology"},
        {"words": ""},
        {"phone": ""},
        {"escalates": "yes"},
    ):
        await browser.send("step", **fields)
        assert browser.page.status_code == 200
    assert "维权放心" in browser.text
    await browser.send("file")
    [(named,)] = await promised.rows("select body->'promise'->>'id' from dispute")
    assert named == "rights"
