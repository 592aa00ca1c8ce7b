"""A town moves in by the real road: the desk, the worker's duties, the wallet's own pages; safe to repeat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from hejie.agenda import Task
from hejie.app import App, build
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.base.money import yuan
from hejie.desk.act import Content
from hejie.desk.bindings import BINDINGS
from hejie.desk.merchants import MERCHANTS
from hejie.merchants import commands as m
from hejie.merchants.bindings import Basis, Bind, Evidence, Identity, Scheme
from hejie.merchants.model import Kind, Merchant, Rank, Shop, Staff
from hejie.merchants.standing import StandingRule
from hejie.queries.bindings import bindings_of
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks
from hejie_lab.errors import LabError
from hejie_lab.introductions import UNIONPAY_MEMBER
from hejie_lab.platform import Platform
from hejie_lab.town import CITY, Purchase, Town
from hejie_lab.traders import Tool, Trader
from hejie_lab.wallet import SandboxDoor

WALLET = "alipay"
AT_ONCE = 6
PATIENCE = 90.0
"""Seconds that a trader's opening at the wallet may take."""
BATCH = 100

_FIND = "select body::text from merchant where city = %s and credit_code = %s"


def move_in(platform: Platform, town: Town, tell: Callable[[str], None] = lambda _: None) -> dict[str, Merchant]:
    """Bring a whole town into a running platform; credit code → merchant. For callers without an event loop."""

    async def whole() -> dict[str, Merchant]:
        async with build(platform.settings) as app:
            await asyncio.to_thread(bring_payments, platform.sandbox, town, town.purchases)
            return await settle(app, platform, town.traders, tell)

    return asyncio.run(whole())


def bring_payments(sandbox: SandboxDoor, town: Town, purchases: Sequence[Purchase], city: str = CITY) -> None:
    """Make accounts and these payments in the sandbox; what is there already stays as it is."""
    sandbox.load(
        users=[{"user_id": each.user, "name": each.name, "phone": each.phone[3:]} for each in town.payers],
        merchants=[
            _account(trader, city) | {"merchant_id": each} for trader in town.traders for each in _accounts(trader)
        ],
    )
    bring_elsewhere(sandbox, town)
    for start in range(0, len(purchases), BATCH):
        sandbox.load(payments=[payment(each) for each in purchases[start : start + BATCH]])


def _accounts(trader: Trader) -> list[str]:
    former = [each.account for each in trader.tools if each.wallet == WALLET]
    return list(dict.fromkeys([trader.account, *former]))


def bring_elsewhere(sandbox: SandboxDoor, town: Town) -> None:
    """Numbers and payments at WeChat Pay and UnionPay."""
    for trader in town.traders:
        bring_tools(sandbox, trader)
    told: dict[str, list[dict[str, object]]] = {"wechatpay": [], "unionpay": []}
    for each in town.elsewhere:
        paid: dict[str, object] = {"amount": yuan(each.amount_fen), "paid_at": int(each.paid_at.timestamp())}
        if each.wallet == "wechatpay":
            paid |= {"sub_mchid": each.account, "description": each.item, "transaction_id": each.number}
        else:
            paid |= {"mer_id": each.account, "order_id": each.number}
        told[each.wallet].append(paid)
    for wallet, payments in told.items():
        sandbox.post(wallet, {"payments": payments})


def bring_tools(sandbox: SandboxDoor, trader: Trader) -> None:
    """A trader's numbers at WeChat Pay and UnionPay."""
    for tool in trader.tools:
        if tool.wallet == "wechatpay":
            shop: dict[str, object] = {"sub_mchid": tool.account, "name": trader.name}
        elif tool.wallet == "unionpay":
            shop = {"mer_id": tool.account, "member": UNIONPAY_MEMBER, "name": trader.name}
        else:
            continue
        sandbox.post(tool.wallet, {"merchants": [shop]})


def _account(trader: Trader, city: str) -> dict[str, str]:
    return {
        "merchant_id": trader.account,
        "cert_no": trader.code,
        "name": trader.name,
        "merchant_type": "INDIRECT" if trader.stall else "DIRECT",
        "city": city,
        "balance": "20000.00",
    }


def payment(purchase: Purchase) -> dict[str, str]:
    """A purchase as the sandbox takes it."""
    told = {
        "user_id": purchase.payer.user,
        "merchant_id": purchase.account,
        "amount": yuan(purchase.amount_fen),
        "subject": purchase.item,
        "kind": purchase.kind,
        "paid_at": f"{purchase.paid_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "trade_no": purchase.trade_no,
        "store_id": purchase.store,
        "store_name": purchase.place,
        "counterparty": purchase.counterparty,
    }
    return {name: value for name, value in told.items() if value}


async def settle(
    app: App, platform: Platform, traders: Sequence[Trader], tell: Callable[[str], None] = lambda _: None
) -> dict[str, Merchant]:
    """Register, staff, enrol and authorise traders whose accounts have payments; credit code → merchant."""
    gate, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(trader: Trader) -> Merchant:
        nonlocal done
        async with gate:
            merchant = await Settling(app, platform, trader).whole()
        done += 1
        if done % 10 == 0 or done == len(traders):
            tell(f"{done} of {len(traders)} merchants have moved in")
        return merchant

    found = await asyncio.gather(*(one(trader) for trader in traders))
    return {merchant.credit_code: merchant for merchant in found}


class Settling:
    """One trader moves in; every step looks first whether it was done before."""

    def __init__(self, app: App, platform: Platform, trader: Trader) -> None:
        self._app, self._platform, self._trader = app, platform, trader
        self._city = platform.city

    async def whole(self) -> Merchant:
        """All steps; the merchant's row after them."""
        merchant = await find_merchant(self._app, self._trader.code, self._city) or await self._register()
        merchant = await self._house(merchant)
        if self._trader.enrolled:
            merchant = await self._enrolled(merchant)
            if self._trader.authorised:
                merchant = await self._authorised(merchant, self._trader.account)
            for tool in self._trader.tools:
                merchant = await self.equip(merchant, tool)
        return merchant

    async def equip(self, merchant: Merchant, tool: Tool) -> Merchant:
        """One number at a wallet: opened, the leave to refund through it given, and bound for its time."""
        wallet, account = tool.wallet, tool.account
        if merchant.account(wallet, account) is None:
            named = "" if wallet == WALLET else account
            await self._act(merchant.id, m.AskEnrolment(wallet=wallet, account=named))
        merchant = await self._until(lambda now: now.account(wallet, account) is not None, "enrolment")
        if self._trader.authorised:
            merchant = await self._authorised(merchant, account, wallet)
        await self._bind(merchant, tool)
        return merchant

    async def _bind(self, merchant: Merchant, tool: Tool) -> None:
        identity = Identity(Scheme(tool.wallet), tool.account)
        async with city_transaction(self._app.pool, self._city) as connection:
            known = await bindings_of(connection, self._city, merchant.id)
        if any(each.identity == identity for each in known):
            return
        founded, identifier = self._platform.memory.founded, self._app.desk.mint(self._city)
        until = tool.until_hours
        bind = Bind(
            id=identifier,
            identity=identity,
            merchant=merchant.id,
            begins=founded - timedelta(hours=tool.since_hours),
            ends=founded - timedelta(hours=until) if until is not None else None,
            evidence=Evidence(basis=Basis.announced, note="收单机构告知", source=tool.wallet),
        )
        await self._app.desk.act(BINDINGS, self._city, identifier, bind, SYSTEM)

    async def _register(self) -> Merchant:
        trader, identifier = self._trader, self._app.desk.mint(self._city)
        register = m.RegisterMerchant(
            city=self._city, id=identifier, credit_code=trader.code, name=trader.name, kind=Kind(trader.kind)
        )
        return await self._act(identifier, register)

    async def _house(self, merchant: Merchant) -> Merchant:
        """Shops, contact, owner, standing rules, limits."""
        trader, known, mint = self._trader, {shop.name for shop in merchant.shops}, self._app.desk.mint
        for place in trader.places:
            if place.name not in known:
                shop = Shop(
                    id=place.store,
                    name=place.name,
                    district=place.district,
                    address=place.address,
                    category=place.category,
                )
                merchant = await self._act(merchant.id, m.AddShop(shop=shop))
        if not merchant.contacts:
            phone = Content(id=mint(self._city), kind="phone", plain=trader.phone.encode())
            merchant = await self._act(merchant.id, m.SetContact(content=phone.id), contents=[phone])
        if not merchant.staff:
            owner = Staff(person=mint(self._city), rank=Rank.owner)
            merchant = await self._act(merchant.id, m.AddStaff(staff=owner))
        owner_himself = Actor(Role.merchant, merchant.staff[0].person, merchant.id)
        if trader.standing_fen and not merchant.standing_rules:
            rule = StandingRule(id=mint(self._city), most_fen=trader.standing_fen)
            merchant = await self._act(merchant.id, m.SetStandingRules(rules=(rule,)), owner_himself)
        return await self._act(merchant.id, m.SetLinkLimit(limit_fen=trader.link_limit_fen))

    async def _enrolled(self, merchant: Merchant) -> Merchant:
        """Have the wallet open the account; a worker does it."""
        trader = self._trader
        if merchant.account(WALLET, trader.account) is None:
            sample = await asyncio.to_thread(self._sample) if trader.stall else ""
            await self._act(merchant.id, m.AskEnrolment(wallet=WALLET, trade_no=sample))
        return await self._until(lambda now: now.account(WALLET, trader.account) is not None, "enrolment")

    def _sample(self) -> str:
        """A payment to a stall's account, as an officer reads it off a bill."""
        sandbox, account = self._platform.sandbox, self._trader.account
        trades = [row["trade_no"] for row in sandbox.ledger()["trades"] if row["merchant_id"] == account]
        if not trades:
            raise LabError(f"{self._trader.name} has no payment that could serve as a sample.")
        return str(trades[0])

    async def _authorised(self, merchant: Merchant, account: str, wallet: str = WALLET) -> Merchant:
        """The merchant agrees on the wallet's page; the code it brings back is exchanged by a worker.

        At other wallets the leave is given in the merchant's own settings there, and only said here.
        """
        now = self._app.clock.now()
        if merchant.authority(wallet, account, now) is None:
            app_id, code = self._platform.memory.app_id, account
            if wallet == WALLET:
                code = await asyncio.to_thread(self._platform.sandbox.authorise, app_id, account)
            task = Task(
                kind="grant_authority",
                noun="merchant",
                subject=merchant.id,
                destination=f"wallet:{wallet}",
                payload={"wallet": wallet, "code": code},
            )
            async with city_transaction(self._app.pool, self._city) as connection:
                await write_tasks(connection, self._city, now, [task])
        return await self._until(
            lambda row: row.authority(wallet, account, self._app.clock.now()) is not None, "authority"
        )

    async def _until(self, come: Callable[[Merchant], bool], what: str) -> Merchant:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    merchant = await find_merchant(self._app, self._trader.code, self._city)
                    if merchant is not None and come(merchant):
                        return merchant
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise LabError(f"The {what} of {self._trader.name} did not come within {PATIENCE:.0f} seconds.") from None

    async def _act(
        self, identifier: str, command: m.Command, actor: Actor = SYSTEM, contents: Sequence[Content] = ()
    ) -> Merchant:
        done = await self._app.desk.act(MERCHANTS, self._city, identifier, command, actor, contents=contents)
        if done.row is None:
            raise LabError(f"{identifier} has no row.")
        return done.row


async def find_merchant(app: App, code: str, city: str = CITY) -> Merchant | None:
    """The merchant of a credit code."""
    async with city_transaction(app.pool, city) as connection:
        row: Any = await (await connection.execute(_FIND, [city, code])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Merchant)
