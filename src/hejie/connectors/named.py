"""Wallets at which an account's number is its authority: the merchant gives leave there, and says so here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import timedelta

from hejie.base.clock import Clock
from hejie.base.errors import Refused
from hejie.connectors.wallet import Authorisation

AUTHORITY = timedelta(days=365)
"""How long a merchant's leave is taken to stand: such a wallet names no end, so it is asked for again each year."""


class NamedAccounts(ABC):
    """The part of `hejie.connectors.wallet.Wallet` that is about authority; nothing is asked or moved by it."""

    clock: Clock

    @abstractmethod
    def names(self, code: str) -> bool:
        """Whether a code is the number of an account at this wallet."""

    async def authorise(self, code: str) -> Authorisation:
        """Take the number that a merchant names; `Refused("authority_code_invalid")`."""
        if not self.names(code):
            raise Refused("authority_code_invalid")
        until = self.clock.now() + AUTHORITY
        return Authorisation(
            token=code, refresh_token=code, account=code, expires_at=until, refresh_expires_at=until + AUTHORITY
        )

    async def renew(self, refresh_token: str) -> Authorisation:
        """Another year."""
        return await self.authorise(refresh_token)
