"""Two merchants, two consumers, officers in two cities, on one real application; and everything they must not see."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import psycopg
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.support.pages import pages

from hejie.api import ROUTES
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Outcome, Remedy
from hejie.edge import sessions
from hejie.edge.sessions import Viewer, csrf_of
from hejie.intake.contacts import keep_contact
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment, Shop, Staff
from hejie.store.pool import city_transaction

if TYPE_CHECKING:
    from hejie.edge.house import House

CITY, OTHER, HOST = "330100", "310000", "http://hejie.test"
APP = "2021000000000001"
CODES = {"a": "91330106MA2CFLDC09", "b": "91330100680169348X"}
PHONES = {"a": "+8613800000001", "b": "+8613800000002", "x": "+8613911112222", "y": "+8613933334444"}
ACCOUNTS = {"a": "2088000000000001", "b": "2088000000000002"}
PAYERS = {"x": "2088900000000001", "y": "2088900000000002"}
AUTHORITY = "202611BB-secret-authority-token"
ZH, EN = {"accept-language": "zh-CN"}, {"accept-language": "en"}
JSON = {"accept": "application/json"}

_UNCOUNTED = "rate", "session", "trail"
"""Counters and sessions change by being looked at, and the trail keeps what officers tried."""


@cache
def wallet_key() -> rsa.RSAPrivateKey:
    """The wallet's own key: for entry links and callbacks."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def forged_key() -> rsa.RSAPrivateKey:
    """Somebody else's."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def signed(params: dict[str, str], key: rsa.RSAPrivateKey | None = None, drop: tuple[str, ...] = ("sign",)) -> bytes:
    text = "&".join(f"{name}={params[name]}" for name in sorted(params) if name not in drop)
    return (key or wallet_key()).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())


def entry_link(now: datetime, key: rsa.RSAPrivateKey | None = None, city: str = CITY, **changed: str) -> str:
    """A wallet's link as docs/protocol/entry.md has it; `changed` before it is signed."""
    params = {
        "wallet": "alipay",
        "app": APP,
        "trade_no": "20260101220011" + f"{secrets.randbelow(10**14):014d}",
        "payer": PAYERS["x"],
        "amount": "50.00",
        "expires": str(int(now.timestamp()) + 240),
        "nonce": secrets.token_urlsafe(24),
        "account": ACCOUNTS["a"],
        "paid_at": str(int(now.timestamp()) - 600),
    } | changed
    sign = base64.urlsafe_b64encode(signed(params, key)).decode().rstrip("=")
    return f"/{city}/entry?{urlencode(params | {'sign': sign})}"


def push(now: datetime, key: rsa.RSAPrivateKey | None = None, **changed: str) -> str:
    """A callback's body, signed as Alipay signs service messages."""
    params = {
        "app_id": APP,
        "notify_id": secrets.token_hex(16),
        "utc_timestamp": str(int(now.timestamp() * 1000)),
        "msg_method": "alipay.merchant.tradecomplain.changed",
        "biz_content": '{"complain_event_id":"EV1"}',
        "sign_type": "RSA2",
        "charset": "utf-8",
    } | changed
    return urlencode(params | {"sign": base64.b64encode(signed(params, key)).decode()})


class Hand:
    """One person's browser, with the keys of their session."""

    def __init__(self, http: httpx.AsyncClient, csrf: str = "", token: str = "") -> None:
        self.http, self.csrf, self.token = http, csrf, token

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def post(
        self, path: str, fields: dict[str, Any] | None = None, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A form with the session's token and a fresh key, unless the fields say otherwise."""
        data = {"csrf": self.csrf, "once": secrets.token_hex(16)} | (fields or {})
        data = {name: value for name, value in data.items() if value is not None}
        return await self.http.post(path, data=data, headers=headers, **more)

    async def api(
        self, path: str, body: Any = None, *, key: str | None = None, raw: bytes | None = None, **headers: str
    ) -> httpx.Response:
        """A JSON request with the session's token as bearer."""
        sent = {"authorization": f"Bearer {self.token}", "idempotency-key": key or secrets.token_hex(16)} | headers
        return await self.http.post(
            path, headers=sent, **({"content": raw} if raw is not None else {"json": body or {}})
        )


class Stage:
    """The whole of it."""

    def __init__(self, house: House, superuser_url: str) -> None:
        self.house, self.desk, self.superuser_url = house, house.desk, superuser_url
        self.app = pages(house, ROUTES)
        self.merchants: dict[str, str] = {}
        self.shops: dict[str, str] = {}
        self.consumers: dict[str, str] = {}
        self.payments = 0
        self._open: list[httpx.AsyncClient] = []

    async def settle_in(self) -> None:
        settings = read_city(shipped(CITY))
        await self.desk.act(CITIES, CITY, CITY, ApplySettings(settings=settings), SYSTEM)
        for name in CODES:
            await self._merchant(name)
        for name in PAYERS:
            await self._consumer(name)

    async def _merchant(self, name: str) -> None:
        merchant, shop, contact = (self.desk.mint(CITY) for _ in range(3))
        self.merchants[name], self.shops[name] = merchant, shop
        commands: list[m.Command] = [
            m.RegisterMerchant(city=CITY, id=merchant, credit_code=CODES[name], name=f"商户{name}有限公司"),
            m.AddShop(shop=Shop(id=shop, name=f"门店{name}", district="330102", address="解放路 154 号")),
            m.AddStaff(staff=Staff(person=f"owner-{name}", rank="owner")),
            m.NoteEnrolment(
                wallet="alipay",
                account=ACCOUNTS[name],
                kind=AccountKind.direct,
                enrolment=Enrolment.open,
                status="OPENED",
            ),
        ]
        for command in commands:
            await self.desk.act(MERCHANTS, CITY, merchant, command, SYSTEM)
        phone = Content(id=contact, kind="phone", plain=PHONES[name].encode())
        await self.desk.act(MERCHANTS, CITY, merchant, m.SetContact(content=contact), SYSTEM, contents=[phone])
        await self._authorise(name)

    async def _authorise(self, name: str) -> None:
        content = self.desk.mint(CITY)
        grant = m.GrantAuthorisation(
            wallet="alipay", account=ACCOUNTS[name], content=content, expires_at=self.now() + timedelta(days=300)
        )
        token = Content(id=content, kind="authority", plain=AUTHORITY.encode())
        await self.desk.act(MERCHANTS, CITY, self.merchants[name], grant, SYSTEM, contents=[token])

    async def _consumer(self, name: str) -> None:
        vault = self.house.vaults(CITY)
        async with city_transaction(self.house.pool, CITY) as connection:
            handle = payer_handle(vault, "alipay", PAYERS[name])
            person = await person_of(connection, CITY, handle, self.desk.mint(CITY), "zh", self.now())
            await keep_contact(connection, vault, CITY, person, PHONES[name], self.now())
        self.consumers[name] = person

    def now(self) -> datetime:
        return self.house.clock.now()

    def actor(self, who: str) -> Actor:
        if who in self.consumers:
            return Actor(Role.consumer, self.consumers[who])
        if who in self.merchants:
            return Actor(Role.merchant, f"owner-{who}", self.merchants[who])
        return Actor(Role.officer, who, "330102")

    def text(self, words: str) -> Content:
        return Content(id=self.desk.mint(CITY), kind="text", plain=words.encode())

    async def pay(self, fen: int = 5000, payer: str = "x", merchant: str = "a", **more: Any) -> str:
        """A proven payment; its number."""
        self.payments += 1
        trade = f"20260101220011{self.payments:014d}"
        async with city_transaction(self.house.pool, CITY) as connection:
            paid = Paid(
                wallet="alipay",
                trade_no=trade,
                payer=payer_handle(self.house.vaults(CITY), "alipay", PAYERS[payer]),
                account=ACCOUNTS[merchant],
                merchant=self.merchants[merchant],
                shop=self.shops[merchant],
                item=more.pop("item", "片儿川"),
                paid_fen=fen,
                paid_at=self.now() - timedelta(hours=2),
                proven=True,
                source="entry",
            )
            await take_payment(connection, CITY, paid)
        return trade

    async def file(self, words: str = "面里有头发", payer: str = "x", merchant: str = "a", **more: Any) -> str:
        trade = await self.pay(more.pop("paid_fen", 5000), payer, merchant, **more)
        identifier, said = self.desk.mint(CITY), self.text(words)
        claim = Claim(remedy=Remedy.refund_full)
        file = c.File(id=identifier, trades=(trade,), problem="quality", claim=claim, words=said.id)
        await self.do(identifier, file, payer, said)
        return identifier

    async def do(self, dispute: str, command: c.Command, who: str, *contents: Content) -> Any:
        done = await self.desk.act(DISPUTES, CITY, dispute, command, self.actor(who), contents=contents)
        return done.row

    async def mediated(self, words: str, officer: str = "officer-1") -> str:
        """A case that an officer has closed, with everybody's words in it."""
        dispute = await self.file(words)
        for who, make in (
            ("a", lambda said: c.Answer(words=said)),
            ("a", lambda said: c.MakeOffer(id=self.desk.mint(CITY), remedy=Remedy.apology, words=said)),
            ("x", lambda _: c.Escalate()),
            (officer, lambda _: c.Take()),
            (officer, lambda said: c.MakeOffer(id=self.desk.mint(CITY), remedy=Remedy.other, words=said)),
            (officer, lambda said: c.Close(memo=said, agency="市场监管局", outcome=Outcome.unsettled)),
        ):
            said = self.text(f"{who}: {words}")
            await self.do(dispute, make(said.id), who, said)
        return dispute

    # Hands -------------------------------------------------------------------------------------

    def stranger(self, **headers: str) -> Hand:
        """A browser that nobody knows."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=HOST, headers=EN | headers)
        self._open.append(client)
        return Hand(client)

    async def hand(self, who: str, *, city: str = CITY, scope: str = "", **headers: str) -> Hand:
        """A signed-in person's: `x y` consumers, `a b` merchants, anything else an officer."""
        actor = self.actor(who)
        viewer = Viewer(
            city=city,
            role=actor.role,
            person=f"link:{scope}" if scope else actor.id,
            organisation=actor.organisation,
            scope=scope,
            facts={"name": who},
        )
        async with city_transaction(self.house.pool, city) as connection:
            token = await sessions.begin(connection, self.house.chance, viewer)
            found = await sessions.find(connection, city, [token])
        hand = self.stranger(**headers)
        hand.http.cookies.set(f"hejie-{actor.role.value}", token, path=f"/{city}")
        hand.token, hand.csrf = token, csrf_of(found[actor.role].secret)
        return hand

    async def close(self) -> None:
        for client in self._open:
            await client.aclose()

    # What lies in the database -------------------------------------------------------------------

    def everything(self, *more: str) -> dict[str, tuple[int, int]]:
        """Each table's number of rows and a digest of them, but for counters, sessions, the trail and those named."""
        with psycopg.connect(self.superuser_url) as connection:
            tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
            found: dict[str, tuple[int, int]] = {}
            for (table,) in tables:
                if table in (*_UNCOUNTED, *more):
                    continue
                row = connection.execute(
                    f"select count(*), coalesce(sum(hashtextextended(t::text, 0) % 1000000007), 0) from {table} t"
                ).fetchone()
                assert row is not None
                found[table] = (int(row[0]), int(row[1]))
        return found

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """As an administrator, over all cities."""
        with psycopg.connect(self.superuser_url) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []
