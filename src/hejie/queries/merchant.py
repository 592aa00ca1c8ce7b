"""What is read of merchants: a row, who was paid, and for their portal the inbox and what stands behind answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.actor import Actor
from hejie.base.errors import Missing, Refused
from hejie.disputes.model import Dispute
from hejie.merchants.model import Merchant
from hejie.store.pool import Connection


async def find_merchant(connection: Connection, city: str, identifier: str) -> Merchant | None:
    """One merchant's row, where the city knows it."""
    cursor = await connection.execute("select body::text from merchant where city = %s and id = %s", [city, identifier])
    row = await cursor.fetchone()
    return msgspec.json.decode(row[0], type=Merchant) if row else None


async def read_merchant(connection: Connection, city: str, identifier: str) -> Merchant:
    """One merchant's row; `Missing("merchant_unknown")`."""
    found = await find_merchant(connection, city, identifier)
    if found is None:
        raise Missing("merchant_unknown")
    return found


_PAID_ON = """
select m.body::text, p.account, p.order_no from payment p
left join account a on a.city = p.city and a.wallet = p.wallet and a.account = p.account
join merchant m on m.city = p.city and m.id = coalesce(a.merchant, p.merchant)
where p.city = %s and p.wallet = %s and p.trade_no = %s
"""


class PaidOn(Struct, frozen=True):
    """Who was paid, and how the payment is known there."""

    merchant: Merchant
    account: str
    """Empty where a file named none."""
    order_no: str


async def paid_on(connection: Connection, city: str, wallet: str, trade_no: str) -> PaidOn:
    """Who was paid; `Refused("payment_unknown")`."""
    row: Any = await (await connection.execute(_PAID_ON, [city, wallet, trade_no])).fetchone()
    if row is None:
        raise Refused("payment_unknown")
    return PaidOn(msgspec.json.decode(row[0], type=Merchant), row[1], row[2])


_ACCOUNTS = """
select m.body::text, array_agg(distinct p.account)
from merchant m
left join payment p on p.city = m.city and p.wallet = %s and p.trade_no = any(%s)
where m.city = %s and m.id = %s
group by m.body
"""


async def authority_stands(connection: Connection, dispute: Dispute, now: datetime) -> bool:
    """Whether the authority to refund by API is in force for every account that was paid.

    It is that of the merchant, or of who pays by its agreement.
    """
    pays = dispute.under.pays if dispute.under else dispute.merchant
    found = [await _stands(connection, dispute, each, now) for each in {dispute.merchant, pays}]
    return any(found)


async def _stands(connection: Connection, dispute: Dispute, payer: str, now: datetime) -> bool:
    trades = [paid.trade_no for paid in dispute.payments]
    cursor = await connection.execute(_ACCOUNTS, [dispute.wallet, trades, dispute.city, payer])
    row: Any = await cursor.fetchone()
    if row is None:
        return False
    merchant = msgspec.json.decode(row[0], type=Merchant)
    return all(account and merchant.authority(dispute.wallet, account, now) is not None for account in row[1])


_OWN = """
select bool_and(coalesce(a.merchant, p.merchant) = %s) or bool_and(coalesce(a.merchant, p.merchant) = %s) from payment p
left join account a on a.city = p.city and a.wallet = p.wallet and a.account = p.account
where p.city = %s and p.wallet = %s and p.trade_no = any(%s)
"""


async def owns_accounts(connection: Connection, dispute: Dispute) -> bool:
    """Whether the money went to the merchant's own accounts, or to who pays by its agreement.

    Only a dispute that has moved, or is under an agreement, can be otherwise.
    """
    if not dispute.former and dispute.under is None:
        return True
    pays = dispute.under.pays if dispute.under else dispute.merchant
    trades = [paid.trade_no for paid in dispute.payments]
    row: Any = await (
        await connection.execute(_OWN, [dispute.merchant, pays, dispute.city, dispute.wallet, trades])
    ).fetchone()
    return bool(row and row[0])


async def answered_before(connection: Connection, city: str, actor: Actor, key: str) -> bool:
    """Whether the desk has answered this idempotency key of this actor: it will give the same answer again."""
    cursor = await connection.execute(
        "select 1 from once where city = %s and actor = %s and key = %s",
        [city, f"{actor.role.value}:{actor.id}", key],
    )
    return await cursor.fetchone() is not None


async def staff_names(connection: Connection, city: str, merchant: str) -> dict[str, tuple[str, str]]:
    """Accounts of a merchant's staff: identifier → (login, the name colleagues see)."""
    cursor = await connection.execute(
        "select id, login, display_name from member where city = %s and organisation = %s and role = 'merchant'",
        [city, merchant],
    )
    return {identifier: (login, name) for identifier, login, name in await cursor.fetchall()}
