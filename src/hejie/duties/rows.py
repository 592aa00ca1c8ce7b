"""The rows a duty begins with, each read in a transaction of its own: none is open while something is sent."""

from __future__ import annotations

from hejie.disputes.model import Dispute
from hejie.duties.tools import Tools
from hejie.merchants.model import Merchant
from hejie.queries import merchant, record
from hejie.store.pool import city_transaction


async def read_dispute(tools: Tools, city: str, identifier: str) -> Dispute:
    """A dispute's row; `Missing("dispute_unknown")`."""
    async with city_transaction(tools.pool, city) as connection:
        return await record.read_dispute(connection, city, identifier)


async def read_merchant(tools: Tools, city: str, identifier: str) -> Merchant:
    """A merchant's row; `Missing("merchant_unknown")`."""
    async with city_transaction(tools.pool, city) as connection:
        return await merchant.read_merchant(connection, city, identifier)
