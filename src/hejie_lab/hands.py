"""What payers and merchants do, by the house's own road: for traffic, fault runs and benchmarks."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.app import App
from hejie.base.actor import Actor, Role
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Claim, Dispute
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants.model import Merchant
from hejie.store.pool import city_transaction
from hejie_lab.errors import LabError
from hejie_lab.settling import WALLET
from hejie_lab.town import CITY, Purchase

_READ = "select body::text from dispute where city = %s and id = %s"


class Hands:
    """The people of a town; each method is one thing somebody does."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def enter(self, purchase: Purchase, merchant: Merchant) -> str:
        """A payer comes with one payment, as by an entry link whose trade was asked for; the person's identifier."""
        handle = self.handle(purchase.payer.user)
        paid = Paid(
            wallet=WALLET,
            trade_no=purchase.trade_no,
            payer=handle,
            account=purchase.account,
            merchant=merchant.id,
            shop=purchase.store,
            item=purchase.item,
            paid_fen=purchase.amount_fen,
            paid_at=purchase.paid_at,
            proven=True,
            source="entry",
        )
        desk = self._app.desk
        async with city_transaction(self._app.pool, CITY) as connection:
            person = await person_of(connection, CITY, handle, desk.mint(CITY), "zh", desk.clock.now())
            await take_payment(connection, CITY, paid)
        return person

    def handle(self, user: str) -> bytes:
        """How the house knows a wallet's user."""
        return payer_handle(self._app.tools.vaults(CITY), WALLET, user)

    async def file(self, person: str, purchase: Purchase, problem: str, claim: Claim, words: str) -> Dispute:
        """A payer files a dispute on one payment."""
        identifier = self._app.desk.mint(CITY)
        text = self._text(words)
        command = d.File(id=identifier, trades=(purchase.trade_no,), problem=problem, claim=claim, words=text.id)
        return await self._act(identifier, command, Actor(Role.consumer, person), [text])

    async def consumer(self, dispute: Dispute, command: d.Command) -> Dispute:
        """Its consumer does something."""
        return await self._act(dispute.id, command, Actor(Role.consumer, dispute.consumer))

    async def merchant(self, dispute: Dispute, command: d.Command) -> Dispute:
        """Its merchant does something."""
        return await self._act(dispute.id, command, Actor(Role.merchant, "counter", dispute.merchant))

    async def refuse(self, dispute: Dispute, words: str) -> Dispute:
        """Its merchant answers without an offer."""
        text = self._text(words)
        actor = Actor(Role.merchant, "counter", dispute.merchant)
        return await self._act(dispute.id, d.Answer(words=text.id), actor, [text])

    async def read(self, identifier: str) -> Dispute:
        """A dispute as it stands; `LabError` where there is none."""
        async with city_transaction(self._app.pool, CITY) as connection:
            row: Any = await (await connection.execute(_READ, [CITY, identifier])).fetchone()
        if row is None:
            raise LabError(f"There is no dispute {identifier}.")
        return msgspec.json.decode(row[0], type=Dispute)

    def _text(self, words: str) -> Content:
        return Content(id=self._app.desk.mint(CITY), kind="text", plain=words.encode())

    async def _act(
        self, identifier: str, command: d.Command, actor: Actor, contents: list[Content] | None = None
    ) -> Dispute:
        done = await self._app.desk.act(DISPUTES, CITY, identifier, command, actor, contents=contents or ())
        if done.row is None:
            raise LabError(f"{identifier} has no row.")
        return done.row
