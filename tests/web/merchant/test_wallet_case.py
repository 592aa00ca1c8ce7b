"""A complaint made in a wallet on the merchant's page: both clocks with their reasons, its own word, its pictures."""

from __future__ import annotations

from datetime import timedelta

import httpx
from tests.web.merchant.merchant_town import PNG, ZH, opened
from tests.web.officer.officer_town import ACCOUNT, CITY, Town

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Remedy
from hejie.intake.payments import Paid, payer_handle, take_payment
from hejie.store.pool import city_transaction

WALLET = Actor(Role.wallet, "wechatpay")
TRADE = "4200000000202601010000000001"


async def complained(town: Town, hours: float) -> str:
    """A complaint begun so many hours ago, of a kind that the city does not know."""
    begun = town.house.clock.now() - timedelta(hours=hours)
    async with city_transaction(town.house.pool, CITY) as connection:
        payer = payer_handle(town.house.vaults(CITY), "alipay", "2088900000000001")
        paid = Paid(
            wallet="wechatpay", trade_no=TRADE, payer=payer,
            account=ACCOUNT, merchant=town.merchant, shop=town.shop, item="片儿川", paid_fen=5000, paid_at=begun,
            proven=True, source="case",
        )  # fmt: skip
        await take_payment(connection, CITY, paid)
    identifier, words = town.desk.mint(CITY), town.text("面是凉的")
    command = c.Mirror(
        id=identifier, consumer=town.consumer, wallet="wechatpay", event="E1", status="MERCHANT_PROCESSING",
        problem="other", called="新的事由", claim=Claim(remedy=Remedy.other), trade_no=TRADE, words=words.id, images=2,
        created_at=begun, modified_at=begun, begun_at=begun, answer_due=None, confirm_due=None, escalated_at=None,
        finished_at=None,
    )  # fmt: skip
    await town.desk.act(DISPUTES, CITY, identifier, command, WALLET, contents=[words])
    return identifier


async def test_both_clocks_stand_side_by_side_each_with_its_reason(phone: httpx.AsyncClient, town: Town):
    dispute = await complained(town, 1)
    page = await opened(phone, town, dispute)
    html = (await phone.get(page)).text
    for words in (
        "Answer due",
        "WeChat Pay wants a first answer by",
        "WeChat Pay wants it done by",
        "24 hours",
        "96 hours",
    ):
        assert words in html
    assert "In the words of WeChat Pay: 新的事由" in html
    assert "may refund out of the merchant" in html
    assert "微信支付要求首次答复期限" in (await phone.get(page, headers=ZH)).text


async def test_a_time_that_is_over_there_is_said_and_leaves_every_act_open(phone: httpx.AsyncClient, town: Town):
    dispute = await complained(town, 30)
    row = await town.desk.act(DISPUTES, CITY, dispute, c.TakePictures(pictures=(), seen=("x",), refused=1), WALLET)
    assert row.row is not None
    first = row.row.wallet_dues[0]
    page = await opened(phone, town, dispute)
    before = (await phone.get(page)).text.partition('data-acts="')[2].partition('"')[0]
    await town.desk.act(DISPUTES, CITY, dispute, c.RunOut(rule=first.rule.value, at=first.at), SYSTEM)
    html = (await phone.get(page)).text
    assert "WeChat Pay&#39;s own time for a first answer is over" in html
    assert "no readable pictures: 1." in html
    assert html.partition('data-acts="')[2].partition('"')[0] == before
    assert "answer" in before.split()


async def test_its_pictures_are_shown_to_the_parties_alone(phone: httpx.AsyncClient, town: Town):
    dispute = await complained(town, 1)
    other = await town.dispute()
    shot = Content(id=town.desk.mint(CITY), kind="png", plain=PNG)
    command = c.TakePictures(pictures=(shot.id,), seen=("x",))
    await town.desk.act(DISPUTES, CITY, dispute, command, WALLET, contents=[shot])
    page = await opened(phone, town, dispute)
    assert f"{page}/pictures/{shot.id}" in (await phone.get(page)).text
    found = await phone.get(f"{page}/pictures/{shot.id}")
    assert (found.status_code, found.content) == (200, PNG)
    await opened(phone, town, other)
    assert (await phone.get(f"/{CITY}/merchant/disputes/{other}/pictures/{shot.id}")).status_code == 404
    phone.cookies.clear()
    assert (await phone.get(f"{page}/pictures/{shot.id}")).status_code != 200
