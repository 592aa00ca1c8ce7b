"""A small town for the officers' desk: settings, one merchant, one payer, one officer, and disputes on demand."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyotp

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.desk.successions import SUCCESSIONS
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Remedy
from hejie.edge import sessions
from hejie.edge.members import add_member
from hejie.edge.sessions import Viewer
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment, Shop
from hejie.merchants.successions import Succeed
from hejie.merchants.uscc import check_character
from hejie.store.pool import city_transaction

if TYPE_CHECKING:
    import httpx

    from hejie.edge.house import House

CITY = "330100"
CODE, PHONE, ACCOUNT = "91330106MA2CFLDC09", "+8613800000001", "2088000000000001"
PASSWORD = "correct horse battery"

SECOND = "91330106MA2CFLDC1" + check_character("91330106MA2CFLDC1")


class Town:
    """Everybody's hands, by the real road."""

    def __init__(self, house: House) -> None:
        self.house, self.desk = house, house.desk
        self.merchant = self.shop = self.consumer = self.totp = self.officer = ""
        self.payments, self.trade = 0, ""

    async def settle_in(self) -> None:
        settings = read_city(shipped(CITY))
        await self.desk.act(CITIES, CITY, CITY, ApplySettings(settings=settings), SYSTEM)
        self.merchant, self.shop = self.desk.mint(CITY), self.desk.mint(CITY)
        name = "杭州奎元馆面业有限公司"
        await self.tell(m.RegisterMerchant(city=CITY, id=self.merchant, credit_code=CODE, name=name))
        shop = Shop(id=self.shop, name="奎元馆解放路店", district="330102", address="解放路 154 号")
        await self.tell(m.AddShop(shop=shop))
        contact = self.desk.mint(CITY)
        phone = Content(id=contact, kind="phone", plain=PHONE.encode())
        await self.desk.act(MERCHANTS, CITY, self.merchant, m.SetContact(content=contact), SYSTEM, contents=[phone])
        note = m.NoteEnrolment(
            wallet="alipay", account=ACCOUNT, kind=AccountKind.direct, enrolment=Enrolment.open, status="OPENED"
        )
        await self.tell(note)
        async with city_transaction(self.house.pool, CITY) as connection:
            handle = payer_handle(self.house.vaults(CITY), "alipay", "2088900000000001")
            now = self.house.clock.now()
            self.consumer = await person_of(connection, CITY, handle, self.desk.mint(CITY), "zh", now)
        self.officer, self.totp = await self.hire("wang", "王警官")

    async def hire(self, login: str, name: str) -> tuple[str, str]:
        """An officer's identifier and TOTP secret."""
        made = await add_member(
            self.house,
            CITY,
            login=login,
            display_name=name,
            password=PASSWORD,
            role=Role.officer,
            organisation="330102",
        )
        return made.id, made.totp_secret

    def code(self) -> str:
        return pyotp.TOTP(self.totp).now()

    async def tell(self, command: m.Command, actor: Actor = SYSTEM) -> Any:
        return await self.desk.act(MERCHANTS, CITY, self.merchant, command, actor)

    async def dispute(
        self, words: str = "面里有头发", paid_fen: int = 5000, problem: str = "quality", acquirer: str = ""
    ) -> str:
        """A fresh dispute on a payment of its own, at Alipay or through an acquirer."""
        self.payments += 1
        trade = self.trade = f"{acquirer}-P{self.payments:011d}" if acquirer else f"20260101220011{self.payments:014d}"
        async with city_transaction(self.house.pool, CITY) as connection:
            handle = payer_handle(self.house.vaults(CITY), "alipay", "2088900000000001")
            paid = Paid(
                wallet="acquirer" if acquirer else "alipay",
                trade_no=trade,
                payer=handle,
                account=f"{acquirer}-898330154119999" if acquirer else ACCOUNT,
                merchant=self.merchant,
                shop=self.shop,
                item="片儿川",
                paid_fen=paid_fen,
                paid_at=self.house.clock.now() - timedelta(hours=2),
                proven=True,
                source="entry",
            )
            await take_payment(connection, CITY, paid)
        identifier, said = self.desk.mint(CITY), self.text(words)
        claim = Claim(remedy=Remedy.refund_part, amount_fen=1200)
        file = c.File(id=identifier, trades=(trade,), problem=problem, claim=claim, words=said.id)
        await self.do(identifier, file, "consumer", said)
        return identifier

    async def succeed(self, former: str, later: str, days: float = 9) -> str:
        """Register that one merchant succeeds another."""
        begins, identifier = self.house.clock.now() - timedelta(days=days), self.desk.mint(CITY)
        command = Succeed(id=identifier, former=former, later=later, begins=begins, note="registry's notice")
        await self.desk.act(SUCCESSIONS, CITY, identifier, command, Actor(Role.officer, self.officer, "330102"))
        return identifier

    async def second(self) -> str:
        """Another merchant, with the credit code `SECOND`."""
        identifier = self.desk.mint(CITY)
        command = m.RegisterMerchant(city=CITY, id=identifier, credit_code=SECOND, name="新东家")
        await self.desk.act(MERCHANTS, CITY, identifier, command, SYSTEM)
        return identifier

    async def escalated(self, words: str = "面里有头发") -> str:
        """One that the merchant has answered and the consumer has brought to the authority."""
        identifier, said = await self.dispute(words), self.text("是香菜")
        await self.do(identifier, c.Answer(words=said.id), "merchant", said)
        await self.do(identifier, c.Escalate(), "consumer")
        return identifier

    async def do(self, dispute: str, command: c.Command, who: str, *contents: Content) -> Any:
        actor = {
            "consumer": Actor(Role.consumer, self.consumer),
            "merchant": Actor(Role.merchant, "owner-1", self.merchant),
            "officer": Actor(Role.officer, self.officer, "330102"),
        }[who]
        return await self.desk.act(DISPUTES, CITY, dispute, command, actor, contents=contents)

    def text(self, words: str) -> Content:
        return Content(id=self.desk.mint(CITY), kind="text", plain=words.encode())


def keys(html: str) -> dict[str, str]:
    """A page's hidden fields."""
    return dict(re.findall(r'name="(csrf|once|version)" value="([^"]*)"', html))


async def session(house: House, role: Role, person: str, organisation: str) -> str:
    """A session's token, as a sign-in makes it."""
    viewer = Viewer(city=CITY, role=role, person=person, organisation=organisation, facts={"name": "王警官"})
    async with city_transaction(house.pool, CITY) as connection:
        return await sessions.begin(connection, house.chance, viewer)


async def come_in(client: httpx.AsyncClient, house: House, person: str) -> None:
    """Give a browser an officer's session."""
    token = await session(house, Role.officer, person, "330102")
    client.cookies.set("hejie-officer", token, path=f"/{CITY}")
