"""What one process carries for all its visitors: built once by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
from hejie.store.pool import Pool
from hejie.transparency.parties import OwnLog

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

    async def cities(self) -> dict[str, City]:
        """Every city of this house: code → names."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute("select city, name_zh, name_en from cities_here()")
            self._cities = {code: (zh, en) for code, zh, en in await cursor.fetchall()}
        return self._cities

    async def city(self, code: str) -> City:
        """One city's names; `Missing("city_not_here")`. A known city is not asked for again: none ever leaves."""
        known = self._cities.get(code) or (await self.cities()).get(code)
        if known is None:
            raise Missing("city_not_here")
        return known

    def known_city(self, code: str) -> City | None:
        """The same without asking the database."""
        return self._cities.get(code)
