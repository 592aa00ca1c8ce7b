"""Not my sale, on the pages: the named party's link, its answer, an officer's word, and who sees what afterwards."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from datetime import datetime

import pytest
from msgspec import Struct
from tests.support import unjoined
from tests.support.town import CITY, OFFICER, PHONE, Town
from tests.support.unjoined import SHOP, code_of
from tests.web.consumer_lab import Browser, filed, signed_in

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.desk.handlings import HANDLINGS
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as c
from hejie.disputes.states import State
from hejie.merchants import commands as m
from hejie.merchants import handling as h
from hejie.merchants.answering import Answers
from hejie.merchants.model import Staff
from hejie.queries.queue import read_handling
from hejie.store.pool import city_transaction

WORDS, SECRET = "这是加盟店卖的", "面里有头发，我叫张三"


class Scene(Struct):
    """A dispute, the merchant that was paid, another one, and everybody's browsers."""

    here: Town
    dispute: str
    other: str
    consumer: Browser
    paid: Browser
    officer: Browser

    @property
    def page(self) -> str:
        return f"merchant/disputes/{self.dispute}"

    @property
    def as_other(self) -> Actor:
        return Actor(Role.merchant, "owner-2", self.other)

    async def deny(self, **named: str) -> Browser:
        await self.paid.open(self.page)
        await self.paid.send("not-ours", denial_reason="franchisee_sold", denial_words=WORDS, **named)
        return self.paid

    async def sent(self, phone: str) -> list[str]:
        await self.here.work()
        return [each["text"] for each in self.here.wallet.get("sms") if each["to"] == phone.removeprefix("+")]

    async def by_link(self) -> Browser:
        """The named party opens what its phone was sent."""
        (text,) = [each for each in await self.sent(unjoined.PHONE) if "是否属实" in each]
        address = re.search(r"/\d{6}/m/\w+", text)
        assert address
        phone = Browser(self.here)
        await phone.open(address[0])
        return phone

    async def items(self) -> list[bool]:
        found = await self.here.rows("select done_at is not null from work_item where kind = 'sale_denied'")
        return [done for (done,) in found]

    async def templates(self, audience: str) -> list[str]:
        query = "select template from notice where audience = %s order by at, id"
        return [template for (template,) in await self.here.rows(query, audience)]

    async def decide(self, found: str, **fields: str) -> Browser:
        await self.officer.open(f"officer/disputes/{self.dispute}")
        await self.officer.send("judge-denial", found=found, denial_words="查了营业执照", **fields)
        return self.officer


def unzipped(raw: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return [archive.read(name) for name in archive.namelist()]


@pytest.fixture
async def scene(here: Town, browser: Browser) -> Scene:
    other = await unjoined.register(here)
    staff = m.AddStaff(staff=Staff(person="owner-2", rank="owner"))
    await here.app.desk.act(MERCHANTS, CITY, other, staff, SYSTEM)
    dispute = await filed(here, browser, words=SECRET, escalates="")
    await here.work()
    paid = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    return Scene(here, dispute, other, browser, paid, officer)


async def test_the_named_party_takes_it_by_its_link(scene: Scene):
    here, before = scene.here, await scene.here.read(scene.dispute)
    await scene.deny(party_code=code_of(77).lower(), party_shop=SHOP)
    assert "已记下" in scene.paid.text
    asked = await here.read(scene.dispute)
    assert (asked.state, asked.due, asked.asked, asked.merchant) == (
        before.state,
        before.due,
        scene.other,
        here.merchant,
    )
    phone = await scene.by_link()
    assert (phone.page.status_code, "是贵店售出的吗" in phone.text) == (200, True)
    assert "¥50.00" in phone.text
    for hidden in (SECRET, WORDS, "张三", "奎元馆", "要求"):
        assert hidden not in phone.text
    assert await scene.templates("consumer") == ["sale_denied"]
    inbox = await signed_in(here, Role.merchant, "owner-2", scene.other)
    await inbox.open("merchant")
    assert "另一商户表示" in inbox.text
    await scene.consumer.open(f"disputes/{scene.dispute}")
    assert "商户表示这笔消费不是它售出的" in scene.consumer.text
    await phone.tap("ours", ours="yes")
    assert phone.page.status_code == 200
    assert SECRET in phone.text, "the dispute is its own now"
    assert "先前的商户表示这是另一商户售出的" in phone.text
    row = await here.read(scene.dispute)
    assert (row.merchant, row.district, row.state, row.due) == (scene.other, "330102", before.state, before.due)
    await here.work()
    assert await scene.templates("consumer") == ["sale_denied", "moved"]
    assert await scene.items() == []
    await inbox.open("merchant")
    assert scene.dispute in inbox.html
    assert "另一商户表示" not in inbox.text
    await scene.consumer.open(f"disputes/{scene.dispute}")
    assert SHOP in scene.consumer.text


async def test_the_former_merchant_keeps_the_record_up_to_the_move(scene: Scene):
    await scene.deny(party_code=code_of(77))
    await scene.here.act(scene.dispute, c.TakeSale(ours=True), scene.as_other)
    await scene.consumer.open(f"disputes/{scene.dispute}")
    await scene.consumer.send("say", words="后来的话")
    await scene.paid.open("merchant")
    assert scene.dispute not in scene.paid.html
    await scene.paid.open(scene.page)
    assert SECRET in scene.paid.text
    assert "后来的话" not in scene.paid.text
    assert "<textarea" not in scene.paid.html
    await scene.here.work()
    assert "moved_on" in await scene.templates("merchant")
    for part in ("top", "talk"):
        await scene.paid.open(f"{scene.page}/{part}")
        assert scene.paid.page.headers["hx-redirect"] == f"/{CITY}/{scene.page}", part
    await scene.paid.open(f"{scene.page}/live")
    assert scene.paid.page.status_code == 404
    await scene.paid.open(f"{scene.page}/record.zip")
    assert scene.paid.page.status_code == 200
    assert "后来的话".encode() not in b"".join(unzipped(scene.paid.page.content))


async def test_what_the_former_merchants_people_said_stays_with_them(scene: Scene):
    here = scene.here
    give = h.Assign(answers=Answers.shop, person="owner-1")
    await here.app.desk.act(HANDLINGS, CITY, h.handling_of(scene.dispute), give, here.as_merchant)
    await scene.deny(party_code=code_of(77))
    await here.act(scene.dispute, c.TakeSale(ours=True), scene.as_other)
    async with city_transaction(here.app.pool, CITY) as connection:
        assert await read_handling(connection, CITY, scene.dispute) is None
    await here.work()
    assert await here.rows("select merchant, assignee from handling") == [(scene.other, "")]
    assert await here.rows("select assignee from dispute") == [("",)]


async def test_no_and_an_officer_decides_for_the_named_one(scene: Scene):
    await scene.deny(party_code=code_of(77))
    phone = await scene.by_link()
    await phone.tap("ours", ours="no", sale_words="那天我们休息")
    assert "工作人员" in phone.text
    await scene.here.work()
    assert await scene.items() == [False]
    await scene.decide("named")
    row = await scene.here.read(scene.dispute)
    assert (row.merchant, row.denied_falsely) == (scene.other, scene.other)
    assert await scene.items() == [True]
    await scene.officer.open(f"officer/merchants/{scene.other}")
    assert "不实" in scene.officer.text


async def test_silence_till_half_of_the_time_asks_an_officer(scene: Scene):
    await scene.deny(party_code=code_of(77))
    await scene.here.work()
    scene.here.advance(hours=47)
    await scene.here.work()
    assert await scene.items() == []
    scene.here.advance(hours=1, minutes=1)
    await scene.here.work()
    assert await scene.items() == [False]
    assert "denial_passed" in await scene.templates("consumer")
    scene.here.advance(hours=48)
    await scene.here.work()
    assert (await scene.here.read(scene.dispute)).state is State.overdue, "the consumer's clock ran all the while"


async def test_nobody_is_named_and_nobody_is_found(scene: Scene):
    await scene.deny()
    await scene.here.work()
    assert await scene.items() == [False]
    await scene.officer.open("officer/items")
    assert "商户表示不是它售出的" in scene.officer.text
    await scene.decide("nobody")
    row = await scene.here.read(scene.dispute)
    assert (row.state, row.escalated_because, row.denied_falsely) == (State.mediating, "no_seller", "")
    assert any("贵店无需答复" in text for text in await scene.sent(PHONE))
    assert (await scene.templates("consumer"))[-1] == "denial_right"


async def test_a_false_denial_counts_and_the_merchant_is_told_to_answer(scene: Scene):
    await scene.deny()
    due: datetime | None = (await scene.here.read(scene.dispute)).due.at
    await scene.decide("wrong")
    row = await scene.here.read(scene.dispute)
    assert (row.denied_falsely, row.due.at, row.state) == (scene.here.merchant, due, State.awaiting_merchant)
    await scene.here.work()
    assert "denial_wrong" in await scene.templates("merchant")
    await scene.paid.open(scene.page)
    assert 'id="not-ours"' not in scene.paid.html
    await scene.officer.open(f"officer/merchants/{scene.here.merchant}")
    assert "不实" in scene.officer.text


async def test_an_officer_names_whom_the_merchant_did_not_know(scene: Scene):
    await scene.deny()
    await scene.decide("typed")
    assert scene.officer.page.status_code == 422
    await scene.decide("typed", party_name=unjoined.NAME, party_shop=SHOP)
    assert (await scene.here.read(scene.dispute)).merchant == scene.other


@pytest.mark.parametrize(
    "named",
    [
        {"party_code": code_of(78)},
        {"party_code": code_of(77), "party_shop": "没有的店"},
        {"party_name": unjoined.NAME},
        {"party_name": unjoined.NAME[:4], "party_shop": SHOP},
    ],
)
async def test_only_exact_names_are_found(scene: Scene, named: dict[str, str]):
    await scene.deny(**named)
    assert scene.paid.page.status_code == 422
    assert WORDS in scene.paid.html
    assert (await scene.here.read(scene.dispute)).denial is None


async def test_one_cannot_name_oneself(scene: Scene):
    await scene.deny(party_code="91330106MA2CFLDC09")
    assert scene.paid.page.status_code == 422
    assert (await scene.here.read(scene.dispute)).denial is None


async def test_of_two_answers_at_once_one_counts(scene: Scene):
    await scene.deny(party_code=code_of(77))
    answers = await asyncio.gather(
        *(scene.here.act(scene.dispute, c.TakeSale(ours=True), scene.as_other) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, HejieError) for each in answers) == 3
    assert len((await scene.here.read(scene.dispute)).former) == 1


async def test_strangers_see_nothing(scene: Scene):
    third = scene.here.app.desk.mint(CITY)
    command = m.RegisterMerchant(city=CITY, id=third, credit_code=code_of(90), name="第三家")
    await scene.here.app.desk.act(MERCHANTS, CITY, third, command, SYSTEM)
    staff = m.AddStaff(staff=Staff(person="owner-3", rank="owner"))
    await scene.here.app.desk.act(MERCHANTS, CITY, third, staff, SYSTEM)
    await scene.deny(party_code=code_of(77))
    stranger = await signed_in(scene.here, Role.merchant, "owner-3", third)
    await stranger.open(scene.page)
    assert stranger.page.status_code == 404
