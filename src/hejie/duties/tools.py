"""What every duty is given: the desk, the clock, and the outside connections of each city."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from hejie.base.clock import Clock
from hejie.base.errors import Refused
from hejie.base.seals import Vault
from hejie.connectors.email.protocol import Mail
from hejie.connectors.exchange_keys import Own
from hejie.connectors.national12315.protocol import National
from hejie.connectors.sms.protocol import Sms
from hejie.connectors.translation.protocol import Translator
from hejie.connectors.transport import http_client
from hejie.connectors.wallet import CaseHolder, Wallet
from hejie.desk.act import Desk
from hejie.settings import Settings
from hejie.store.pool import Pool
from hejie.transparency.parties import OwnLog


def no_mail(_city: str) -> Mail:
    """Nobody carries e-mail."""
    raise Refused("email_not_connected")


def no_translator(_city: str) -> Translator:
    """Nothing is translated."""
    raise Refused("translation_not_connected")


def no_national(_city: str) -> National:
    """Nothing is handed to 12315."""
    raise Refused("national_not_connected")


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Built once by `app`; a duty takes nothing from anywhere else."""

    pool: Pool
    desk: Desk
    clock: Clock
    vaults: Callable[[str], Vault]
    wallet: Callable[[str, str], Wallet]
    """(city, wallet's name) → its connector; `Refused("wallet_not_connected")` where the city has none."""
    sms: Callable[[str], Sms]
    """City → its messenger; `Refused("sms_not_connected")`."""
    mail: Callable[[str], Mail] = no_mail
    """City → its carrier of e-mail; `Refused("email_not_connected")`."""
    translator: Callable[[str], Translator] = no_translator
    """City → its translation engine; `Refused("translation_not_connected")`."""
    national: Callable[[str], National] = no_national
    """City → the national 12315 platform; `Refused("national_not_connected")`."""
    exchange: Mapping[str, Own] = field(default_factory=dict)
    """City → its keys for the exchange with other cities; none where it takes no part."""
    cities: httpx.AsyncClient = field(default_factory=http_client)
    """By which other cities are called: none of them can hold up a wallet."""
    logs: Mapping[str, OwnLog] = field(default_factory=dict)
    """City → its log for everybody, where it has one."""
    settings: Settings
    jitter: Callable[[], float] = random.random
    """Chance from 0 to 1, for back-off."""

    def case_holder(self, city: str, name: str) -> CaseHolder:
        """A wallet in which disputes can be born; `Refused("wallet_not_connected" | "wallet_holds_no_cases")`."""
        wallet = self.wallet(city, name)
        if not isinstance(wallet, CaseHolder):
            raise Refused("wallet_holds_no_cases")
        return wallet
