"""A whole town in one process: the house on a real database, the sandbox on a real socket, one clock for both."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support import copies
from tests.support.connecting import connect, move
from tests.support.sandbox import SandboxServer, give_keys
from tests.support.who import (
    ACCOUNT,
    APP_ID,
    BANK,
    BANK_ACCOUNT,
    BANK_MERCHANT,
    CITY,
    CODE,
    NAME,
    OFFICER,
    PARTNER,
    PHONE,
    UNIONPAY_ACCOUNT,
    USER,
    WECHAT_ACCOUNT,
)

from hejie.app import App, build, make_keys
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Dispute, Remedy
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import Shop, Staff
from hejie.settings import Settings
from hejie.store.pool import city_transaction
from hejie_sandbox.ledger import Ledger
from hejie_sandbox.sandbox import Sandbox

__all__ = [
    "ACCOUNT",
    "APP_ID",
    "BANK",
    "BANK_ACCOUNT",
    "BANK_MERCHANT",
    "CITY",
    "CODE",
    "NAME",
    "OFFICER",
    "PARTNER",
    "PHONE",
    "UNIONPAY_ACCOUNT",
    "USER",
    "WECHAT_ACCOUNT",
    "Town",
    "town",
]


@cache
def _ready_made() -> Path:
    """A sandbox's folder with its keys: making them takes longer than a test."""
    folder = Path(tempfile.mkdtemp(prefix="hejie-sandbox-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    give_keys(folder)
    Sandbox(folder).close()
    return folder


@cache
def _own_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Wallet(SandboxServer):
    """The sandbox with keys that were made before."""

    def __init__(self, folder: Path, like: Path | None = None, *, at: float | None = None) -> None:
        """As the folder says, which may first be made like another; `at` turns its clock to an instant."""
        if like is not None:
            shutil.copytree(like, folder)
        if at is not None:
            ledger = Ledger(folder)
            with ledger.transaction():
                ledger.set_meta("clock_offset", repr(at - time.time()))
            ledger.close()
        super().__init__(folder)

    def refunded(self, trade_no: str) -> int:
        """What the wallet's own ledger says went back, in fen."""
        return sum(row["amount"] for row in self.get("ledger")["refunds"] if row["trade_no"] == trade_no)


class Town:
    """One merchant with its account and authority, one payer, and everybody's hands."""

    def __init__(self, app: App, wallet: Wallet) -> None:
        self.app = app
        self.wallet = wallet
        self.worker = app.worker()
        self.merchant = ""
        self.consumer = ""

    async def work(self) -> int:
        """Do all that is due now and what follows from it."""
        return await self.worker.drain()

    def advance(self, **span: float) -> None:
        """Move the one clock."""
        self.wallet.post("clock", advance_seconds=timedelta(**span).total_seconds())

    async def settle_in(self) -> None:
        """City, merchant, account, authority and payer, all by the real road."""
        settings = read_city(shipped(CITY))
        await self.app.desk.act(CITIES, CITY, CITY, ApplySettings(settings=settings), SYSTEM)
        self.merchant = self.app.desk.mint(CITY)
        await self.tell(m.RegisterMerchant(city=CITY, id=self.merchant, credit_code=CODE, name=NAME))
        shop = Shop(id=self.app.desk.mint(CITY), name="奎元馆解放路店", district="330102", address="解放路 154 号")
        await self.tell(m.AddShop(shop=shop))
        await self.tell(m.AddStaff(staff=Staff(person="owner-1", rank="owner")))
        contact = self.app.desk.mint(CITY)
        await self.app.desk.act(
            MERCHANTS,
            CITY,
            self.merchant,
            m.SetContact(content=contact),
            SYSTEM,
            contents=[Content(id=contact, kind="phone", plain=PHONE.encode())],
        )
        await self.tell(m.AskEnrolment(wallet="alipay"), OFFICER)
        await self.work()
        code = self.wallet.post("authorise", app_id=APP_ID, merchant_id=ACCOUNT)["app_auth_code"]
        await self.task("grant_authority", self.merchant, {"wallet": "alipay", "code": code}, "merchant")
        await self.work()
        async with city_transaction(self.app.pool, CITY) as connection:
            handle = payer_handle(self.app.tools.vaults(CITY), "alipay", USER)
            identifier = self.app.desk.mint(CITY)
            self.consumer = await person_of(connection, CITY, handle, identifier, "zh", self.app.clock.now())

    async def tell(self, command: m.Command, actor: Actor = SYSTEM) -> None:
        await self.app.desk.act(MERCHANTS, CITY, self.merchant, command, actor)

    async def task(self, kind: str, subject: str, payload: dict[str, Any], noun: str = "dispute") -> None:
        """Put a task in, as an edge does."""
        async with city_transaction(self.app.pool, CITY) as connection:
            await connection.execute(
                "insert into task (city, kind, noun, subject, destination, due_at, payload)"
                " values (%s, %s, %s, %s, 'wallet:alipay', %s, %s::jsonb)",
                [CITY, kind, noun, subject, self.app.clock.now(), msgspec.json.encode(payload).decode()],
            )

    async def pay(self, amount_fen: int = 5000, *, proven: bool = True) -> str:
        """A payment in the wallet, known to the house as by an entry link (or, unproven, by a file)."""
        amount = f"{amount_fen / 100:.2f}"
        payment = {"user_id": USER, "merchant_id": ACCOUNT, "amount": amount, "subject": "片儿川"}
        trade_no = str(self.wallet.post("load", payments=[payment])["trade_nos"][0])
        await self.bring(trade_no, amount_fen, proven=proven)
        return trade_no

    async def pay_wechat(self, amount_fen: int = 5000) -> str:
        """A payment in WeChat Pay to the merchant's account there, known to the house as by an entry link."""
        payment = {"sub_mchid": WECHAT_ACCOUNT, "amount": f"{amount_fen / 100:.2f}", "description": "片儿川"}
        trade_no = str(self.wallet.post("wechatpay", payments=[payment])["transaction_ids"][0])
        await self.bring(trade_no, amount_fen, wallet="wechatpay", account=WECHAT_ACCOUNT)
        return trade_no

    async def pay_unionpay(self, amount_fen: int = 5000) -> str:
        """A payment at UnionPay to the merchant's account there, known to the house as by an entry link."""
        payment = {"mer_id": UNIONPAY_ACCOUNT, "amount": f"{amount_fen / 100:.2f}"}
        trade_no = str(self.wallet.post("unionpay", payments=[payment])["payments"][0]["query_id"])
        await self.bring(trade_no, amount_fen, wallet="unionpay", account=UNIONPAY_ACCOUNT)
        return trade_no

    async def pay_acquirer(self, amount_fen: int = 5000) -> str:
        """A payment through a bank to the merchant's number there, known to the house as by an entry link."""
        payment = {"bank": BANK, "merchant": BANK_MERCHANT, "amount": f"{amount_fen / 100:.2f}"}
        number = str(self.wallet.post("acquirer", payments=[payment])["payments"][0])
        trade_no = f"{BANK}-{number}"
        await self.bring(trade_no, amount_fen, wallet="acquirer", account=BANK_ACCOUNT)
        return trade_no

    async def bring(
        self, trade_no: str, amount_fen: int, *, proven: bool = True, wallet: str = "alipay", account: str = ACCOUNT
    ) -> None:
        async with city_transaction(self.app.pool, CITY) as connection:
            paid = Paid(
                wallet=wallet,
                trade_no=trade_no,
                payer=payer_handle(self.app.tools.vaults(CITY), "alipay", USER),
                account=account if proven else "",
                merchant=self.merchant,
                item="片儿川",
                paid_fen=amount_fen,
                paid_at=self.app.clock.now(),
                proven=proven,
                source="entry" if proven else "file",
            )
            await take_payment(connection, CITY, paid)

    async def file(self, *trades: str, remedy: Remedy = Remedy.refund_full, amount_fen: int = 0, **more: Any) -> str:
        """A dispute by the consumer; its identifier."""
        command = d.File(
            id=self.app.desk.mint(CITY),
            trades=trades,
            problem=more.pop("problem", "quality"),
            claim=Claim(remedy=remedy, amount_fen=amount_fen, should_have_been_fen=more.pop("right_fen", None)),
            **more,
        )
        await self.app.desk.act(DISPUTES, CITY, command.id, command, self.as_consumer)
        return command.id

    @property
    def as_consumer(self) -> Actor:
        return Actor(Role.consumer, self.consumer)

    def as_consumer_of(self, dispute: Dispute) -> Actor:
        """Whoever is the consumer of a dispute, such as of one that was born in a wallet."""
        return Actor(Role.consumer, dispute.consumer)

    @property
    def as_merchant(self) -> Actor:
        return Actor(Role.merchant, "owner-1", self.merchant)

    async def act(self, dispute: str, command: d.Command, actor: Actor) -> Dispute:
        done = await self.app.desk.act(DISPUTES, CITY, dispute, command, actor)
        assert done.row is not None
        return done.row

    async def read(self, dispute: str) -> Dispute:
        async with city_transaction(self.app.pool, CITY) as connection:
            row = await (
                await connection.execute("select body::text from dispute where city = %s and id = %s", [CITY, dispute])
            ).fetchone()
        assert row is not None
        return msgspec.json.decode(row[0], type=Dispute)

    async def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        async with city_transaction(self.app.pool, CITY) as connection:
            return await (await connection.execute(query, values)).fetchall()


class Pattern(NamedTuple):
    """A town as it was when it had settled in: settling takes longer than a test."""

    folder: Path
    database: str
    url: str
    """Where its sandbox stood."""
    at: float
    """Its sandbox's time, seconds since 1970."""
    merchant: str
    consumer: str


_patterns: dict[tuple[str, str], Pattern] = {}
"""By the server they lie on, and the house's own address where it is not the usual one."""
_FRESH = 120
"""Seconds after which a town is settled anew: a process of its own, on real time, must still be believed there."""


@asynccontextmanager
async def town(folder: Path, database_url: str, **settings: Any) -> AsyncIterator[Town]:
    """The town, settled in, in a database that is fresh."""
    where = {"public_url": settings["public_url"]} if "public_url" in settings else {}
    key = (urlsplit(database_url).netloc, where.get("public_url", ""))
    pattern = _patterns.get(key)
    if pattern is None or time.time() - pattern.at > _FRESH:
        pattern = _patterns[key] = await _pattern(database_url, where)
    copies.renew(database_url, pattern.database)
    shutil.copytree(pattern.folder, folder, dirs_exist_ok=True)
    async with _standing(folder, database_url, Wallet(folder / "sandbox", at=pattern.at), settings, pattern) as here:
        here.merchant, here.consumer = pattern.merchant, pattern.consumer
        past = f"make_interval(secs => {-here.wallet.box.clock.offset})"
        await here.rows(f"update task set ready_at = ready_at + {past} returning id")  # ready_at is real time
        yield here


async def _pattern(database_url: str, where: dict[str, str]) -> Pattern:
    folder = Path(tempfile.mkdtemp(prefix="hejie-town-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    name = f"town_{uuid4().hex}"
    async with _standing(folder, database_url, Wallet(folder / "sandbox", _ready_made()), where) as here:
        await here.settle_in()
        made = Pattern(folder, name, here.wallet.url, here.wallet.box.clock.now(), here.merchant, here.consumer)
    copies.keep(database_url, name)
    return made


@asynccontextmanager
async def _standing(
    folder: Path, database_url: str, wallet: Wallet, settings: dict[str, Any], pattern: Pattern | None = None
) -> AsyncIterator[Town]:
    """House and sandbox with one another's keys; nobody has settled in unless by a pattern."""
    try:
        if pattern is None:
            connect(folder, wallet, _own_key(), settings.get("public_url", "http://127.0.0.1:8000"))
            make_keys(folder / "keys", CITY)
        else:
            move(folder, pattern.folder, wallet, pattern.url)
        given = {"resolve_seconds": (0, 0, 0, 0), "retry_seconds": (0, 0, 0)} | settings
        keys, connections = folder / "keys", folder / "connections.json"
        process = Settings(database_url=database_url, keys=keys, connections=connections, **given)
        async with build(process, wallet) as app:
            yield Town(app, wallet)
    finally:
        wallet.stop()
