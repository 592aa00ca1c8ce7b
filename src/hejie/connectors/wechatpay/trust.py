"""Whose signatures are believed: the keys that the settings name, and certificates fetched since, kept on a shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from hejie.base.clock import Clock
from hejie.base.errors import Refused
from hejie.connectors.wechatpay.keys import certified
from hejie.connectors.wechatpay.signing import key_name


class Shelf(Protocol):
    """Where fetched certificates (PEM) lie, for every process of the house."""

    async def read(self) -> Sequence[str]:
        """All that are kept."""
        ...

    async def keep(self, certificates: Mapping[str, str]) -> None:
        """Keep these (serial number → PEM) beside the others."""
        ...


class NoShelf:
    """Nothing is kept: only the keys of the settings are believed."""

    async def read(self) -> Sequence[str]:
        """Nothing."""
        return ()

    async def keep(self, certificates: Mapping[str, str]) -> None:
        """Forget them."""


class Trust:
    """The keys that are believed in this process; `keys` by `key_name`."""

    def __init__(self, keys: dict[str, RSAPublicKey], shelf: Shelf, clock: Clock) -> None:
        self.keys = keys
        self._shelf = shelf
        self._clock = clock

    async def recall(self, headers: Mapping[str, str]) -> None:
        """Look on the shelf where a signature names a key that is not known here; what has run out stays there."""
        serial = headers.get("wechatpay-serial", "")
        if not serial or key_name(serial) in self.keys:
            return
        for pem in await self._shelf.read():
            try:
                name, key = certified(pem, self._clock.now())
            except Refused:
                continue
            self.keys.setdefault(name, key)

    async def keep(self, certificates: Mapping[str, str]) -> None:
        """Believe fetched certificates from now on, here and in the other processes."""
        await self._shelf.keep(certificates)
        for pem in certificates.values():
            name, key = certified(pem)
            self.keys.setdefault(name, key)
