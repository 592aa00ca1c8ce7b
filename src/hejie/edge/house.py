"""What one process carries for all its visitors: built once by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hejie.base.clock import Clock
from hejie.base.errors import Missing
from hejie.base.identifiers import Chance
from hejie.base.seals import Vault
from hejie.connectors.acquirer import Door
from hejie.connectors.exchange_keys import Own
from hejie.connectors.sms.protocol import Sms
from hejie.connectors.wallet import Wallet
from hejie.desk.act import Desk
from hejie.edge.entry import EntryDoor
from hejie.edge.live import Live
from hejie.settings import Settings
from hejie.store.pool import Pool, moved
from hejie.transparency.parties import OwnLog

ASK_AGAIN = timedelta(seconds=5)
_CITIES = """
select c.city, c.name_zh, c.name_en, m.moved_to from cities_here() c left join cities_moved() m on m.city = c.city
order by c.city
"""
City = tuple[str, str]
"""A city's names: Chinese, English."""


@dataclass(slots=True)
class House:
    """The parts of the house that pages and the open platform use."""

    settings: Settings
    pool: Pool
    desk: Desk
    clock: Clock
    vaults: Callable[[str], Vault]
    chance: Chance
    live: Live
    wallets: Callable[[str, str], Wallet]
    """(city, wallet's name) → its connector: here only to verify what it pushes, never to call it."""
    messengers: Callable[[str], Sms]
    """City → its messenger: here only to verify its receipts, never to send; `Refused("sms_not_connected")`."""
    entries: Mapping[tuple[str, str], EntryDoor] = field(default_factory=dict)
    """(city, wallet) → the application and the public keys of that wallet's entry links."""
    authorise: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(city, wallet) → the page on which a merchant authorises our application, without way back and state."""
    acquirers: Mapping[tuple[str, str], Door] = field(default_factory=dict)
    """(city, acquirer's number) → what is known of it, to verify what it says."""
    logs: Mapping[str, OwnLog] = field(default_factory=dict)
    """City → its log for everybody, where it has one."""
    exchange: Mapping[str, Own] = field(default_factory=dict)
    """City → its keys for the exchange with other cities; none where it takes no part."""
    by_email: frozenset[str] = frozenset()
    """Cities whose people may give an e-mail address instead of a number."""
    to_12315: frozenset[str] = frozenset()
    """Cities that are connected to the national 12315 platform."""
    _cities: dict[str, City] = field(default_factory=dict)
    _moved: dict[str, str] = field(default_factory=dict)
    _asked_at: datetime | None = None

    async def cities(self) -> dict[str, City]:
        """Every city of this house: code → names."""
        async with self.pool.connection() as connection:
            found = await (await connection.execute(_CITIES)).fetchall()
        self._cities = {code: (zh, en) for code, zh, en, _ in found}
        self._moved = {code: to for code, _, _, to in found if to is not None}
        self._asked_at = self.clock.now()
        return self._cities

    async def city(self, code: str) -> City:
        """One city's names; `Missing("city_not_here")`, `Moved` for one that is elsewhere now.

        Pages that ask the database for nothing hear of a move a few seconds late; it lets nobody in meanwhile.
        """
        now = self.clock.now()
        fresh = self._asked_at is not None and self._asked_at <= now < self._asked_at + ASK_AGAIN
        known = (self._cities if fresh and code in self._cities else await self.cities()).get(code)
        if known is None:
            raise Missing("city_not_here")
        if code in self._moved:
            raise moved(self._moved[code])
        return known

    def known_city(self, code: str) -> City | None:
        """The same without asking the database."""
        return self._cities.get(code)
