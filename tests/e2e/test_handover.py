"""A dispute goes from Hangzhou to Chengdu and ends there: two cities, two officers, a consumer's phone, a merchant."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.axe import examine
from tests.support.alliance import HERE, THERE, Alliance, alliance

from hejie.base.actor import SYSTEM, Role
from hejie.desk.merchants import MERCHANTS
from hejie.edge.sessions import Viewer, begin
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment, Rank, Shop, Staff
from hejie.store.pool import city_transaction

CODE, ACCOUNT, TRADE = "92510104MA6ABCDE1E", "2088000000000001", "2026113022001"
PLACES = {HERE: "330106", THERE: "510107"}


class TwoCities:
    """Both cities, served and worked for in a thread of their own: Playwright's loop stands in this one."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder, self._database = folder, database_url
        self._loop = asyncio.new_event_loop()
        self._ready: Future[Alliance] = Future()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._live()])
        self._thread.start()
        self.both = self._ready.result(60)
        self.url = self.both.url

    async def _live(self) -> None:
        try:
            async with alliance(self._folder, self._database) as both:
                await both.join()
                both.app.house.live.start()
                self._ready.set_result(both)
                while not self._over.is_set():
                    await both.work()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._over.wait(), 0.05)
                await both.app.house.live.close()
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something among them."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(60)
        self._loop.close()

    def sign_in(self, person: Any, city: str, role: Role, who: str, organisation: str = "") -> None:
        """Somebody has signed in."""
        token = self.run(self._session(city, role, who, organisation))
        cookie = {"name": f"hejie-{role.value}", "value": token, "domain": "127.0.0.1", "path": f"/{city}"}
        person.context.add_cookies([cookie])

    async def _session(self, city: str, role: Role, who: str, organisation: str) -> str:
        house = self.both.app.house
        async with city_transaction(house.pool, city) as connection:
            viewer = Viewer(city=city, role=role, person=who, organisation=organisation)
            return await begin(connection, house.chance, viewer)

    async def merchant(self, city: str) -> str:
        """One that is known to its city, with a shop and an owner."""
        desk, identifier = self.both.app.desk, self.both.app.desk.mint(city)
        shop = Shop(id=desk.mint(city), name="锦里面馆", district=PLACES[city], address="锦里一号")
        for command in (
            m.RegisterMerchant(city=city, id=identifier, credit_code=CODE, name="成都锦里餐饮有限公司"),
            m.AddShop(shop=shop),
            m.AddStaff(staff=Staff(person=f"{city}-owner", rank=Rank.owner)),
            m.NoteEnrolment(
                wallet="alipay", account=ACCOUNT, kind=AccountKind.indirect, enrolment=Enrolment.open, trade_no=""
            ),
        ):
            await desk.act(MERCHANTS, city, identifier, command, SYSTEM)
        return identifier

    async def paid(self, merchant: str) -> str:
        """Somebody has paid 88 yuan; who it is here."""
        now, vault = self.both.clock.now(), self.both.app.tools.vaults(HERE)
        payer = payer_handle(vault, "alipay", "u1")
        async with city_transaction(self.both.app.pool, HERE) as connection:
            person = await person_of(connection, HERE, payer, self.both.app.desk.mint(HERE), "zh", now)
            paid = Paid(
                wallet="alipay", trade_no=TRADE, payer=payer, account=ACCOUNT, merchant=merchant, payee="锦里面馆",
                paid_fen=8800, paid_at=now, proven=True, source="entry",
            )  # fmt: skip
            await take_payment(connection, HERE, paid)
        return person


@pytest.fixture
def cities(tmp_path: Path, app_url: str) -> Iterator[TwoCities]:
    made = TwoCities(tmp_path, app_url)
    yield made
    made.close()


def test_a_dispute_goes_to_the_shops_city_and_ends_there(cities, person):
    lin, qian, shu, owner = person("phone"), person("desk"), person("desk", "en"), person("phone")
    first = cities.run(cities.merchant(HERE))
    cities.sign_in(lin, HERE, Role.consumer, cities.run(cities.paid(first)))
    cities.sign_in(qian, HERE, Role.officer, "qian", HERE)
    cities.sign_in(shu, THERE, Role.officer, "shu", THERE)
    lin.go(f"{cities.url}/{HERE}/disputes/new?trade={TRADE}")
    lin.choose("problem", "quality")
    lin.tap("send")
    lin.page.locator("#done").wait_for()
    case = lin.dispute
    qian.go(f"{cities.url}/{HERE}/officer/disputes/{case}")
    wrong = examine(qian, "zh")
    qian.unfold("hand-over")
    qian.page.locator('#hand-over select[name="to"]').select_option(THERE)
    qian.choose("because", "shop_elsewhere")
    qian.type("handover_words", "店在成都锦里。", "#hand-over")
    qian.tap("hand-over")
    qian.reload_until("#handover-state")
    wrong += examine(qian, "zh")
    lin.reload_until("#handed")
    lin.sees("正请成都接收您的纠纷")
    lin.cannot("follow")
    wrong += examine(lin, "zh")
    shu.go(f"{cities.url}/{THERE}/officer/handovers")
    wrong += examine(shu, "en")
    shu.page.locator(f'[data-handover="{case}-1"]').first.click()
    shu.sees("店在成都锦里", "¥88.00", "No merchant was found")
    wrong += examine(shu, "en")
    seller = cities.run(cities.merchant(THERE))
    shu.tap("search")
    shu.press_to('input[name="seller"]')
    shu.page.keyboard.press("Space")
    shu.press_to('[data-act="accept"]')
    shu.page.keyboard.press("Enter")
    shu.page.wait_for_url("**done=accept")
    lin.reload_until('[data-act="follow"]')
    wrong += examine(lin, "zh")
    lin.tap("follow")
    lin.page.wait_for_url(f"**/{THERE}/disputes/{case}")
    lin.sees("这件纠纷由杭州移送而来")
    wrong += examine(lin, "zh")
    cities.sign_in(owner, THERE, Role.merchant, f"{THERE}-owner", seller)
    owner.go(f"{cities.url}/{THERE}/merchant/disputes/{case}")
    owner.sees("这件纠纷由杭州移送而来")
    owner.page.locator('button[data-act^="accept"][value="own_tool"]:visible').first.click()
    owner.page.locator("#done").wait_for()
    lin.reload_until('[data-act="confirm"]')
    lin.tap("confirm")
    lin.page.locator("#done").wait_for()
    qian.reload_until("#told-state.tag_good")
    qian.sees("成都", "已和解")
    lin.go(f"{cities.url}/{HERE}/disputes/{case}")
    lin.reload_until("#there-state.tag_good")
    lin.sees("查看成都的办结情况")
    assert wrong == []
