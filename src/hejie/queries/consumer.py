"""A consumer's own payments, each with the dispute it stands in, and whom it went to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing
from hejie.merchants.model import Merchant
from hejie.queries.keys import read_instant
from hejie.store.pool import Connection
from hejie.store.taken import TAKEN
from hejie.store.units import VOUCHING

PAGE = 20


class Bought(Struct, frozen=True, kw_only=True):
    """One payment in its payer's bill; amounts in fen."""

    trade_no: str
    wallet: str
    order_no: str
    item: str
    paid_fen: int
    before_fen: int
    """What went back already, by any road that the wallet's word or our own refunds show."""
    paid_at: datetime
    proven: bool
    account: str
    merchant: str
    """Empty where the payee has not joined this city."""
    shop: str
    payee: str
    """Whom the wallet's bill names, empty where it was not told."""
    place: str
    """How people call the payee; empty where unknown."""
    dispute: str | None
    """The open dispute it stands in, else the latest one."""
    state: str | None
    taken: bool
    """Whether that dispute is open."""
    elsewhere: str
    """Where nobody here knows who was paid: the member city whose register does."""

    @property
    def left_fen(self) -> int:
        """What may still come back."""
        return self.paid_fen - self.before_fen


class Page(Struct, frozen=True):
    """One page of a bill and the key after which the next begins, empty on the last."""

    rows: tuple[Bought, ...]
    after: str = ""


class Payee(Struct, frozen=True):
    """A merchant that has joined, and the shop where it is known."""

    merchant: str
    shop: str


_BOUGHT = f"""
select p.trade_no, p.wallet, p.order_no, p.item, p.paid_fen, {TAKEN}::bigint,
       p.paid_at, p.proven, p.account, p.merchant, p.shop, p.payee,
       coalesce(s.name, m.name, nullif(p.payee, ''), ''), d.id, d.state,
       coalesce(d.open, false), {VOUCHING}
from payment p
left join merchant m on m.city = p.city and m.id = p.merchant
left join shop s on s.city = p.city and s.id = p.shop
left join lateral (
  select x.dispute as id, e.state, x.open from dispute_payment x join dispute e on e.city = x.city and e.id = x.dispute
  where x.city = p.city and x.wallet = p.wallet and x.trade_no = p.trade_no and e.consumer = %s
  order by x.open desc, e.filed_at desc limit 1) d on true
where p.city = %s and p.payer = (select c.handle from person c where c.city = %s and c.id = %s)
"""
"""The payer comes first and alone: a join that was planned in an empty city would read all payments of a full one."""
_AUTHORITY = """
select m.body::text from merchant m where m.city = %s and m.id = %s
"""
_NAMED = """
select merchant, shop from (
  select s.merchant, s.id as shop from shop s where s.city = %s and s.name = %s
  union all
  select m.id, '' from merchant m where m.city = %s and m.name = %s) found
"""
_SHOPS = "select id from shop where city = %s and merchant = %s order by id limit 2"


def _whose(city: str, person: str) -> list[object]:
    """What `_BOUGHT` asks for first."""
    return [person, city, city, person]


async def bill(connection: Connection, city: str, person: str, after: str = "", size: int = PAGE) -> Page:
    """A person's payments, newest first; `after` is the last page's key."""
    query, values = _BOUGHT, _whose(city, person)
    if after:
        instant, _, trade_no = after.partition("~")
        query += " and (p.paid_at, p.trade_no) < (%s, %s)"
        values += [read_instant(instant), trade_no]
    query += " order by p.paid_at desc, p.trade_no desc limit %s"
    found: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    rows = tuple(_row(each) for each in found[:size])
    return Page(rows, f"{rows[-1].paid_at.isoformat()}~{rows[-1].trade_no}" if len(found) > size else "")


async def payments(connection: Connection, city: str, person: str, trades: Sequence[str]) -> tuple[Bought, ...]:
    """These payments of a person in the order named; `Missing("payment_unknown")` if one is not theirs."""
    cursor = await connection.execute(f"{_BOUGHT} and p.trade_no = any(%s)", [*_whose(city, person), list(trades)])
    known = {row[0]: _row(row) for row in await cursor.fetchall()}
    if not trades or any(trade not in known for trade in trades):
        raise Missing("payment_unknown")
    return tuple(known[trade] for trade in dict.fromkeys(trades))


async def beside(connection: Connection, city: str, person: str, one: Bought, since: datetime) -> tuple[Bought, ...]:
    """Other payments to the same merchant from the same wallet since then that stand in no open dispute."""
    cursor = await connection.execute(
        f"{_BOUGHT} and p.merchant = %s and p.wallet = %s and p.trade_no <> %s and p.paid_at > %s"
        " and not coalesce(d.open, false) order by p.paid_at desc limit 19",
        [*_whose(city, person), one.merchant, one.wallet, one.trade_no, since],
    )
    return tuple(_row(row) for row in await cursor.fetchall())


async def refunds_by_api(connection: Connection, city: str, bought: Sequence[Bought], now: datetime) -> bool:
    """Whether the platform itself may refund all of these: proven, and under the merchant's authority."""
    if not all(each.proven and each.account for each in bought):
        return False
    row = await (await connection.execute(_AUTHORITY, [city, bought[0].merchant])).fetchone()
    if row is None:
        return False
    merchant = msgspec.json.decode(row[0], type=Merchant)
    return all(merchant.authority(each.wallet, each.account, now) is not None for each in bought)


async def payee_named(connection: Connection, city: str, names: Sequence[str]) -> Payee | None:
    """The one merchant or shop that bears exactly one of these names; none where nobody or several do."""
    for name in filter(None, names):
        found = await (await connection.execute(_NAMED, [city, name, city, name])).fetchall()
        if len({merchant for merchant, _ in found}) == 1:
            merchant = str(found[0][0])
            shops = {str(shop) for _, shop in found if shop}
            shop = shops.pop() if len(shops) == 1 else await only_shop(connection, city, merchant)
            return Payee(merchant, shop)
    return None


async def only_shop(connection: Connection, city: str, merchant: str, named: str = "") -> str:
    """The shop of that identifier if it is the merchant's, else its only shop, else nothing."""
    if named:
        query = "select id from shop where city = %s and merchant = %s and id = %s"
        if await (await connection.execute(query, [city, merchant, named])).fetchone():
            return named
    shops = await (await connection.execute(_SHOPS, [city, merchant])).fetchall()
    return str(shops[0][0]) if len(shops) == 1 else ""


async def district_of(connection: Connection, city: str, shop: str) -> str:
    """The division of a shop, empty where none is known."""
    row = await (
        await connection.execute("select district from shop where city = %s and id = %s", [city, shop])
    ).fetchone()
    return str(row[0]) if row else ""


async def handle_of(connection: Connection, city: str, person: str) -> bytes:
    """The keyed handle under which a person's payments lie; `Missing("person_unknown")`."""
    cursor = await connection.execute("select handle from person where city = %s and id = %s", [city, person])
    row = await cursor.fetchone()
    if row is None:
        raise Missing("person_unknown")
    return bytes(row[0])


async def person_behind(connection: Connection, city: str, handle: bytes) -> str:
    """The person of a keyed handle, or nothing."""
    cursor = await connection.execute("select id from person where city = %s and handle = %s", [city, handle])
    row = await cursor.fetchone()
    return str(row[0]) if row else ""


async def open_dispute_on(connection: Connection, city: str, trade_no: str) -> tuple[str, str]:
    """The open dispute in which a payment stands, and whose it is; both empty if there is none."""
    cursor = await connection.execute(
        "select d.id, d.consumer from dispute_payment x join dispute d on d.city = x.city and d.id = x.dispute"
        " where x.city = %s and x.trade_no = %s and x.open",
        [city, trade_no],
    )
    row = await cursor.fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "")


def _row(values: Sequence[Any]) -> Bought:
    return Bought(**dict(zip(Bought.__struct_fields__, values, strict=True)))
