"""A city with one merchant and its people on a real database, and the sandbox's messenger beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from os import urandom
from pathlib import Path
from typing import Any

import msgspec

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.base.seals import Vault, fresh_keys
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.connectors.sms.protocol import Sms
from hejie.connectors.sms.provider import HttpSms
from hejie.connectors.wallet import Wallet
from hejie.desk.act import Content, Desk
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Dispute, Remedy
from hejie.duties.deliver import deliver
from hejie.duties.notify import notify
from hejie.duties.tools import Tools
from hejie.intake.payments import Paid, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import Shop
from hejie.merchants.uscc import check_character
from hejie.settings import Settings
from hejie.store.contents import open_data_key
from hejie.store.pool import Pool, city_transaction
from hejie.store.writing import write_content
from hejie.worker import Work

CITY, URL = "330100", "https://hejie.example"
PHONE = "+8613800001111"
MERCHANT, SHOP, MUTE = "330100-M", "330100-S", "330100-N"


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


def no_wallet(city: str, wallet: str) -> Wallet:
    raise Refused("wallet_not_connected")


class NoticeLab:
    """Everything `notify` needs, and short ways to look at what it left behind."""

    def __init__(self, pool: Pool, messenger: HttpSms) -> None:
        self.pool = pool
        self.clock = HandClock()
        self.vault = Vault(CITY, fresh_keys(urandom), urandom)
        self.messenger: Sms | None = messenger
        self.desk = Desk(pool, self.clock, lambda _: self.vault, urandom)
        settings = Settings(database_url="unused", keys=Path("unused"), public_url=f"{URL}/")
        self.tools = Tools(
            pool=pool, desk=self.desk, clock=self.clock, vaults=lambda _: self.vault, wallet=no_wallet,
            sms=self.sms, settings=settings,
        )  # fmt: skip
        self.count = 0

    def sms(self, city: str) -> Sms:
        if self.messenger is None:
            raise Refused("sms_not_connected")
        return self.messenger

    async def open_city(self) -> None:
        """Hangzhou, one merchant with a number, and one without."""
        settings = read_city(shipped(CITY))
        await self.desk.act(CITIES, CITY, CITY, ApplySettings(settings=settings), SYSTEM)
        for identifier, body in ((MERCHANT, "91330106MA2CFLDC0"), (MUTE, "91330106MA2CFLDC1")):
            code = body + check_character(body)
            command = m.RegisterMerchant(city=CITY, id=identifier, credit_code=code, name="杭州面业有限公司")
            await self.desk.act(MERCHANTS, CITY, identifier, command, SYSTEM)
        shop = Shop(id=SHOP, name="奎元馆解放路店", district="330106", address="解放路154号")
        await self.desk.act(MERCHANTS, CITY, MERCHANT, m.AddShop(shop=shop), SYSTEM)
        await self.set_contact(PHONE)

    async def set_contact(self, phone: str) -> None:
        content = Content(id=self.desk.mint(CITY), kind="phone", plain=phone.encode())
        command = m.SetContact(content=content.id)
        await self.desk.act(MERCHANTS, CITY, MERCHANT, command, SYSTEM, contents=[content])

    async def file(self, *, merchant: str = MERCHANT, language: str = "zh", phone: str = "") -> Dispute:
        """A fresh consumer's dispute over 48 yuan."""
        self.count += 1
        person, trade, handle = f"330100-P{self.count}", f"T{self.count}", urandom(32)
        paid = Paid(
            wallet="alipay", trade_no=trade, payer=handle, account="2088", merchant=merchant,
            shop=SHOP if merchant == MERCHANT else "", paid_fen=4_800, paid_at=self.clock.now(), proven=True,
            source="entry",
        )  # fmt: skip
        async with city_transaction(self.pool, CITY) as connection:
            await person_of(connection, CITY, handle, person, language, self.clock.now())
            await take_payment(connection, CITY, paid)
        if phone:
            await self.seal(f"person:{person}", {"phone": phone})
        command = d.File(
            id=self.desk.mint(CITY), trades=(trade,), problem="quality",
            claim=Claim(remedy=Remedy.refund_full, amount_fen=4_800),
        )  # fmt: skip
        done = await self.desk.act(DISPUTES, CITY, command.id, command, Actor(Role.consumer, person))
        assert done.row is not None
        return done.row

    async def act(self, dispute: Dispute, role: Role, command: d.Command) -> Dispute:
        who = {Role.consumer: dispute.consumer, Role.merchant: dispute.merchant}[role]
        done = await self.desk.act(DISPUTES, CITY, dispute.id, command, Actor(role, who, dispute.merchant))
        assert done.row is not None
        return done.row

    async def seal(self, subject: str, contents: dict[str, str]) -> None:
        async with city_transaction(self.pool, CITY) as connection:
            key = await open_data_key(connection, self.vault, CITY, subject)
            sealed = [
                (name, name, self.vault.seal(key, f"content/{subject}/{name}", plain.encode()))
                for name, plain in contents.items()
            ]
            await write_content(connection, CITY, subject, self.clock.now(), sealed)

    async def rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        async with city_transaction(self.pool, CITY) as connection:
            return await (await connection.execute(sql, values)).fetchall()

    async def works(self, dispute: Dispute, kind: str = "notify") -> list[Work]:
        """The dispute's tasks of a kind, oldest first."""
        found = await self.rows(
            "select id, kind, noun, subject, payload::text, attempts, due_at, ready_at from task"
            " where subject = %s and kind = %s order by id",
            [dispute.id, kind],
        )
        return [Work(CITY, i, k, n, s, msgspec.json.decode(p), *more) for i, k, n, s, p, *more in found]

    async def tell(self, work: Work) -> str:
        """Begin a notice and hand its first message over, as a worker does; the delivery's identifier."""
        await notify(work, self.tools)
        await self.hand_over()
        return await self.delivery(work)

    async def hand_over(self) -> None:
        for (delivery,) in await self.rows("select id from delivery where state = 'sending' order by made_at, rung"):
            await deliver(self.work("deliver", delivery), self.tools)

    async def delivery(self, work: Work, rung: int = 0) -> str:
        found = await self.rows("select id from delivery where notice = %s and rung = %s", [str(work.id), rung])
        return str(found[0][0]) if found else ""

    async def deliveries(self, work: Work) -> list[tuple[str, str]]:
        found = await self.rows("select channel, state from delivery where notice = %s order by rung", [str(work.id)])
        return [tuple(row) for row in found]

    def work(self, kind: str, subject: str, **payload: str) -> Work:
        now = self.clock.now()
        return Work(CITY, 0, kind, "delivery", subject, payload, 1, now, now)

    async def notice(self, work: Work) -> tuple[Any, ...] | None:
        found = await self.rows(
            "select dispute, audience, template, channel, status, provider_id from notice where id = %s",
            [str(work.id)],
        )
        return tuple(found[0]) if found else None

    async def sealed(self, subject: str) -> tuple[int, int]:
        """How many pieces and keys lie under a subject."""
        pieces = await self.rows("select 1 from content where subject = %s", [subject])
        keys = await self.rows("select 1 from data_key where subject = %s", [subject])
        return len(pieces), len(keys)


def messenger(account: Any) -> HttpSms:
    """A connector on the machine's own time, as the provider looks at it."""
    return HttpSms(account, SystemClock())
