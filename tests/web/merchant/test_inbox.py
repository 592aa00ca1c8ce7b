"""The merchant's door and inbox: two factors, the most urgent first, only one's own shops."""

from __future__ import annotations

import re

import pyotp
from msgspec.structs import replace
from tests.web.merchant.merchant_town import EN, ZH, keys, merchant_of, opened, send, sign_in
from tests.web.officer.officer_town import CITY, PASSWORD

from hejie.base.actor import Role
from hejie.disputes import commands as c
from hejie.edge.members import add_member
from hejie.merchants import commands as m
from hejie.merchants.model import Rank, Staff
from hejie.queries.queue import ALL_OPEN, Key, Want, queue
from hejie.store.pool import city_transaction

INBOX, DOOR = f"/{CITY}/merchant", f"/{CITY}/merchant/sign-in"


def listed(html: str) -> list[str]:
    return re.findall(rf'href="{INBOX}/disputes/([^"]+)"', html)


async def test_staff_come_in_with_password_and_code(phone, town):
    made = await add_member(
        town.house,
        CITY,
        login="manager.li",
        display_name="李经理",
        password=PASSWORD,
        role=Role.merchant,
        organisation=town.merchant,
    )
    await town.tell(m.AddStaff(staff=Staff(person=made.id, rank=Rank.manager)))
    assert (await phone.get(INBOX)).headers["location"].startswith(DOOR)
    wrong = await send(phone, DOOR, "", login="manager.li", password=PASSWORD, code="000000")
    assert wrong.status_code == 401
    assert "hejie-merchant" not in phone.cookies
    code = pyotp.TOTP(made.totp_secret).now()
    assert (await send(phone, DOOR, "", login="manager.li", password=PASSWORD, code=code)).headers["location"] == INBOX
    html = (await phone.get(INBOX, headers=ZH)).text
    assert "待我方处理，先到期在前" in html
    left = await phone.post(f"{INBOX}/sign-out", data=keys(html) | {"csrf": keys(html).get("csrf", "")})
    assert left.headers["location"] == DOOR
    assert (await phone.get(INBOX)).status_code == 303


async def test_what_waits_for_the_merchant_comes_first(phone, town):
    first, second, third = [await town.dispute(f"第{number}次") for number in range(3)]
    await town.do(first, c.Answer(words=town.text("好").id), "merchant")
    await town.do(third, c.Withdraw(), "consumer")
    await sign_in(phone, town)
    assert listed((await phone.get(INBOX)).text) == [second]
    assert listed((await phone.get(f"{INBOX}?state=open")).text) == [second, first]
    assert listed((await phone.get(f"{INBOX}?state=ended")).text) == [third]
    assert listed((await phone.get(f"{INBOX}?state=awaiting_consumer")).text) == [first]
    part = (await phone.get(f"{INBOX}/part?state=ended")).text
    assert listed(part) == [third]
    assert "<html" not in part
    assert (await phone.get(f"{INBOX}?after=nonsense")).status_code == 422


async def test_pages_follow_each_other_without_gap_or_double(town):
    made = [await town.dispute(f"第{number}次") for number in range(5)]
    await town.do(made[0], c.Answer(words=town.text("好").id), "merchant")
    await town.do(made[1], c.Withdraw(), "consumer")
    await town.do(made[2], c.Withdraw(), "consumer")
    for want, whole in ((Want(states=ALL_OPEN), {made[0], *made[3:]}), (Want(states=()), set(made[1:3]))):
        seen: list[str] = []
        after = None
        async with city_transaction(town.house.pool, CITY) as connection:
            while page := await queue(connection, CITY, town.merchant, want, after, size=1):
                seen += [item.id for item in page]
                after = Key(page[-1].at, page[-1].id)
        assert sorted(seen) == sorted(whole)


async def test_staff_of_one_shop_see_that_shop(phone, town):
    here = await town.dispute()
    other = town.desk.mint(CITY)
    shop = (await merchant_of(town)).shops[0]
    await town.tell(m.AddShop(shop=replace(shop, id=other, name="奎元馆武林店")))
    await town.tell(m.AddStaff(staff=Staff(person="clerk-2", rank=Rank.clerk, shops=(other,))))
    await sign_in(phone, town, "clerk-2")
    assert listed((await phone.get(f"{INBOX}?shop={town.shop}")).text) == []
    await sign_in(phone, town)
    assert listed((await phone.get(f"{INBOX}?shop={town.shop}")).text) == [here]
    assert listed((await phone.get(f"{INBOX}?shop={other}")).text) == []


async def test_a_case_link_leads_to_its_case_and_no_former_staff_come_in(phone, town):
    dispute = await town.dispute()
    page = await opened(phone, town, dispute)
    assert (await phone.get(INBOX)).headers["location"] == page
    assert (await phone.get(f"{INBOX}/settings", headers=EN)).headers["location"].startswith(DOOR)
    await sign_in(phone, town, "left-long-ago")
    for path in ("", "/part", "/live", "/settings"):
        assert (await phone.get(INBOX + path)).status_code == 403
