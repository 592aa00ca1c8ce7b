"""One whole platform for the browser tests: its merchants, its people, its wallet's ledger, its clock."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from hejie.app import build
from hejie.base.actor import SYSTEM, Role
from hejie.base.clock import SHANGHAI
from hejie.desk.merchants import MERCHANTS
from hejie.merchants.commands import AddStaff
from hejie.merchants.model import Merchant, Rank, Staff
from hejie_lab.accounts import Account, make_account
from hejie_lab.platform import Platform
from hejie_lab.settling import Settling, bring_tools, settle
from hejie_lab.town import CITY
from hejie_lab.traders import Place, Tool, Trader, credit_code

PATIENCE = 15.0
T = TypeVar("T")
_CHANCE = random.Random(330100)
_NUMBERS = count(1)


def trader(number: int, name: str, company: str, **how: Any) -> Trader:
    """A merchant of one shop."""
    shop = Place(
        store=f"330100-E{number:04d}", name=name, district="330106", address=f"文三路{number}号", category="6210"
    )
    return Trader(
        code=credit_code(_CHANCE, "330106"),
        name=f"杭州{company}有限公司",
        kind="enterprise",
        places=(shop,),
        goods=(("片儿川", 20, 40),),
        account=f"208812345678{number:04d}",
        owner="王建国",
        phone=f"+8613800020{number:03d}",
        stall=False,
        **how,
    )


class Payer(Struct, frozen=True):
    """Somebody with a wallet of their own."""

    user: str
    phone: str


class World:
    """A running platform with three merchants: one refunds by API, one in its own tool, one lets links do little."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.box = platform, platform.sandbox
        self.url, self.sandbox_url = platform.url, self.box.url
        self.noodles = trader(1, "青荷面馆", "青荷餐饮管理", link_limit_fen=100_000)
        self.tailor = trader(2, "丝语成衣店", "丝语服饰", authorised=False, link_limit_fen=100_000)
        self.teahouse = trader(3, "云栖茶馆", "云栖茶业", link_limit_fen=2_000)
        self.snacks = trader(4, "路边小吃", "路边餐饮")
        """Known to the wallet alone."""
        self.merchants: dict[str, Merchant] = {}

    def furnish(self) -> None:
        """Merchants, by the same road as the demo's."""
        traders = (self.noodles, self.tailor, self.teahouse)
        accounts = [
            {"merchant_id": each.account, "cert_no": each.code, "name": each.name, "city": CITY, "balance": "20000.00"}
            for each in (*traders, self.snacks)
        ]
        self.box.load(merchants=accounts)
        aside(self._move_in, traders)

    async def _move_in(self, traders: tuple[Trader, ...]) -> None:
        async with build(self.platform.settings) as app:
            self.merchants = await settle(app, self.platform, traders)

    def account(self, role: Role, authority: str = CITY) -> Account:
        """An officer, a clerk or an owner of the noodle shop, new: an authenticator's code is good only once."""
        made: Account = aside(self._account, role, authority)
        return made

    async def _account(self, role: Role, authority: str) -> Account:
        shop = self.merchants[self.noodles.code].id
        async with build(self.platform.settings) as app:
            place = {Role.officer: authority, Role.clerk: "hotline"}.get(role, shop)
            made = await make_account(app, role, role.value, place, "钱江")
            if role is Role.merchant:
                staff = AddStaff(staff=Staff(person=made.id, rank=Rank.owner))
                await app.desk.act(MERCHANTS, CITY, shop, staff, SYSTEM)
            return made

    def pay(
        self, at: Trader, yuan: str, *, payer: Payer | None = None, item: str = "片儿川", ago: float = 2
    ) -> Payment:
        """Somebody new (or `payer`) pays at a merchant's, `ago` hours before now."""
        payer = payer or self.payer()
        paid_at = self.now - timedelta(hours=ago)
        trade_no = self.box.pay(
            user_id=payer.user,
            merchant_id=at.account,
            amount=yuan,
            subject=item,
            paid_at=f"{paid_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            store_id=at.places[0].store,
            store_name=at.places[0].name,
        )
        return Payment(self, trade_no, payer, at)

    def equip(self, at: Trader, *tools: Tool) -> None:
        """Give a merchant further numbers at the wallets, by the road of the demo's merchants."""
        more = replace(at, tools=tools)
        own = {"cert_no": at.code, "name": at.name, "city": CITY, "balance": "20000.00"}
        self.box.load(merchants=[own | {"merchant_id": each.account} for each in tools if each.wallet == "alipay"])
        bring_tools(self.box, more)
        aside(self._equip, more)

    async def _equip(self, at: Trader) -> None:
        async with build(self.platform.settings) as app:
            settling = Settling(app, self.platform, at)
            for tool in at.tools:
                await settling.equip(self.merchants[at.code], tool)

    def pay_to(self, at: Trader, wallet: str, account: str, yuan: str) -> Payment:
        """Somebody pays to one number of a merchant, two hours ago."""
        paid_at = int((self.now - timedelta(hours=2)).timestamp())
        if wallet == "alipay":
            return self.pay(replace(at, account=account), yuan)
        paid = {"amount": yuan, "paid_at": paid_at}
        if wallet == "wechatpay":
            told = self.box.post(wallet, {"payments": [paid | {"sub_mchid": account, "description": "片儿川"}]})
            return Payment(self, told["transaction_ids"][0], self.payer(), at, wallet)
        told = self.box.post(wallet, {"payments": [paid | {"mer_id": account}]})
        return Payment(self, told["payments"][0]["query_id"], self.payer(), at, wallet)

    def payer(self) -> Payer:
        """Somebody new."""
        number = next(_NUMBERS)
        made = Payer(f"20887770{number:08d}", f"+86139{number:08d}")
        self.box.load(users=[{"user_id": made.user, "name": "林晓", "phone": made.phone[3:]}])
        return made

    @property
    def now(self) -> datetime:
        """The time by the sandbox's clock."""
        return datetime.fromtimestamp(self.box.get("clock")["now"], UTC)

    def advance(self, hours: float) -> None:
        """Move both clocks on."""
        self.platform.advance(hours * 3600)

    def case_link(self, at: Trader, dispute: str) -> str:
        """The link in the text message about a dispute to its merchant."""

        def found() -> str:
            ours = self.rows("select provider_id from delivery where dispute = %s and provider_id <> ''", dispute)
            texts = [each["text"] for each in self.box.sms(at.phone) if (each["message_id"],) in ours]
            return next((f"http{text.rpartition('http')[2].strip()}" for text in texts), "")

        return until(found, f"a message about {dispute} to {at.phone}")

    def one_time_code(self, phone: str, since: float) -> str:
        """The six digits of the newest code sent to a number after an instant of the sandbox's."""

        def found() -> str:
            codes = [m for m in self.box.sms(phone) if m["at"] > since and m["params"].get("code")]
            return str(codes[0]["params"]["code"]) if codes else ""

        return until(found, f"a code to {phone}")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the house's own database says."""
        with psycopg.connect(self.platform.memory.app_url) as connection:
            connection.execute("select set_config('hejie.city', %s, false)", [CITY])
            return connection.execute(sql, values).fetchall()


class Payment(Struct, frozen=True):
    """One payment, seen from the wallet's side."""

    world: World
    trade_no: str
    payer: Payer
    at: Trader
    wallet: str = "alipay"

    @property
    def bill(self) -> str:
        """The payer's bill in the wallet."""
        return f"{self.world.sandbox_url}/wallet/{self.payer.user}"

    @property
    def page(self) -> str:
        """This payment in the payer's wallet."""
        if self.wallet != "alipay":
            return f"{self.world.sandbox_url}/others/{self.wallet}/payments/{self.trade_no}"
        return f"{self.bill}/payments/{self.trade_no}"

    @property
    def refunds(self) -> list[int]:
        """What went back of it by the wallet's own ledger, refund by refund, in fen."""
        if self.wallet == "wechatpay":
            rows = self.world.box.get("wechatpay/ledger")["refunds"]
            return [row["amount"] for row in rows if row["transaction_id"] == self.trade_no]
        if self.wallet == "unionpay":
            rows = self.world.box.get("unionpay/ledger")["transactions"]
            return [row["amount"] for row in rows if row["of_query_id"] == self.trade_no]
        return [row["amount"] for row in self.world.box.ledger()["refunds"] if row["trade_no"] == self.trade_no]

    def await_refunds(self, *fen: int) -> None:
        """Wait for exactly these refunds in the wallet's ledger."""
        until(lambda: self.refunds == [*fen], f"refunds {fen} of {self.trade_no}, found {self.refunds}")

    def disputes(self) -> list[tuple[str, str]]:
        """The house's disputes on it: identifier, state."""
        found = self.world.rows(
            "select id, state from dispute where body->'payments' @> jsonb_build_array("
            "jsonb_build_object('trade_no', %s::text)) order by id",
            self.trade_no,
        )
        return [(str(row[0]), str(row[1])) for row in found]

    def await_state(self, state: str, seconds: float = PATIENCE) -> str:
        """Wait until its newest dispute stands so; the dispute's identifier."""
        return until(
            lambda: next((each for each, now in self.disputes()[-1:] if now == state), ""),
            f"{self.trade_no} {state}, found {self.disputes()}",
            seconds,
        )


def until(come: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """Ask until it is true; what it said."""
    ends = time.monotonic() + seconds
    while not (found := come()):
        assert time.monotonic() < ends, f"waited for {what}"
        time.sleep(0.05)
    return found


def aside(work: Callable[..., Any], *values: object) -> Any:
    """Run a coroutine in a thread of its own: Playwright's loop stands in this one."""
    told: list[Any] = []
    thread = Thread(target=lambda: told.append(asyncio.run(work(*values))))
    thread.start()
    thread.join()
    assert told, f"{partial(work, *values)} failed"
    return told[0]


def open_world(folder: Path) -> World:
    """A platform in a folder, with everybody in it; `world.platform.down()` ends it."""
    platform = Platform(folder, durable=False).up()
    world = World(platform)
    try:
        world.furnish()
    except BaseException:
        platform.down()
        raise
    return world
