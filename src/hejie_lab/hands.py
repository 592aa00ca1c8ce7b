"""What consumers and merchants of a town do to disputes, by the house's own road."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.app import App
from hejie.base.actor import Actor, Role
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Dispute
from hejie.intake.payments import payer_handle
from hejie.store.pool import city_transaction
from hejie_lab.errors import LabError
from hejie_lab.settling import WALLET
from hejie_lab.town import CITY

_READ = "select body::text from dispute where city = %s and id = %s"


class Hands:
    """The people of a town; each method is one thing somebody does."""

    def __init__(self, app: App, city: str = CITY) -> None:
        self._app, self._city = app, city

    def handle(self, user: str) -> bytes:
        """How the house knows a wallet's user."""
        return payer_handle(self._app.tools.vaults(self._city), WALLET, user)

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
        async with city_transaction(self._app.pool, self._city) as connection:
            row: Any = await (await connection.execute(_READ, [self._city, identifier])).fetchone()
        if row is None:
            raise LabError(f"There is no dispute {identifier}.")
        return msgspec.json.decode(row[0], type=Dispute)

    def _text(self, words: str) -> Content:
        return Content(id=self._app.desk.mint(self._city), kind="text", plain=words.encode())

    async def _act(
        self, identifier: str, command: d.Command, actor: Actor, contents: list[Content] | None = None
    ) -> Dispute:
        done = await self._app.desk.act(DISPUTES, self._city, identifier, command, actor, contents=contents or ())
        if done.row is None:
            raise LabError(f"{identifier} has no row.")
        return done.row
