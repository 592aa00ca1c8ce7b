"""Promise units of member cities as they came, and what members were told of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hejie.alliance.units import Account, Unit
from hejie.base.grams import grams
from hejie.store.pool import Connection

_KEEP = """
insert into peer_unit (city, peer, id, number, code, credit_code, name, shop, division, promises, accounts, since,
  until, state, told_at, grams)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s)
on conflict (city, peer, id) do update set number = excluded.number, code = excluded.code,
  credit_code = excluded.credit_code, name = excluded.name, shop = excluded.shop, division = excluded.division,
  promises = excluded.promises, accounts = excluded.accounts, since = excluded.since, until = excluded.until,
  state = excluded.state, told_at = excluded.told_at, grams = excluded.grams
where peer_unit.number < excluded.number
"""
_NUMBER = "select coalesce(max(number), 0) from peer_unit where city = %s and peer = %s and id = %s"
_KNOWN = "select peer from unit_told where city = %s and unit = %s and digest = %s"
_TOLD = """
insert into unit_told (city, peer, unit, digest, told_at) values (%s, %s, %s, %s, %s)
on conflict (city, peer, unit) do update set digest = excluded.digest, told_at = excluded.told_at
"""
VOUCHING = """coalesce((
  select case when count(distinct u.peer) = 1 then min(u.peer) end from peer_unit u
  where p.merchant = '' and p.account <> '' and u.city = p.city and u.peer <> u.city
    and u.accounts @> array[p.wallet || ':' || p.account]
    and not exists (select 1 from account k where k.city = p.city and k.wallet = p.wallet and k.account = p.account)
), '')"""
"""Of a payment `p` whose account nobody here knows: the one member city whose register has it, else empty."""


def place_of_account(wallet: str, account: str) -> str:
    """An account as the register keeps it."""
    return f"{wallet}:{account}"


async def keep_unit(
    connection: Connection,
    city: str,
    peer: str,
    identifier: str,
    number: int,
    unit: Unit,
    accounts: Sequence[Account],
    told_at: datetime,
) -> None:
    """The newest word on a unit stands; an older one changes nothing."""
    places = sorted(place_of_account(each.wallet, each.account) for each in accounts)
    promises = msgspec.json.encode(unit.promises).decode()
    what = [unit.number, unit.credit_code, unit.name, unit.shop, unit.division, promises, places]
    when = [unit.since, unit.until, unit.state.value, told_at]
    await connection.execute(_KEEP, [city, peer, identifier, number, *what, *when, grams(f"{unit.name} {unit.shop}")])


async def last_number(connection: Connection, city: str, peer: str, identifier: str) -> int:
    """The number of the newest word on a unit, 0 before the first."""
    row = await (await connection.execute(_NUMBER, [city, peer, identifier])).fetchone()
    return int(row[0]) if row else 0


async def told_so(connection: Connection, city: str, unit: str, digest: str) -> set[str]:
    """Who was told just this last, our own register under our own code among them."""
    return {peer for (peer,) in await (await connection.execute(_KNOWN, [city, unit, digest])).fetchall()}


async def note_told(connection: Connection, city: str, peer: str, unit: str, digest: str, now: datetime) -> None:
    """This was told."""
    await connection.execute(_TOLD, [city, peer, unit, digest, now])
