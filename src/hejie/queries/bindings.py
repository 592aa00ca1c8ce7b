"""Who stood behind a payment identity at an instant, and all identities of a merchant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from hejie.merchants.bindings import Binding, Identity, Register, Stood, identity_of
from hejie.store.pool import Connection

MOST_SHOWN = 200
_KNOWN = """
select b.body::text, '', '', '' from binding b where b.city = %(city)s and b.identity = any(%(keys)s) and not b.undone
union all
select null, a.wallet, a.account, a.merchant from account a
where a.city = %(city)s and (a.wallet, a.account) in (select * from unnest(%(wallets)s::text[], %(accounts)s::text[]))
"""
_OF = "select body::text from binding where city = %s and merchant = %s order by begins desc, id desc limit %s"
_FOLLOWED = """
select distinct d.id, d.closed_at is null
from payment p
join dispute_payment dp on dp.city = p.city and dp.wallet = p.wallet and dp.trade_no = p.trade_no
join dispute d on d.city = dp.city and d.id = dp.dispute and d.merchant = %(merchant)s
where p.city = %(city)s and p.wallet = %(wallet)s and p.account = %(account)s
  and p.paid_at >= %(begins)s and (%(ends)s::timestamptz is null or p.paid_at < %(ends)s)
order by d.id limit %(most)s
"""


async def register_of(connection: Connection, city: str, identities: Iterable[Identity]) -> Register:
    """What is known of these identities."""
    wanted = set(identities)
    accounts = sorted(each.account for each in wanted if each.account)
    values = {
        "city": city,
        "keys": sorted(each.key for each in wanted),
        "wallets": [wallet for wallet, _ in accounts],
        "accounts": [account for _, account in accounts],
    }
    rows: list[Any] = await (await connection.execute(_KNOWN, values)).fetchall()
    return Register(
        bindings=tuple(msgspec.json.decode(body, type=Binding) for body, *_ in rows if body),
        openers={identity_of(wallet, account): opener for body, wallet, account, opener in rows if not body},
    )


async def payee_at(connection: Connection, city: str, wallet: str, account: str, at: datetime) -> Stood:
    """Who stood behind a wallet's account at an instant."""
    identity = identity_of(wallet, account)
    return (await register_of(connection, city, [identity])).at([identity], at)


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
