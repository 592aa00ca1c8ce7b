"""Which paycode was in force where something was paid, and what it promised: for all who write or read payments."""

from __future__ import annotations

from datetime import datetime

from hejie.cities.promises import Promise
from hejie.cities.settings import owed
from hejie.payments.paycode import Paycode
from hejie.store.pool import Connection
from hejie.store.settings import all_settings


def shown(city: str, merchant: str, shop: str, at: str) -> str:
    """SQL for the paycode's identifier, empty for none; the arguments are SQL too: columns or placeholders."""
    return f"""coalesce((
  select c.id from paycode c
  where c.city = {city} and c.merchant = {merchant} and c.shop = {shop} and c.granted_at is not null
    and tstzrange(c.granted_at, c.ended_at) @> {at}), '')"""


async def promises_at(connection: Connection, city: str, paycode: Paycode, at: datetime) -> tuple[Promise, ...]:
    """What a paycode promised at an instant, in the city's words of that day."""
    return owed(await all_settings(connection, city), paycode.promises, at)
