"""Who stood behind a payment identity at an instant, and all identities of a merchant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hejie.merchants.bindings import Binding, Identity, identity_of
from hejie.store.pool import Connection

MOST_SHOWN = 200
_AT = """
select body::text from binding
where city = %s and identity = any(%s) and not undone and begins <= %s and (ends is null or ends > %s)
"""
_OF = "select body::text from binding where city = %s and merchant = %s order by begins desc, id desc limit %s"
_PAYEE_AT = """
select merchant, shop from (
  select 1 as rank, b.merchant, b.shop from binding b
  where b.city = %(city)s and b.identity = %(identity)s and not b.undone
    and b.begins <= %(at)s and (b.ends is null or b.ends > %(at)s)
  union all
  select 2, a.merchant, '' from account a
  where a.city = %(city)s and a.wallet = %(wallet)s and a.account = %(account)s and not exists (
    select 1 from binding b
    where b.city = %(city)s and b.identity = %(identity)s and not b.undone and b.begins <= %(at)s)
) found order by rank limit 1
"""
"""Where bindings have begun to tell whose an account is, they alone tell; before that whoever opened it here."""
_FOLLOWED = """
select distinct d.id, d.closed_at is null
from payment p
join dispute_payment dp on dp.city = p.city and dp.wallet = p.wallet and dp.trade_no = p.trade_no
join dispute d on d.city = dp.city and d.id = dp.dispute and d.merchant = %(merchant)s
where p.city = %(city)s and p.wallet = %(wallet)s and p.account = %(account)s
  and p.paid_at >= %(begins)s and (%(ends)s::timestamptz is null or p.paid_at < %(ends)s)
order by d.id limit %(most)s
"""


async def bindings_at(connection: Connection, city: str, identities: Sequence[Identity], at: datetime) -> list[Binding]:
    """Those that held at an instant, in the order in which the identities were given."""
    keys = [each.key for each in identities]
    rows = await (await connection.execute(_AT, [city, keys, at, at])).fetchall()
    found = [msgspec.json.decode(body, type=Binding) for (body,) in rows]
    return sorted(found, key=lambda each: keys.index(each.identity.key))


async def payee_at(connection: Connection, city: str, wallet: str, account: str, at: datetime) -> tuple[str, str]:
    """The merchant, and the shop where it is known, that stood behind a wallet's account at an instant; or empty."""
    identity = identity_of(wallet, account).key
    values = {"city": city, "identity": identity, "wallet": wallet, "account": account, "at": at}
    row: Any = await (await connection.execute(_PAYEE_AT, values)).fetchone()
    return (row[0], row[1]) if row else ("", "")


async def bindings_of(connection: Connection, city: str, merchant: str) -> list[Binding]:
    """A merchant's, undone ones too, the newest first, `MOST_SHOWN` at most."""
    rows: list[Any] = await (await connection.execute(_OF, [city, merchant, MOST_SHOWN])).fetchall()
    return [msgspec.json.decode(body, type=Binding) for (body,) in rows]


async def what_followed(connection: Connection, city: str, binding: Binding) -> list[tuple[str, bool]]:
    """Disputes that reached the merchant by a binding of a wallet's account, and whether each is open."""
    if binding.identity.account is None:
        return []
    wallet, account = binding.identity.account
    values = {
        "city": city,
        "merchant": binding.merchant,
        "wallet": wallet,
        "account": account,
        "begins": binding.begins,
        "ends": binding.ends,
        "most": MOST_SHOWN,
    }
    return [(name, open_) for name, open_ in await (await connection.execute(_FOLLOWED, values)).fetchall()]
