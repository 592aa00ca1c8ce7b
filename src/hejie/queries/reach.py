"""Whom a payment went to, and whether they take part: here, in another city of this house, or not at all."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from hejie.merchants.model import Merchant, Shop, State
from hejie.queries.bindings import payee_at
from hejie.queries.consumer import Bought
from hejie.store.pool import Connection

_BY_ID = "select body::text from merchant where city = %s and id = %s"
_BY_NAME = """
select distinct m.id, m.body::text from (
  select s.merchant from shop s where s.city = %s and s.name = %s
  union
  select x.id from merchant x where x.city = %s and x.name = %s) found
join merchant m on m.city = %s and m.id = found.merchant
where m.state <> %s
limit 2
"""
_ENROLLED = """
select 1 from account a join merchant m on m.city = a.city and m.id = a.merchant
where a.city = %s and a.wallet = %s and a.account = %s and m.state = %s
"""


class Payee(Struct, frozen=True):
    """Who was paid, as far as this city knows."""

    merchant: Merchant
    shop: Shop | None

    @property
    def district(self) -> str:
        """Where it was: the shop's division, else the one in which all its shops lie, else empty."""
        found = {self.shop.district} if self.shop else {each.district for each in self.merchant.shops}
        return found.pop() if len(found) == 1 else ""

    @property
    def trade(self) -> str:
        """The same for its trade."""
        found = {self.shop.category} if self.shop else {each.category for each in self.merchant.shops}
        return found.pop() if len(found) == 1 else ""


async def payee_of(connection: Connection, city: str, bought: Bought) -> Payee | None:
    """The merchant of a payment: as it is kept with it, else by the account, else by the name in the wallet.

    A name alone finds only a merchant that does not take part: it is good enough to invite it, and not to open a
    dispute against one that is paid on other accounts.
    """
    merchant = await _merchant(connection, city, bought)
    if merchant is None:
        return None
    named = next((each for each in merchant.shops if bought.payee and each.name == bought.payee), None)
    only = merchant.shops[0] if len(merchant.shops) == 1 else None
    return Payee(merchant, merchant.shop(bought.shop) or named or only)


async def _merchant(connection: Connection, city: str, bought: Bought) -> Merchant | None:
    rows: list[Any] = []
    if bought.merchant:
        rows = await (await connection.execute(_BY_ID, [city, bought.merchant])).fetchall()
    elif bought.account:
        stood = await payee_at(connection, city, bought.wallet, bought.account, bought.paid_at)
        rows = await (await connection.execute(_BY_ID, [city, stood.merchant])).fetchall()
    if not rows and bought.payee:
        values = [city, bought.payee, city, bought.payee, city, State.enrolled.value]
        named = await (await connection.execute(_BY_NAME, values)).fetchall()
        rows = [(body,) for _, body in named]
    return msgspec.json.decode(rows[0][0], type=Merchant) if len(rows) == 1 else None


async def takes_part(connection: Connection, city: str, wallet: str, account: str) -> bool:
    """Whether the merchant of an account takes part in the city that `connection` sees."""
    cursor = await connection.execute(_ENROLLED, [city, wallet, account, State.enrolled.value])
    return await cursor.fetchone() is not None
