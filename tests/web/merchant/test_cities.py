"""One person in two cities of one database: one queue, no second password, and nothing for anybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pyotp
import pytest
from msgspec.structs import replace
from tests.support.bare_house import OTHER
from tests.web.merchant.chain_town import QUEUE, listed, outcomes, sent
from tests.web.merchant.merchant_town import keys, opened, sign_in
from tests.web.officer.officer_town import CITY, PASSWORD

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Remedy
from hejie.disputes.states import State
from hejie.edge.members import NewMember, add_member
from hejie.edge.memberships import Elsewhere, confirmed, elsewhere
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import Rank, Shop, Staff
from hejie.queries.record import read_dispute
from hejie.store.pool import city_transaction

OFFICE = f"{QUEUE}/office"


class Branch:
    """The same chain in the other city."""

    def __init__(self, town) -> None:
        self.town, self.house, self.desk = town, town.house, town.desk
        self.merchant, self.shop, self.count = self.desk.mint(OTHER), self.desk.mint(OTHER), 0

    async def open(self) -> None:
        settings = replace(read_city(shipped(CITY)), code=OTHER)
        await self.desk.act(CITIES, OTHER, OTHER, ApplySettings(settings=settings), SYSTEM)
        await self.tell(
            m.RegisterMerchant(city=OTHER, id=self.merchant, credit_code="91330106MA2CFLDC09", name="上海奎元馆")
        )
        await self.tell(
            m.AddShop(shop=Shop(id=self.shop, name="奎元馆南京路店", district="310101", address="南京路1号"))
        )
        self.person = await self.hire("li.na.sh", Rank.manager)

    async def hire(self, login: str, rank: Rank) -> NewMember:
        made = await add_member(
            self.house, OTHER, login=login, display_name="李娜（沪）", password=PASSWORD, role=Role.merchant,
            organisation=self.merchant,
        )  # fmt: skip
        await self.tell(m.AddStaff(staff=Staff(person=made.id, rank=rank, refund_limit_fen=10_000)))
        return made

    async def tell(self, command: m.Command) -> None:
        await self.desk.act(MERCHANTS, OTHER, self.merchant, command, SYSTEM)

    async def dispute(self) -> str:
        self.count += 1
        trade, handle = f"SH{self.count}", payer_handle(self.house.vaults(OTHER), "alipay", "2088900000000009")
        now = self.house.clock.now()
        async with city_transaction(self.house.pool, OTHER) as connection:
            consumer = await person_of(connection, OTHER, handle, self.desk.mint(OTHER), "zh", now)
            paid = Paid(
                wallet="alipay", trade_no=trade, payer=handle, account="2088", merchant=self.merchant, shop=self.shop,
                item="生煎", paid_fen=3000, paid_at=now - timedelta(hours=1), proven=True, source="entry",
            )  # fmt: skip
            await take_payment(connection, OTHER, paid)
        command = c.File(
            id=self.desk.mint(OTHER), trades=(trade,), problem="quality",
            claim=Claim(remedy=Remedy.refund_part, amount_fen=700),
        )  # fmt: skip
        await self.desk.act(DISPUTES, OTHER, command.id, command, Actor(Role.consumer, consumer))
        return command.id

    async def row(self, dispute: str) -> Any:
        async with city_transaction(self.house.pool, OTHER) as connection:
            return await read_dispute(connection, OTHER, dispute)


@pytest.fixture
async def branch(town, chain, database) -> Branch:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("delete from city where city = %s", [OTHER])
    made = Branch(town)
    await made.open()
    await town.house.cities()
    return made


async def join(phone, branch: Branch, **told: str):
    fields = {
        "other": OTHER,
        "other_login": "li.na.sh",
        "other_password": PASSWORD,
        "other_code": pyotp.TOTP(branch.person.totp_secret).now(),
    }
    return await phone.post(f"{QUEUE}/cities", data=keys((await phone.get(OFFICE)).text) | fields | told)


async def test_one_queue_over_both_cities_and_over_without_a_password(phone, town, chain, branch):
    here, there = await town.dispute(), await branch.dispute()
    await sign_in(phone, town, chain.id("li.na"))
    assert listed((await phone.get(QUEUE)).text) == [here]
    assert (await join(phone, branch)).headers["location"] == f"{OFFICE}?done=joined#cities"
    html = (await phone.get(QUEUE)).text
    assert listed(html) == [here, there]
    assert listed((await phone.get(f"{QUEUE}?city={OTHER}")).text) == [there]
    case = f"/{OTHER}/merchant/disputes/{there}"
    assert f"/merchant/cities/{OTHER}?to=%2F{OTHER}%2Fmerchant%2Fdisputes%2F{there}" in html
    assert (await phone.get(case)).headers["location"].startswith(f"/{OTHER}/merchant/sign-in")
    over = await phone.get(f"{QUEUE}/cities/{OTHER}?to={case}")
    assert over.headers["location"] == case
    assert f"Path=/{OTHER}" in over.headers["set-cookie"]
    shown = await phone.get(case)
    assert shown.status_code == 200
    assert "奎元馆南京路店" in shown.text
    assert listed((await phone.get(f"/{OTHER}/merchant")).text) == [here, there], "and the other way round"
    back = await phone.get(f"/{OTHER}/merchant/cities/{CITY}?to={QUEUE}/disputes/{here}")
    assert back.headers["location"] == f"{QUEUE}/disputes/{here}"
    assert "set-cookie" not in back.headers, "a session opened so opens none in turn"


async def test_several_at_once_go_to_the_city_of_each(phone, town, chain, branch):
    here, there = await town.dispute(), await branch.dispute()
    await sign_in(phone, town, chain.id("li.na"))
    await join(phone, branch)
    html = (await phone.get(QUEUE)).text
    told = {"act": "answer", "words": "我们查过了，没有问题。", "pick": [f"{CITY}.{here}", f"{OTHER}.{there}"]}
    preview = await phone.post(f"{QUEUE}/many", data=keys(html) | told)
    assert outcomes((await phone.post(f"{QUEUE}/many/do", data=sent(preview))).text) == ["done", "done"]
    assert (await branch.row(there)).state is State.awaiting_consumer
    async with city_transaction(town.house.pool, OTHER) as connection:
        cursor = await connection.execute("select actor from log where id = %s order by version desc limit 1", [there])
        assert (await cursor.fetchone())[0] == branch.person.id


async def test_nobody_comes_over_without_both_cities_saying_so(phone, town, chain, branch, database):
    there = await branch.dispute()
    case, hop = f"/{OTHER}/merchant/disputes/{there}", f"{QUEUE}/cities/{OTHER}"
    await sign_in(phone, town, chain.id("li.na"))
    assert (await phone.get(f"{hop}?to={case}")).status_code == 404
    wrong = await join(phone, branch, other_code="000000")
    assert wrong.status_code == 401
    assert (await join(phone, branch, other=CITY)).status_code == 422
    assert (await join(phone, branch, other="999999")).status_code == 404
    with psycopg.connect(database.superuser_url) as connection:
        half = "insert into membership values (%s, %s, %s, %s, now())"
        connection.execute(half, [CITY, chain.id("li.na"), OTHER, branch.person.id])
    assert listed((await phone.get(QUEUE)).text) == []
    assert (await phone.get(f"{hop}?to={case}")).status_code == 404
    assert "hejie-merchant" not in {each.name for each in phone.cookies.jar if each.path == f"/{OTHER}"}


async def test_who_has_left_there_or_parted_sees_nothing_of_it(phone, town, chain, branch):
    there = await branch.dispute()
    await branch.hire("boss.sh", Rank.owner)
    await sign_in(phone, town, chain.id("li.na"))
    await join(phone, branch)
    assert listed((await phone.get(QUEUE)).text) == [there]
    await branch.tell(m.RemoveStaff(person=branch.person.id))
    assert listed((await phone.get(QUEUE)).text) == []
    assert (await phone.get(f"{QUEUE}/cities/{OTHER}")).status_code == 404
    await branch.tell(m.AddStaff(staff=Staff(person=branch.person.id, rank=Rank.clerk)))
    assert listed((await phone.get(QUEUE)).text) == [there]
    parted = await phone.post(f"{QUEUE}/cities/part", data=keys((await phone.get(OFFICE)).text) | {"other": OTHER})
    assert parted.status_code == 303
    assert listed((await phone.get(QUEUE)).text) == []
    async with city_transaction(town.house.pool, OTHER) as connection:
        assert await elsewhere(connection, OTHER, branch.person.id) == []
        there_too = Elsewhere(OTHER, branch.person.id)
        assert await confirmed(connection, there_too, CITY, chain.id("li.na")) is None


async def test_a_city_that_has_moved_away_leaves_the_queue_and_stops_nothing(phone, town, chain, branch, database):
    here = await town.dispute()
    await branch.dispute()
    await sign_in(phone, town, chain.id("li.na"))
    await join(phone, branch)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("insert into city_moved values (%s, 'epoch', 'https://new.example')", [OTHER])
    await town.house.cities()
    assert listed((await phone.get(QUEUE)).text) == [here]
    moved = await phone.get(f"/{OTHER}/merchant")
    assert (moved.status_code, f"https://new.example/{OTHER}/merchant" in moved.text) == (503, True)
    parted = await phone.post(f"{QUEUE}/cities/part", data=keys((await phone.get(OFFICE)).text) | {"other": OTHER})
    assert parted.status_code == 303


async def test_the_way_over_leads_only_into_that_city(phone, town, chain, branch):
    await sign_in(phone, town, chain.id("li.na"))
    await join(phone, branch)
    for bad in ("https://evil.example/", "//evil.example", f"/{CITY}/merchant", "javascript:1", f"/{OTHER}\\evil"):
        answer = await phone.get(f"{QUEUE}/cities/{OTHER}", params={"to": bad})
        assert answer.headers["location"] == f"/{OTHER}/merchant", bad
    phone.cookies.clear()
    await opened(phone, town, await town.dispute())
    assert (await phone.get(f"{QUEUE}/cities/{OTHER}")).status_code in {303, 401, 403}
