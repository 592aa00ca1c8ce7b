"""Where a fault run happens: a platform of real processes, its merchants and payers settled in before the storm."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import NamedTuple

from hejie.agenda import Task
from hejie.app import App
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.money import yuan
from hejie.desk.act import Content
from hejie.desk.merchants import MERCHANTS
from hejie.edge import sessions
from hejie.intake.contacts import keep_contact
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.contacts import Channel
from hejie.merchants.model import Rank, Staff
from hejie.merchants.standing import StandingRule
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks
from hejie_lab.faults import plan
from hejie_lab.faults.passing import until_seen
from hejie_lab.faults.plan import Party, Story
from hejie_lab.faults.wallet_side import WalletSide
from hejie_lab.platform import Platform

ENVIRONMENT = {
    "HEJIE_RESOLVE_SECONDS": "0,1,2,2,3,3,4,5",
    "HEJIE_RETRY_SECONDS": ",".join(["1"] * 8 + ["2"] * 8),
    "HEJIE_LEASE_SECONDS": "3",
    "HEJIE_POOL_SIZE": "8",
}
"""Waiting is made short, so that much happens between two kills; the rules stay as they are."""
OWNER = "owner"
OFFICER = Actor(Role.officer, "officer-1", "330106")


class Payer(NamedTuple):
    """A consumer with a session."""

    person: str
    token: str
    account: str


class Place(NamedTuple):
    """Everything that the stories of a run act upon."""

    platform: Platform
    app: App
    wallet: WalletSide
    merchants: list[str]
    payers: list[Payer]

    @property
    def city(self) -> str:
        """The city's code."""
        return self.platform.city

    def owner(self, merchant: int) -> Actor:
        """The person who acts for a merchant."""
        return Actor(Role.merchant, OWNER, self.merchants[merchant])


async def settle(platform: Platform, app: App, wallet: WalletSide, stories: list[Story]) -> Place:
    """Merchants enrolled and authorised by the real road, payers with sessions, every payment made."""
    shops, people = plan.merchants(), plan.payers()
    await wallet.post(
        "load",
        {
            "users": [{"user_id": p.account, "name": p.name} for p in people],
            "merchants": [
                {"merchant_id": s.account, "cert_no": s.code, "name": s.name, "balance": "10000000.00"} for s in shops
            ],
            "payments": [
                {
                    "user_id": people[story.payer].account,
                    "merchant_id": shops[story.merchant].account,
                    "amount": yuan(paid),
                    "subject": "片儿川",
                    "trade_no": trade,
                }
                for story in stories
                for trade, paid in zip(story.trades, story.paid_fen, strict=True)
            ],
        },
    )
    account = await wallet.get("sms/account")
    await wallet.post("sms/accounts", {**account, "per_minute": 1_000_000})
    merchants = [await _merchant(platform.city, app, shop) for shop in shops]
    await asyncio.gather(*(_authorise(platform, app, wallet, *each) for each in zip(merchants, shops, strict=True)))
    payers = [await _payer(platform.city, app, each) for each in people]
    await _bring_payments(platform.city, app, stories, merchants)
    return Place(platform, app, wallet, merchants, payers)


async def _merchant(city: str, app: App, shop: Party) -> str:
    identifier, contact, call = (app.desk.mint(city) for _ in range(3))

    async def tell(command: m.Command, actor: Actor = SYSTEM, *contents: Content) -> None:
        await app.desk.act(MERCHANTS, city, identifier, command, actor, contents=contents)

    await tell(m.RegisterMerchant(city=city, id=identifier, credit_code=shop.code, name=shop.name))
    await tell(m.AddStaff(staff=Staff(person=OWNER, rank=Rank.owner)))
    phone = Content(id=contact, kind="phone", plain=shop.phone.encode())
    await tell(m.SetContact(content=contact), SYSTEM, phone)
    line = Content(id=call, kind="phone", plain=shop.line.encode())
    await tell(m.EnrolContact(id=call, channel=Channel.voice, content=call), OFFICER, line)
    await tell(m.AskEnrolment(wallet="alipay"), OFFICER)
    if shop == plan.merchants()[plan.STANDING]:
        rule = StandingRule(id="yes", most_fen=plan.STANDING_MOST_FEN)
        await tell(m.SetStandingRules(rules=(rule,)), Actor(Role.merchant, OWNER, identifier))
    return identifier


async def _authorise(platform: Platform, app: App, wallet: WalletSide, merchant: str, shop: Party) -> None:
    """Wait for the enrolment, bring the merchant's code, and wait until the authority stands."""
    city = platform.city

    async def found(query: str) -> bool | None:
        async with city_transaction(app.pool, city) as connection:
            row = await (await connection.execute(query, [city, merchant])).fetchone()
        return True if row is not None else None

    enrolled = "select 1 from merchant where city = %s and id = %s and state = 'enrolled'"
    await until_seen(lambda: found(enrolled), f"{shop.name} enrolled")
    asked = {"app_id": platform.memory.app_id, "merchant_id": shop.account}
    code = (await wallet.post("authorise", asked))["app_auth_code"]
    grant = Task(
        kind="grant_authority",
        noun="merchant",
        subject=merchant,
        destination="wallet:alipay",
        payload={"wallet": "alipay", "code": code},
    )
    async with city_transaction(app.pool, city) as connection:
        await write_tasks(connection, city, app.clock.now(), [grant])
    granted = "select 1 from log where city = %s and noun = 'merchant' and id = %s and event = 'AuthorisationGranted'"
    await until_seen(lambda: found(granted), f"{shop.name} authorised")


async def _payer(city: str, app: App, person: Party) -> Payer:
    vault, now = app.tools.vaults(city), app.clock.now()
    async with city_transaction(app.pool, city) as connection:
        handle = payer_handle(vault, "alipay", person.account)
        identifier = await person_of(connection, city, handle, app.desk.mint(city), "zh", now)
        await keep_contact(connection, vault, city, identifier, person.phone, now)
        viewer = sessions.Viewer(city=city, role=Role.consumer, person=identifier)
        token = await sessions.begin(connection, app.desk.chance, viewer)
    return Payer(identifier, token, person.account)


async def _bring_payments(city: str, app: App, stories: list[Story], merchants: list[str]) -> None:
    """What entry links and bill files would have brought; a wallet's own case brings its payment itself."""
    vault, now = app.tools.vaults(city), datetime.now(UTC)
    shops, people = plan.merchants(), plan.payers()
    async with city_transaction(app.pool, city) as connection:
        for story in stories:
            if story.kind.startswith("wallet_"):
                continue
            for trade, paid_fen in zip(story.trades, story.paid_fen, strict=True):
                paid = Paid(
                    wallet="alipay",
                    trade_no=trade,
                    payer=payer_handle(vault, "alipay", people[story.payer].account),
                    account=shops[story.merchant].account,
                    merchant=merchants[story.merchant],
                    item="片儿川",
                    paid_fen=paid_fen,
                    paid_at=now,
                    proven=story.kind != "unproven",
                    source="file" if story.kind == "unproven" else "entry",
                )
                await take_payment(connection, city, paid)
