"""What may be used once: entry links, passkey challenges, a wallet's authorisation codes."""

from __future__ import annotations

from datetime import datetime

from hejie.store.pool import Connection

_SPEND = """
insert into nonce (city, issuer, nonce, ends_at) values (%s, %s, %s, %s) on conflict do nothing returning 1
"""


async def spend(connection: Connection, city: str, issuer: str, nonce: str, ends_at: datetime) -> bool:
    """Use it up in the caller's transaction; False if it was used before. Kept until it could not pass anyway."""
    cursor = await connection.execute(_SPEND, [city, issuer, nonce, ends_at])
    return await cursor.fetchone() is not None
