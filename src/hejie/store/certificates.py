"""Certificates of wallets, kept for every process of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hejie.base.clock import Clock
from hejie.store.pool import Pool, city_transaction

_READ = "select pem from wallet_certificate where city = %s and wallet = %s order by kept_at desc limit 20"
_KEEP = """
insert into wallet_certificate (city, wallet, serial, pem, kept_at) values (%s, %s, %s, %s, %s) on conflict do nothing
"""


@dataclass(frozen=True)
class KeptCertificates:
    """Those of one wallet in one city; a serial number is written once and never changed."""

    pool: Pool
    clock: Clock
    city: str
    wallet: str

    async def read(self) -> Sequence[str]:
        """The newest twenty, as PEM."""
        async with city_transaction(self.pool, self.city) as connection:
            rows = await (await connection.execute(_READ, [self.city, self.wallet])).fetchall()
        return [str(row[0]) for row in rows]

    async def keep(self, certificates: Mapping[str, str]) -> None:
        """Keep these (serial number → PEM) beside the others."""
        now = self.clock.now()
        async with city_transaction(self.pool, self.city) as connection:
            for serial, pem in certificates.items():
                await connection.execute(_KEEP, [self.city, self.wallet, serial, pem, now])
