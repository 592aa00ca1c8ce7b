"""The consumer's portal without JavaScript: from the wallet's link to the money back."""

from __future__ import annotations

import re

from tests.support.town import CITY, OFFICER, USER, Town
from tests.web.consumer_lab import EN, Browser, filed, paid_in_wallet, png

from hejie.base.actor import Role
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome, Remedy, Road
from hejie.disputes.states import State


async def count(here: Town, table: str) -> int:
    return int((await here.rows(f"select count(*) from {table}"))[0][0])


async def test_three_taps_from_the_wallets_link_and_the_money_comes_back(here: Town, browser: Browser):
    trade = paid_in_wallet(here)
    await browser.arrive(trade)
    assert browser.path == f"/{CITY}/disputes/new?trade={trade}"
    assert "奎元馆解放路店" in browser.text
    assert "¥50.00" in browser.text
    assert "原路退款" in browser.text
    assert re.search("可提交至.*30 天，自付款时（.*）起算，依据杭州", browser.text, re.DOTALL)
    assert re.search("可提交至.*30 天，自付款时（.*）起算，依据杭州", (await browser.open("bill")).text, re.DOTALL)
    await browser.open(f"disputes/new?trade={trade}")
    picture = {"pictures": ("a.png", png(), "image/png")}
    fields = {"problem": "quality", "remedy": "refund_full", "escalates": "yes", "words": "面是凉的<b>"}
    await browser.send("file", files=picture, phone="139 0000 1111", **fields)
    assert "已提交并通知商户" in browser.text
    assert "等待商户处理" in browser.text
    assert "还剩 3 天 23 小时" in browser.text
    assert "面是凉的<b>" in browser.text
    dispute = browser.path.partition("?")[0].rpartition("/")[2]
    shots = await browser.http.get(browser.html.partition('<img src="')[2].partition('"')[0])
    assert shots.headers["content-type"] == "image/png"
    assert (await here.read(dispute)).escalates_by_itself
    assert await here.rows("select kind from content where subject = %s", f"person:{here.consumer}") == [("phone",)]

    offer = d.MakeOffer(id="offer-1", remedy=Remedy.refund_part, amount_fen=3000, road=Road.api)
    await here.act(dispute, offer, here.as_merchant)
    await browser.open(f"disputes/{dispute}")
    assert "等待您确认" in browser.text
    assert "商户提出：部分退款 ¥30.00" in browser.text
    await browser.tap("accept")
    assert "已达成一致" in browser.text
    await here.work()
    await browser.open(f"disputes/{dispute}")
    assert "已和解" in browser.text
    assert "¥30.00 已原路退回付款账户" in browser.text
    assert here.wallet.refunded(trade) == 3000
    await browser.tap("rate", solved="yes", mood="5")
    assert "您的评价：已解决" in browser.text
    row = await here.read(dispute)
    assert (row.outcome, row.survey and row.survey.mood) == (Outcome.performed, 5)


async def test_a_wrong_amount_claims_the_difference_and_a_refusal_keeps_what_was_typed(here: Town, browser: Browser):
    await browser.arrive(paid_in_wallet(here))
    before = await count(here, "dispute")
    for typed in ("", "-5", "50.00", "60", "1.005", "１２", "1e1"):
        await browser.send("file", problem="wrong_amount", remedy="refund_full", right_amount=typed, words="多按了零")
        assert browser.page.status_code == 422
        assert 'id="right_amount-fault"' in browser.html
        assert "多按了零" in browser.text
    await browser.send("file", problem="quality", remedy="refund_part", amount="50.01")
    assert 'id="amount-fault"' in browser.html
    await browser.send("file", remedy="refund_full", problem="nonsense")
    assert 'id="problem-fault"' in browser.html
    await browser.send(
        "file", files={"pictures": ("a.jpg", b"PK\x03\x04", "image/jpeg")}, problem="other", remedy="other"
    )
    assert 'id="pictures-fault"' in browser.html
    assert await count(here, "dispute") == before
    await browser.send("file", problem="wrong_amount", remedy="refund_full", right_amount="5.00")
    dispute = browser.path.partition("?")[0].rpartition("/")[2]
    row = await here.read(dispute)
    assert (row.claim.remedy, row.claim.amount_fen, row.undue) == (Remedy.refund_part, 4500, True)
    assert "应付 ¥5.00" in browser.text
    assert not row.escalates_by_itself


async def test_several_payments_to_one_merchant_are_one_dispute(here: Town, browser: Browser):
    first, second = paid_in_wallet(here), paid_in_wallet(here, "20.00")
    await browser.arrive(first)
    await browser.arrive(second)
    assert first in browser.html
    await browser.send("file", problem="charged_twice", remedy="refund_full", trade=[first, second])
    row = await here.read(browser.path.partition("?")[0].rpartition("/")[2])
    assert ({paid.trade_no for paid in row.payments}, row.claim.amount_fen) == ({first, second}, 7000)
    await browser.arrive(first)
    assert browser.path == f"/{CITY}/disputes/{row.id}"
    await browser.open("bill")
    assert browser.text.count("等待商户处理") == 3
    assert "一键和解 " not in browser.text


async def test_talk_counter_offer_decline_deny_and_the_way_to_the_authority(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    await browser.send("say", words="请看图", files={"pictures": ("a.png", png(), "image/png")})
    assert "消息已发送" in browser.text
    await browser.send("say", words="  ")
    assert browser.page.status_code == 422
    refused = await browser.send("offer", remedy="refund_part", amount="400000", words="四十万也行")
    assert refused.status_code == 422
    assert re.search(r'<details[^>]* open[^>]*id="box-offer".*?value="400000".*?四十万也行', browser.html, re.DOTALL)
    assert browser.html.count("四十万也行") == 1  # in its own field, not in the message's
    await browser.send("offer", remedy="refund_part", amount="40", words="四十也行")
    assert "您提出：部分退款 ¥40.00" in browser.text
    await here.act(dispute, d.MakeOffer(id="o1", remedy=Remedy.apology, road=Road.by_hand), here.as_merchant)
    await browser.open(f"disputes/{dispute}")
    assert re.search("有效期至.*自提出方案时（.*）起算，依据杭州", browser.text, re.DOTALL)
    await browser.tap("decline")
    assert "已请商户重新考虑" in browser.text
    counter = (await here.read(dispute)).open_offer(Role.consumer)
    assert counter
    await here.act(dispute, d.AcceptOffer(offer=counter.id, road=Road.own_tool), here.as_merchant)
    await browser.open(f"disputes/{dispute}")
    assert "已达成一致，履行中" in browser.text
    await browser.send("deny", words="没到账")
    assert (await here.read(dispute)).state is State.awaiting_consumer
    await browser.tap("escalate")
    assert "监管部门处理中" in browser.text
    await browser.send("withdraw")
    assert (await here.read(dispute)).state is State.withdrawn


async def test_a_merchants_silence_ends_with_the_authority_and_a_closed_case_can_be_rated(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    here.advance(hours=97)
    await here.work()
    await here.act(dispute, d.Take(), OFFICER)
    await here.act(dispute, d.Close(memo="m", agency="西湖区局", outcome=Outcome.unsettled), OFFICER)
    await browser.open(f"disputes/{dispute}")
    assert "因商户未答复，已自动转监管部门处理" in browser.text
    assert "西湖区局办结：未达成一致，已结案" in browser.text
    await browser.tap("rate", solved="", mood="3")
    assert browser.page.status_code == 422
    await browser.tap("rate", solved="no", mood="1")
    assert "未解决" in browser.text


async def test_a_lapsed_case_is_opened_again_by_one_tap(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    await here.act(dispute, d.MakeOffer(id="o1", remedy=Remedy.apology, road=Road.by_hand), here.as_merchant)
    here.advance(days=7, minutes=1)
    await here.work()
    assert (await here.read(dispute)).state is State.lapsed
    await browser.open(f"disputes/{dispute}")
    await browser.tap("reopen")
    assert (await here.read(dispute)).state is State.awaiting_consumer
    await browser.tap("confirm")
    assert (await here.read(dispute)).outcome is Outcome.confirmed
    assert "谢谢，本纠纷已按“已解决”结束" in browser.text


async def test_bad_links_open_nothing(here: Town, browser: Browser):
    trade = paid_in_wallet(here)
    await browser.arrive(trade)
    used = str(browser.page.history[0].request.url)
    stranger = Browser(here, EN)
    for link, status, words in (
        (used, 403, "already used"),
        (used.replace("amount=50.00", "amount=5.00"), 401, "unchanged"),
        (used.replace("wallet=alipay&", ""), 400, "incomplete"),
        (used + "&wallet=alipay", 400, "incomplete"),
    ):
        await stranger.open("/" + link.split("/", 3)[3])
        assert (stranger.page.status_code, words in stranger.text) == (status, True)
    fresh: str = here.wallet.post("entry-links", trade_no=trade)["url"]
    here.advance(minutes=6)
    await stranger.open("/" + fresh.split("/", 3)[3])
    assert (stranger.page.status_code, "expired" in stranger.text) == (403, True)
    assert not stranger.http.cookies.get("hejie-consumer")
    await stranger.http.aclose()


async def test_what_is_anothers_is_not_found(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    trade = (await here.read(dispute)).payments[0].trade_no
    stranger = Browser(here, EN)
    await stranger.open(f"disputes/{dispute}")
    assert stranger.path.startswith(f"/{CITY}?next=")
    here.wallet.post("load", users=[{"user_id": "2088900000000099", "name": "B"}])
    other = {"user_id": "2088900000000099", "merchant_id": "2088000000000001", "amount": "9.00", "subject": "x"}
    theirs = here.wallet.post("load", payments=[other])["trade_nos"][0]
    await stranger.arrive(theirs)
    version = (await here.read(dispute)).version
    for path in (f"disputes/{dispute}", f"disputes/{dispute}/part", f"disputes/{dispute}/live",
                 f"disputes/{dispute}/pictures/x", f"disputes/new?trade={trade}", f"12315?trade={trade}"):  # fmt: skip
        assert (await stranger.open(path)).status_code == 404, path
    await stranger.open(f"disputes/new?trade={theirs}")
    csrf = stranger.html.partition('name="csrf" value="')[2].partition('"')[0]
    for act in ("say", "offer", "accept", "decline", "withdraw", "escalate", "confirm", "deny", "reopen", "rate"):
        given = {"csrf": csrf, "once": f"0123456789abcdef-{act}", "words": "x", "offer": "claim", "remedy": "apology",
                 "solved": "yes", "mood": "3"}  # fmt: skip
        answer = await stranger.http.post(f"/{CITY}/disputes/{dispute}/{act}", data=given)
        assert answer.status_code == 404, act
    assert (await here.read(dispute)).version == version
    await stranger.http.aclose()


async def test_a_case_of_the_wallet_is_read_here_and_acted_on_there(here: Town, browser: Browser):
    trade = paid_in_wallet(here)
    await browser.arrive(trade)
    words = {"user_id": USER, "reason": "商品质量问题", "demand": "退款", "content": "面是凉的"}
    event = here.wallet.post("cases", trade_no=trade, **words)["complain_event_id"]
    await here.task("follow_case", event, {"wallet": "alipay", "event": event}, "case")
    await here.work()
    rows = await here.rows("select id from dispute")
    await browser.open(f"disputes/{rows[0][0]}")
    assert "请在支付宝中回应" in browser.text
    assert "面是凉的" in browser.text
    assert not set(re.findall(r'data-act="(\w+)"', browser.html))
    version = (await here.read(rows[0][0])).version
    csrf = browser.html.partition('name="csrf" value="')[2].partition('"')[0]
    told = {"csrf": csrf, "once": "0123456789abcdef", "words": "x"}
    answer = await browser.http.post(f"/{CITY}/disputes/{rows[0][0]}/say", data=told)
    assert (answer.status_code, "请在该平台操作" in answer.text or "支付宝" in answer.text) == (409, True)
    assert (await here.read(rows[0][0])).version == version
