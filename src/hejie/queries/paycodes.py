"""Paycodes: a merchant's, those that wait for an officer, the one behind a number, and what a payment remembers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing
from hejie.cities.promises import Promise
from hejie.cities.settings import owed
from hejie.payments.paycode import Paycode
from hejie.store.pool import Connection
from hejie.store.settings import all_settings

MOST_SHOWN = 200
_NAMED = """
select c.body::text, coalesce(m.name, ''), coalesce(s.name, ''), coalesce(s.address, '')
from paycode c
left join merchant m on m.city = c.city and m.id = c.merchant
left join shop s on s.city = c.city and s.id = c.shop
where c.city = %s
"""
_PROMISED = """
select p.paid_at, c.body::text from payment p join paycode c on c.city = p.city and c.id = p.paycode
where p.city = %s and p.payer = (select x.handle from person x where x.city = %s and x.id = %s)
  and p.trade_no = any(%s)
order by p.paid_at, p.trade_no
"""


class Named(Struct, frozen=True, kw_only=True):
    """A paycode with the names people know it by."""

    paycode: Paycode
    merchant_name: str
    shop_name: str
    shop_address: str


async def paycodes_of(connection: Connection, city: str, merchant: str) -> list[Named]:
    """A merchant's, the newest first, `MOST_SHOWN` at most."""
    more = "and c.merchant = %s order by c.applied_at desc, c.id desc limit %s"
    return await _named(connection, more, [city, merchant, MOST_SHOWN])


async def paycodes_waiting(connection: Connection, city: str) -> list[Named]:
    """Those that wait for a decision, the oldest first, `MOST_SHOWN` at most."""
    more = "and c.state = 'applied' order by c.applied_at, c.id limit %s"
    return await _named(connection, more, [city, MOST_SHOWN])


async def paycodes_decided(connection: Connection, city: str) -> list[Named]:
    """Those that have been decided, the last changed first, `MOST_SHOWN` at most."""
    more = "and c.state <> 'applied' order by c.changed_at desc, c.id desc limit %s"
    return await _named(connection, more, [city, MOST_SHOWN])


async def read_paycode(connection: Connection, city: str, identifier: str) -> Named:
    """One; `Missing("paycode_unknown")`."""
    return _one(await _named(connection, "and c.id = %s", [city, identifier]))


async def paycode_numbered(connection: Connection, city: str, number: str) -> Named:
    """The one that a number names; `Missing("paycode_unknown")`."""
    return _one(await _named(connection, "and c.number = %s", [city, number]))


async def paycode_in_force(connection: Connection, city: str, shop: str) -> Named | None:
    """A shop's present one."""
    found = await _named(connection, "and c.shop = %s and c.state = 'granted'", [city, shop])
    return found[0] if found else None


async def promised_to(connection: Connection, city: str, person: str, trades: Sequence[str]) -> tuple[Promise, ...]:
    """What was shown to a person who made these payments, each promise once, in the words of the first of them."""
    cursor = await connection.execute(_PROMISED, [city, city, person, list(trades)])
    shown = [(paid_at, msgspec.json.decode(body, type=Paycode)) for paid_at, body in await cursor.fetchall()]
    rows = await all_settings(connection, city) if shown else []
    found: dict[str, Promise] = {}
    for paid_at, paycode in shown:
        for promise in owed(rows, paycode.promises, paid_at):
            found.setdefault(promise.id, promise)
    return tuple(found.values())


def _one(found: list[Named]) -> Named:
    if not found:
        raise Missing("paycode_unknown")
    return found[0]


async def _named(connection: Connection, more: str, values: list[object]) -> list[Named]:
    rows: list[Any] = await (await connection.execute(f"{_NAMED} {more}", values)).fetchall()
    return [
        Named(
            paycode=msgspec.json.decode(body, type=Paycode), merchant_name=merchant, shop_name=shop, shop_address=where
        )
        for body, merchant, shop, where in rows
    ]
