"""A consumer who brings a bill file: chosen, confirmed by a code, filed; or shown the way to 12315."""

from __future__ import annotations

import re
from datetime import UTC, timedelta

from tests.payments import bill_samples
from tests.support.town import CITY, Town
from tests.web.consumer_lab import Browser

from hejie.base.clock import SHANGHAI

SHOP = "奎元馆解放路店"


def when(here: Town, **before: float) -> str:
    return f"{here.app.clock.now().astimezone(SHANGHAI) - timedelta(**before):%Y-%m-%d %H:%M:%S}"


def bill(*rows: bill_samples.Row) -> dict[str, tuple[str, bytes, str]]:
    return {"bill": ("bill.csv", bill_samples.alipay(*rows), "text/csv")}


async def count(here: Town, table: str) -> int:
    return int((await here.rows(f"select count(*) from {table}"))[0][0])


async def code(here: Town) -> str:
    await here.work()
    texts = [message["text"] for message in here.wallet.get("sms") if "验证码" in message["text"]]
    found = re.search(r"[0-9]{6}", texts[0])
    assert found
    return found[0]


async def chosen(here: Town, browser: Browser, *rows: bill_samples.Row, **fields: object) -> None:
    await browser.open("bill/file")
    await browser.send("bring", files=bill(*rows))
    await browser.send("choose", **fields)


async def test_from_the_file_to_a_dispute_that_no_api_pays(here: Town, browser: Browser):
    rows = [
        bill_samples.alipay_row(time=when(here, days=2), counterparty=SHOP, trade_no="2026112200001"),
        bill_samples.alipay_row(time=when(here, days=40), counterparty=SHOP, trade_no="2026101500001"),
        bill_samples.alipay_row(
            time=when(here, days=1), kind="转账红包", counterparty="张三", trade_no="2026112300009"
        ),
    ]
    await browser.open("bill/file")
    await browser.send("bring", files=bill(*rows))
    assert "片儿川" in browser.text
    assert "已超过一键和解期限" in browser.text
    assert browser.html.count('type="checkbox"') == 1
    await browser.send("choose")
    assert (browser.page.status_code, 'id="row-fault"' in browser.html) == (422, True)
    await browser.send("choose", row="2026112200001")
    await browser.send("contact", phone="12")
    assert (browser.page.status_code, 'id="phone-fault"' in browser.html) == (422, True)
    await browser.send("contact", phone="139-0000-1111")
    assert "+8613900001111" in browser.text
    assert (await count(here, "payment"), await count(here, "session")) == (0, 0)
    right = await code(here)
    await browser.send("confirm", code=f"{(int(right) + 1) % 1_000_000:06d}")
    assert (browser.page.status_code, 'id="code-fault"' in browser.html) == (422, True)
    assert await count(here, "payment") == 0
    await browser.send("confirm", code=right)
    assert browser.path == f"/{CITY}/disputes/new?trade=2026112200001"
    assert "仅来自您的账单文件" in browser.text
    await browser.send("file", problem="quality", remedy="refund_full")
    row = await here.read(browser.path.partition("?")[0].rpartition("/")[2])
    assert (row.proven, row.merchant, row.offers[0].road.value) == (False, here.merchant, "own_tool")
    assert "支付平台尚未核实" in browser.text
    paid = await here.rows("select proven, source, account, paid_at from payment")
    assert paid[0][:3] == (False, "file", "")
    assert paid[0][3].astimezone(UTC) < here.app.clock.now()


async def test_a_stalls_code_asks_for_its_name(here: Town, browser: Browser):
    stall = bill_samples.alipay_row(
        time=when(here, days=2), kind="转账红包", counterparty="*丽", item="收钱码收款", trade_no="2026112200002"
    )
    await chosen(here, browser, stall, row="2026112200002")
    assert (browser.page.status_code, 'id="place-fault"' in browser.html) == (422, True)
    await browser.send("choose", row="2026112200002", place=SHOP)
    assert 'id="contact"' in browser.html


async def test_a_merchant_nobody_here_knows_gets_the_12315_form(here: Town, browser: Browser):
    row = bill_samples.alipay_row(time=when(here, days=2), counterparty="没加入的店", trade_no="2026112200003")
    await chosen(here, browser, row, row="2026112200003")
    assert "该商户尚未加入一键和解" in browser.text
    assert "2026112200003" in browser.text
    assert "tel:12315" in browser.html
    assert await count(here, "payment") == 0


async def test_payments_to_different_merchants_are_filed_apart(here: Town, browser: Browser):
    rows = [
        bill_samples.alipay_row(time=when(here, days=2), counterparty=name, trade_no=f"202611220000{number}")
        for number, name in enumerate((SHOP, "另一家"))
    ]
    await chosen(here, browser, *rows, row=["2026112200000", "2026112200001"])
    assert (browser.page.status_code, 'id="row-fault"' in browser.html) == (422, True)


async def test_what_is_no_bill_gets_one_sentence(here: Town, browser: Browser):
    for raw in (b"", b"PK\x03\x04zip", "交易时间,金额\n".encode(), b"\x00" * 100):
        await browser.open("bill/file")
        await browser.send("bring", files={"bill": ("x.csv", raw, "text/csv")})
        assert browser.page.status_code == 422
        assert browser.html.count('class="fault"') == 1
    assert await count(here, "payment") == 0


async def test_a_box_that_was_touched_or_is_old_is_refused(here: Town, browser: Browser):
    row = bill_samples.alipay_row(time=when(here, days=2), counterparty=SHOP, trade_no="2026112200001")
    await browser.open("bill/file")
    await browser.send("bring", files=bill(row))
    page = browser.page
    box = browser.html.partition('name="box" value="')[2].partition('"')[0]
    await browser.send("choose", row="2026112200001", box=box[:-8] + "AAAAAAA=")
    assert browser.page.status_code == 400
    browser.page = page
    here.advance(minutes=61)
    await browser.send("choose", row="2026112200001")
    assert (browser.page.status_code, "重新上传账单文件" in browser.text) == (422, True)


async def test_one_comes_back_with_the_number_and_a_stranger_learns_nothing(here: Town, browser: Browser):
    row = bill_samples.alipay_row(time=when(here, days=2), counterparty=SHOP, trade_no="2026112200001")
    await chosen(here, browser, row, row="2026112200001")
    await browser.send("contact", phone="+447700900123")
    await browser.send("confirm", code=await code(here))
    await browser.send("file", problem="quality", remedy="refund_full")
    dispute = browser.path.partition("?")[0]
    browser.http.cookies.clear()
    await browser.open(dispute)
    assert browser.path == f"/{CITY}?next={dispute.replace('/', '%2F')}"
    await here.work()
    sent = len(here.wallet.get("sms"))
    answers = []
    for phone in ("+447700900124", "+447700900123"):
        await browser.open(f"back?next={dispute}")
        await browser.send("back", phone=phone)
        answers.append(browser.text.replace(phone, ""))
    assert answers[0] == answers[1]
    right = await code(here)
    assert len(here.wallet.get("sms")) == sent + 1
    await browser.send("back-confirm", code=right)
    assert browser.path == dispute
