"""A specialist of a head office works through 50 disputes of 300 shops; a shop's clerk and a second person beside."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from tests.e2e.axe import examine
from tests.e2e.world import aside, trader, until

from hejie.app import build
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.handlings import HANDLINGS
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Remedy
from hejie.edge.members import add_member
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.answering import AnsweringRule, Answers
from hejie.merchants.handling import Assign, handling_of
from hejie.merchants.model import Rank, Staff
from hejie.merchants.office import Reply
from hejie.store.pool import city_transaction
from hejie_lab.accounts import Account
from hejie_lab.settling import settle
from hejie_lab.town import CITY

SHOPS, DISPUTES_MADE = 300, 50
QUALITY, PRICE, DEAR = 30, 15, 5
REPLY = Reply(
    id="sorry",
    name="致歉",
    zh="您在{shop}的消费，我们先退一半，抱歉。",
    en="We are sorry about {shop}; half goes back now.",
)


class Chain:
    """A tea chain with 300 shops, its people, and 50 of its customers."""

    def __init__(self, world) -> None:
        self.world = world
        one = trader(40, "山茶里", "山茶里餐饮管理")
        places = [
            replace(one.places[0], store=f"330100-T{n:04d}", name=f"山茶里({n:03d}号店)", address=f"文二路{n}号")
            for n in range(1, SHOPS + 1)
        ]
        self.trader = replace(one, places=tuple(places))
        world.box.load(
            merchants=[
                {
                    "merchant_id": one.account,
                    "cert_no": one.code,
                    "name": one.name,
                    "city": CITY,
                    "balance": "20000.00",
                }
            ]
        )
        self.people: dict[str, Account] = {}
        self.ids: dict[str, str] = {}
        self.trades: dict[str, str] = {}
        aside(self._open)
        self._pay()
        aside(self._file)

    async def _open(self) -> None:
        async with build(self.world.platform.settings) as app:
            self.merchant = (await settle(app, self.world.platform, [self.trader]))[self.trader.code].id
            for login, name, rank, limit, shops in (
                ("tea.boss", "周总", Rank.owner, 0, ()),
                ("tea.office", "沈青", Rank.manager, 5_000, ()),
                ("tea.shop", "一号店员", Rank.clerk, 5_000, (self.trader.places[0].store,)),
            ):
                password = f"hejie-{secrets.token_hex(6)}"
                made = await add_member(
                    app.house, CITY, login=login, display_name=name, password=password, role=Role.merchant,
                    organisation=self.merchant,
                )  # fmt: skip
                staff = Staff(person=made.id, rank=rank, refund_limit_fen=limit, shops=shops)
                await self._tell(app, m.AddStaff(staff=staff))
                self.people[login] = Account(
                    id=made.id, role=Role.merchant, login=login, password=password, totp_secret=made.totp_secret
                )
            by_boss = Actor(Role.merchant, self.people["tea.boss"].id, self.merchant)
            rule = AnsweringRule(id="dear", answers=Answers.office, least_fen=10_000)
            for command in (m.SetAnswering(rules=(rule,)), m.SetTarget(hours=24), m.SetReplies(replies=(REPLY,))):
                await self._tell(app, command, by_boss)

    async def _tell(self, app, command, actor=SYSTEM) -> None:
        await app.desk.act(MERCHANTS, CITY, self.merchant, command, actor)

    def _pay(self) -> None:
        payer = self.payer = self.world.payer()
        paid_at = self.world.now - timedelta(hours=2)
        for number in range(DISPUTES_MADE):
            place = self.trader.places[number * 6]
            name = f"{number:02d}"
            self.trades[name] = self.world.box.pay(
                user_id=payer.user, merchant_id=self.trader.account, amount=f"{_yuan(number)}.00", subject="茉莉奶绿",
                paid_at=f"{paid_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
                store_id=place.store, store_name=place.name,
            )  # fmt: skip

    async def _file(self) -> None:
        async with build(self.world.platform.settings) as app:
            handle = payer_handle(app.house.vaults(CITY), "alipay", self.payer.user)
            now = app.house.clock.now()
            async with city_transaction(app.pool, CITY) as connection:
                consumer = await person_of(connection, CITY, handle, app.desk.mint(CITY), "zh", now)
            self.consumer = Actor(Role.consumer, consumer)
            for number, (name, trade) in enumerate(self.trades.items()):
                paid = Paid(
                    wallet="alipay", trade_no=trade, payer=handle, account=self.trader.account, merchant=self.merchant,
                    shop=self.trader.places[number * 6].store, item="茉莉奶绿", paid_fen=_yuan(number) * 100,
                    paid_at=now - timedelta(hours=2), proven=True, source="entry",
                )  # fmt: skip
                async with city_transaction(app.pool, CITY) as connection:
                    await take_payment(connection, CITY, paid)
                problem = "price" if QUALITY <= number < QUALITY + PRICE else "quality"
                command = d.File(
                    id=app.desk.mint(CITY), trades=(trade,), problem=problem, claim=Claim(remedy=Remedy.refund_full)
                )
                await app.desk.act(DISPUTES, CITY, command.id, command, self.consumer)
                self.ids[name] = command.id

    def boss_takes(self, name: str) -> None:
        """The owner takes one, at another desk."""
        aside(self._boss_takes, name)

    async def _boss_takes(self, name: str) -> None:
        boss = self.people["tea.boss"].id
        async with build(self.world.platform.settings) as app:
            command, actor = Assign(answers=Answers.office, person=boss), Actor(Role.merchant, boss, self.merchant)
            await app.desk.act(HANDLINGS, CITY, handling_of(self.ids[name]), command, actor)

    def say(self, name: str) -> None:
        """The customer writes, just now."""
        aside(self._say, name)

    async def _say(self, name: str) -> None:
        async with build(self.world.platform.settings) as app:
            words = Content(id=app.desk.mint(CITY), kind="text", plain="请快一点".encode())
            command = d.Say(words=words.id)
            await app.desk.act(DISPUTES, CITY, self.ids[name], command, self.consumer, contents=[words])

    def come_in(self, person, login: str) -> None:
        account = self.people[login]
        person.go(f"{self.world.url}/330100/merchant/sign-in")
        for name, text in (("login", login), ("password", account.password), ("code", account.code(datetime.now(UTC)))):
            person.type(name, text)
        person.tap("sign-in")
        person.page.wait_for_url("**/330100/merchant")

    def states(self) -> dict[str, int]:
        rows = self.world.rows("select state, count(*) from dispute where merchant = %s group by state", self.merchant)
        return {state: int(count) for state, count in rows}

    def refunded(self) -> int:
        own = set(self.trades.values())
        return sum(row["trade_no"] in own for row in self.world.box.ledger()["refunds"])


def _yuan(number: int) -> int:
    return 200 if number >= QUALITY + PRICE else 18


@pytest.fixture(scope="module")
def chain(world):
    return Chain(world)


def test_a_specialist_works_through_fifty_disputes_of_three_hundred_shops(world, chain, person):
    office, boss, shop = person("desk"), person("phone"), person("phone")
    queue = f"{world.url}/330100/merchant"
    chain.come_in(office, "tea.office")
    office.sees("本企业时限")
    assert examine(office, "zh") == []
    # Something changes in the list while somebody ticks: it is shown, and the ticks stay.
    office.page.locator("input.line__tick").first.check()
    chain.boss_takes("00")
    office.sees("周总", within="#live")
    assert office.page.locator("input.line__tick").first.is_checked()
    # The cheap ones, page by page: agreed to all at once; one has changed meanwhile, and is looked at again.
    office.go(f"{queue}?problem=quality&state=awaiting_merchant")
    first = office.page.locator("input.line__tick")
    names = {identifier: name for name, identifier in chain.ids.items()}
    changed = names[first.first.get_attribute("value").partition(".")[2]]
    _tick_all(office)
    office.tap("many-preview")
    office.sees("25 件纠纷", "合计 ¥450.00", "尚未发出任何内容")
    assert examine(office, "zh") == []
    chain.say(changed)
    office.tap("many-do")
    office.sees("已完成 24 件", "1 件未完成")
    assert examine(office, "zh") == []
    office.tap("many-again")
    office.tap("many-do")
    office.sees("已完成 1 件")
    office.go(f"{queue}?problem=quality&state=awaiting_merchant")
    _tick_all(office)
    office.tap("many-preview")
    office.sees("待二次审批")
    office.tap("many-do")
    office.sees("已完成 5 件", "5 件待二次审批")
    # The contested ones: half back, with a prepared reply.
    office.go(f"{queue}?problem=price")
    _tick_all(office)
    office.choose("act", "part")
    office.page.select_option("#reply", "sorry")
    office.tap("many-preview")
    office.sees("部分退款 ¥9.00", "您在山茶里(181号店)的消费，我们先退一半，抱歉。")
    office.tap("many-do")
    office.sees("已完成 15 件")
    # The dear ones: the owner agrees on the phone; a shop only looks.
    chain.come_in(shop, "tea.shop")
    shop.sees("山茶里")
    chain.come_in(boss, "tea.boss")
    for _ in range(DEAR):
        boss.go(f"{queue}?state=asked")
        boss.page.locator(".line .pay__top a").first.click()
        boss.sees("沈青拟答复：全额退款 ¥200.00")
        boss.tap("approve")
        boss.page.locator("#done").wait_for(state="attached")
    boss.go(f"{queue}?state=asked")
    boss.misses("¥200.00")
    wanted = {"awaiting_consumer": PRICE, "settled": QUALITY + DEAR}
    until(lambda: chain.states() == wanted, f"{wanted}, found {chain.states()}", seconds=40)
    assert chain.refunded() == QUALITY + DEAR
    with office.page.expect_download() as got:
        office.go(f"{queue}?state=open")
        office.tap("export")
    lines = got.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + PRICE
    assert re.search(r"纠纷编号", lines[0])


def _tick_all(office) -> None:
    office.page.locator("[data-tick-all]").click()
