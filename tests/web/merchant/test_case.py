"""The merchant's side of a dispute: in by a case link, answered on one screen, each act with its refusals."""

from __future__ import annotations

import re
from datetime import timedelta

import psycopg
import pytest
from msgspec.structs import replace
from tests.web.merchant.merchant_town import (
    PNG,
    ZH,
    authorise,
    code_sent,
    keys,
    linked,
    merchant_of,
    opened,
    row,
    send,
    sign_in,
)
from tests.web.officer.officer_town import CITY

from hejie.access import must_afford
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Performance, Remedy, Road
from hejie.disputes.states import State
from hejie.merchants import commands as m
from hejie.merchants.model import Kind, Merchant, Rank, Staff
from hejie.merchants.model import State as Standing

# The link ---------------------------------------------------------------------------------------


async def test_a_link_opens_its_case_and_nothing_else(phone, town):
    mine, other = await town.dispute(), await town.dispute("还有一次")
    page = await opened(phone, town, mine)
    assert page == f"/{CITY}/merchant/disputes/{mine}"
    html = (await phone.get(page)).text
    assert "Partial refund ¥12.00" in html
    assert "面里有头发" in html
    assert "片儿川" in html
    assert "¥50.00" in html
    for path in (f"/{CITY}/merchant/disputes/{other}", f"/{CITY}/merchant/disputes/{other}/live"):
        assert (await phone.get(path)).status_code == 404
    assert "zh-CN" in (await phone.get(page, headers=ZH)).text


async def test_an_expired_or_forged_link_says_what_to_do(phone, town):
    dispute, now = await town.dispute(), town.house.clock.now()
    old, good, gone = [
        (await linked(town, dispute, now + span, contact)).rpartition("/")[2]
        for span, contact in ((timedelta(seconds=-1), ""), (timedelta(days=1), ""), (timedelta(days=1), "taken-away"))
    ]
    forged = ("a" if good[5] != "a" else "b").join((good[:5], good[6:]))
    for token, status in ((old, 403), (gone, 403), (forged, 422), ("x", 422)):
        answer = await phone.get(f"/{CITY}/m/{token}")
        assert answer.status_code == status
        assert "newest message" in answer.text
        assert "12315" in answer.text
        assert "hejie-merchant" not in phone.cookies
    assert "这个链接" in (await phone.get(f"/{CITY}/m/x", headers=ZH)).text
    assert (
        (await phone.get(f"/{CITY}/merchant/disputes/{dispute}"))
        .headers["location"]
        .startswith(f"/{CITY}/merchant/sign-in")
    )


async def test_a_link_keeps_the_wider_session_of_staff(phone, town):
    dispute = await town.dispute()
    await sign_in(phone, town)
    before = phone.cookies["hejie-merchant"]
    await opened(phone, town, dispute)
    assert phone.cookies["hejie-merchant"] == before


# Agreeing ---------------------------------------------------------------------------------------


async def test_agreeing_orders_the_refund_where_the_authority_stands(phone, town):
    await authorise(town)
    await town.tell(m.SetLinkLimit(limit_fen=5000))
    dispute = await town.dispute()
    page = await opened(phone, town, dispute)
    html = (await phone.get(page)).text
    assert re.search(r'value="api" data-act="accept"[^>]*>\s*Agree to refund ¥12.00', html)
    answer = await send(phone, page, "accept", offer="claim", road="api")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{page}?done=accepted"
    now = await row(town, dispute)
    assert now.state is State.settling
    assert [refund.amount_fen for refund in now.refunds] == [1200]
    shown = (await phone.get(f"{page}?done=accepted")).text
    assert "You have agreed" in shown
    assert "on its way" in shown
    assert 'data-act="accept"' not in shown


async def test_without_an_authority_the_merchant_refunds_in_its_own_tool_and_says_so(phone, town):
    await town.tell(m.SetLinkLimit(limit_fen=5000))
    dispute = await town.dispute()
    page = await opened(phone, town, dispute)
    html = (await phone.get(page)).text
    assert 'value="api" data-act' not in html
    assert re.search(r'value="own_tool" data-act="accept"', html)
    refused = await send(phone, page, "accept", offer="claim", road="api")
    assert refused.status_code == 422
    assert (await row(town, dispute)).state is State.awaiting_merchant
    assert (await send(phone, page, "accept", offer="claim", road="own_tool")).status_code == 303
    assert (await row(town, dispute)).agreement.road is Road.own_tool
    assert (await send(phone, page, "perform", refund_no="R-1", proof_words="已退")).status_code == 303
    assert (await row(town, dispute)).performance is Performance.claimed


async def test_an_answer_above_the_links_limit_needs_a_code_and_keeps_the_form(phone, town):
    await authorise(town)
    dispute = await town.dispute()
    page = await opened(phone, town, dispute)
    asked = await send(phone, page, "accept", offer="claim", road="own_tool")
    assert asked.status_code == 403
    assert "138****0001" in asked.text
    assert 'name="code"' in asked.text
    assert 'value="own_tool" data-act="accept"' in asked.text
    assert 'value="api" data-act' not in asked.text
    assert (await row(town, dispute)).state is State.awaiting_merchant
    code = await code_sent(town)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    fields = keys(asked.text) | {"offer": "claim", "road": "own_tool"}
    refused = await phone.post(f"{page}/accept", data=fields | {"code": wrong})
    assert refused.status_code == 422
    assert (await row(town, dispute)).state is State.awaiting_merchant
    fields = keys(refused.text) | {"offer": "claim", "road": "own_tool", "code": code}
    assert (await phone.post(f"{page}/accept", data=fields)).status_code == 303
    assert (await row(town, dispute)).agreement.road is Road.own_tool
    assert (await phone.post(f"{page}/accept", data=fields)).status_code == 303, "the same answer to the same request"
    assert len(list((await row(town, dispute)).offers)) == 1


async def test_a_code_of_one_case_opens_no_other(phone, town):
    first, second = await town.dispute(), await town.dispute("第二次")
    page = await opened(phone, town, first)
    await send(phone, page, "accept", offer="claim", road="own_tool")
    code = await code_sent(town)
    phone.cookies.clear()
    page = await opened(phone, town, second)
    answer = await send(phone, page, "accept", offer="claim", road="own_tool", code=code)
    assert answer.status_code == 422
    assert (await row(town, second)).state is State.awaiting_merchant


async def test_an_offer_asks_for_the_code_too_and_keeps_what_was_typed(phone, town):
    dispute = await town.dispute()
    page = await opened(phone, town, dispute)
    fields = {"remedy": "refund_part", "amount": "8.00", "road": "by_hand", "offer_words": "给您转账"}
    asked = await send(phone, page, "offer", **fields)
    assert asked.status_code == 403
    assert 'value="8.00"' in asked.text
    assert "给您转账" in asked.text
    assert (await row(town, dispute)).offers[-1].id == "claim"
    code = await code_sent(town)
    assert (await phone.post(f"{page}/offer", data=keys(asked.text) | fields | {"code": code})).status_code == 303
    made = (await row(town, dispute)).offers[-1]
    assert (made.by, made.amount_fen, made.road) == (Role.merchant, 800, Road.by_hand)


async def test_without_a_registered_phone_no_code_is_sent(phone, town, database):
    dispute = await town.dispute()
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("delete from content where subject = %s", [f"merchant:{town.merchant}"])
    page = await opened(phone, town, dispute)
    answer = await send(phone, page, "accept", offer="claim", road="own_tool")
    assert answer.status_code == 422
    assert "No phone is registered" in answer.text
    assert (await row(town, dispute)).state is State.awaiting_merchant


# Staff ------------------------------------------------------------------------------------------


async def test_staff_give_up_to_their_limit(phone, town):
    await town.tell(m.AddStaff(staff=Staff(person="clerk-1", rank=Rank.clerk, refund_limit_fen=1000)))
    dispute = await town.dispute()
    page = f"/{CITY}/merchant/disputes/{dispute}"
    await sign_in(phone, town, "clerk-1")
    answer = await send(phone, page, "accept", offer="claim", road="own_tool")
    assert answer.headers["location"] == f"{page}?done=asked"
    assert (await row(town, dispute)).state is State.awaiting_merchant
    fits = {"remedy": "refund_part", "amount": "10", "road": "own_tool"}
    assert (await send(phone, page, "offer", **fits)).status_code == 303
    assert (await row(town, dispute)).state is State.awaiting_consumer


async def test_staff_of_another_shop_and_former_staff_see_nothing(phone, town):
    dispute, page = await town.dispute(), ""
    page = f"/{CITY}/merchant/disputes/{dispute}"
    other = town.desk.mint(CITY)
    shop = (await merchant_of(town)).shops[0]
    await town.tell(m.AddShop(shop=replace(shop, id=other, name="奎元馆武林店")))
    await town.tell(m.AddStaff(staff=Staff(person="clerk-2", rank=Rank.clerk, shops=(other,))))
    await sign_in(phone, town, "clerk-2")
    for part in ("", "/top", "/talk", "/live", "/pictures/x"):
        assert (await phone.get(page + part)).status_code == 404
    await sign_in(phone, town, "clerk-9")
    assert (await phone.get(page)).status_code == 403
    answer = await phone.post(f"{page}/accept", data={"offer": "claim", "road": "own_tool"})
    assert answer.status_code == 403
    assert (await row(town, dispute)).state is State.awaiting_merchant


async def test_the_second_of_two_answers_at_once_reads_the_first(phone, town):
    dispute = await town.dispute()
    page = f"/{CITY}/merchant/disputes/{dispute}"
    await sign_in(phone, town)
    old = keys((await phone.get(page)).text)
    assert (await send(phone, page, "answer", reason="是香菜")).status_code == 303
    before = await row(town, dispute)
    late = await phone.post(f"{page}/offer", data=old | {"remedy": "refund_full", "offer_words": "都退给您"})
    assert late.status_code == 409
    assert "都退给您" in late.text
    assert "是香菜" in late.text
    assert await row(town, dispute) == before


# Everything else --------------------------------------------------------------------------------


async def test_refusing_needs_words_and_takes_pictures(phone, town):
    dispute = await town.dispute()
    page = await opened(phone, town, dispute)
    empty = await send(phone, page, "answer", reason="  ")
    assert empty.status_code == 422
    assert (await row(town, dispute)).state is State.awaiting_merchant
    shot = {"reason_pictures": ("a.jpg", PNG, "image/jpeg")}
    assert (await send(phone, page, "answer", files=shot, reason="是香菜")).status_code == 303
    assert (await row(town, dispute)).state is State.awaiting_consumer
    html = (await phone.get(page)).text
    assert "是香菜" in html
    (address,) = set(re.findall(rf'href="({page}/pictures/[^"]+)"', html))
    assert (await phone.get(address)).headers["content-type"] == "image/png"
    zipped = {"words_pictures": ("a.jpg", b"PK\x03\x04rest", "image/jpeg")}
    refused = await send(phone, page, "say", files=zipped, words="看图")
    assert refused.status_code == 422
    assert "看图" in refused.text


async def test_a_counter_offer_is_declined_with_words_or_accepted(phone, town):
    await town.tell(m.SetLinkLimit(limit_fen=5000))
    dispute = await town.dispute()
    await town.do(dispute, c.Answer(words=town.text("是香菜").id), "merchant")
    for number in ("1", "2"):
        offer = c.MakeOffer(id=f"counter-{number}", remedy=Remedy.refund_part, amount_fen=600)
        await town.do(dispute, offer, "consumer")
    page = await opened(phone, town, dispute)
    html = (await phone.get(page)).text
    assert "Agree to refund ¥6.00" in html
    assert "counter-1" not in html
    assert re.search("Stands until.*counted from the instant the offer was made", html, re.DOTALL)
    silent = await send(phone, page, "decline", offer="counter-2")
    assert silent.status_code == 422
    assert (await row(town, dispute)).offer("counter-2").status == "open"
    gone = await send(phone, page, "decline", offer="counter-9")
    assert gone.status_code == 404
    assert "This offer does not exist" in gone.text
    told = {"offer": "counter-2", "decline-counter-2": "只能退三元"}
    assert (await send(phone, page, "decline", **told)).status_code == 303
    assert (await row(town, dispute)).offer("counter-2").status == "declined"
    await town.do(dispute, c.MakeOffer(id="counter-3", remedy=Remedy.refund_part, amount_fen=300), "consumer")
    assert (await send(phone, page, "accept", offer="counter-3", road="own_tool")).status_code == 303
    assert (await row(town, dispute)).agreed == "counter-3"


@pytest.mark.parametrize(
    "fields",
    [
        {"remedy": "refund_part", "amount": "-1"},
        {"remedy": "refund_part", "amount": "0"},
        {"remedy": "refund_part", "amount": "1.234"},
        {"remedy": "refund_part", "amount": "１２"},
        {"remedy": "refund_part", "amount": "50.01"},
        {"remedy": "other"},
        {"remedy": "gold"},
        {"remedy": "apology", "road": "moon"},
    ],
)
async def test_an_offer_that_makes_no_sense_is_refused_in_words(phone, town, fields):
    dispute = await town.dispute()
    page = f"/{CITY}/merchant/disputes/{dispute}"
    await sign_in(phone, town)
    before = await row(town, dispute)
    answer = await send(phone, page, "offer", **fields)
    assert answer.status_code == 422
    assert 'id="summary"' in answer.text
    assert await row(town, dispute) == before


async def test_a_deed_is_always_done_directly_and_shown_by_proof(phone, town):
    dispute = await town.dispute()
    page = f"/{CITY}/merchant/disputes/{dispute}"
    await sign_in(phone, town)
    assert (await send(phone, page, "offer", remedy="repair", road="own_tool", amount="9")).status_code == 303
    made = (await row(town, dispute)).offers[-1]
    assert (made.remedy, made.amount_fen, made.road) == (Remedy.repair, 0, Road.by_hand)
    await town.do(dispute, c.AcceptOffer(offer=made.id), "consumer")
    bare = await send(phone, page, "perform")
    assert bare.status_code == 422
    assert (await row(town, dispute)).performance is Performance.awaited
    shot = {"proof": ("p.png", PNG, "image/png")}
    assert (await send(phone, page, "perform", files=shot)).status_code == 303
    assert (await row(town, dispute)).performance is Performance.claimed


async def test_a_failed_refund_says_what_to_mend_and_is_sent_again(phone, town):
    await authorise(town)
    dispute = await town.dispute()
    page = f"/{CITY}/merchant/disputes/{dispute}"
    await sign_in(phone, town)
    await send(phone, page, "accept", offer="claim", road="api")
    (first,) = (await row(town, dispute)).refunds
    fails = c.RefundFails(key=first.key, code="SELLER_BALANCE_NOT_ENOUGH")
    await town.desk.act(DISPUTES, CITY, dispute, fails, SYSTEM)
    html = (await phone.get(page)).text
    assert "balance is too low" in html
    assert "top up your Alipay account" in html
    assert (await send(phone, page, "retry")).headers["location"].endswith("done=retried")
    assert [r.status for r in (await row(town, dispute)).refunds] == ["failed", "ordered"]
    assert "top up" not in (await phone.get(page)).text
    again = await send(phone, page, "retry")
    assert again.status_code == 409
    assert len((await row(town, dispute)).refunds) == 2


async def test_the_page_that_is_open_hears_of_changes(phone, town):
    dispute = await town.dispute()
    page = await opened(phone, town, dispute)
    version = keys((await phone.get(page)).text)["version"]
    assert "Something new" not in (await phone.get(f"{page}/top?seen={version}")).text
    await town.do(dispute, c.Say(words=(said := town.text("在吗")).id), "consumer", said)
    assert "Something new" in (await phone.get(f"{page}/top?seen={version}")).text
    part = (await phone.get(f"{page}/talk")).text
    assert "在吗" in part
    assert "<form" not in part
    assert "<html" not in part


def test_who_may_give_how_much():
    now = SystemClock().now()
    staff = (Staff(person="o", rank=Rank.owner), Staff(person="k", rank=Rank.clerk, refund_limit_fen=500))
    merchant = Merchant(
        city=CITY, id="m", version=1, credit_code="", name="", kind=Kind.enterprise, state=Standing.enrolled,
        registered_at=now, changed_at=now, link_limit_fen=100, staff=staff,
    )  # fmt: skip
    for person, cost, confirmed in (
        ("o", 10**9, False),
        ("k", 500, False),
        ("link:x", 100, False),
        ("link:x", 101, True),
    ):
        must_afford(Actor(Role.merchant, person, "m"), merchant, cost, confirmed=confirmed)
    for person, cost, code in (("k", 501, "above_own_limit"), ("link:x", 101, "code_needed")):
        with pytest.raises(Refused, match=code):
            must_afford(Actor(Role.merchant, person, "m"), merchant, cost)
