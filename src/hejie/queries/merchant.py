"""What is read of merchants: a row, who was paid, and for their portal the inbox and what stands behind answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hejie.base.actor import Actor
from hejie.base.errors import Missing, Refused
from hejie.disputes.model import Dispute
from hejie.disputes.states import OPEN, State
from hejie.merchants.model import Merchant
from hejie.queries.keys import read_instant
from hejie.queries.lists import PAGE, Page, Row
from hejie.store.pool import Connection

URGENCY = (State.overdue, State.awaiting_merchant, State.settling, State.mediating, State.awaiting_consumer)
"""Open disputes in the order in which they need the merchant."""
ENDED = tuple(state for state in State if state not in OPEN)

_RANK = "array_position(%s::text[], d.state)"
_BY = "coalesce(d.due_at, d.filed_at)"
_COLUMNS = """
d.id, d.state, d.problem, d.claim_kind, d.claim_fen, coalesce(s.name, m.name, ''), d.district, d.filed_at, d.due_at,
d.due_rule, d.officer, d.outcome, d.undue, d.origin, d.changed_at
"""
_FROM = """
from dispute d
left join merchant m on m.city = d.city and m.id = d.merchant
left join shop s on s.city = d.city and s.id = d.shop
where d.city = %s and d.merchant = %s and d.state = any(%s)
"""


async def inbox(
    connection: Connection,
    city: str,
    merchant: str,
    states: Sequence[State],
    shops: Sequence[str] = (),
    after: str = "",
    size: int = PAGE,
) -> Page:
    """A merchant's disputes in these states, of these shops (all for none).

    Where every state is open, what needs the merchant comes first, then the earliest due; else the newest filing.
    Errors: `Refused("page_key_wrong")`.
    """
    if all(state in OPEN for state in states):
        return await _urgent(connection, city, merchant, states, shops, after, size)
    return await _newest(connection, city, merchant, states, shops, after, size)


async def _urgent(
    connection: Connection,
    city: str,
    merchant: str,
    states: Sequence[State],
    shops: Sequence[str],
    after: str,
    size: int,
) -> Page:
    ranks = [state.value for state in URGENCY]
    where, values = _where(city, merchant, states, shops)
    if after:
        rank, instant, identifier = _key(after, 3)
        where += f" and ({_RANK}, {_BY}, d.id) > (%s, %s, %s)"
        values += [ranks, _rank(rank), read_instant(instant), identifier]
    query = f"select {_COLUMNS} {where} order by {_RANK}, {_BY}, d.id limit %s"
    found: list[Any] = await (await connection.execute(query, [*values, ranks, size + 1])).fetchall()
    rows = [_row(each) for each in found]
    if len(rows) <= size:
        return Page(tuple(rows))
    last = rows[size - 1]
    place = ranks.index(last.state) + 1
    return Page(tuple(rows[:size]), f"{place}~{(last.due_at or last.filed_at).isoformat()}~{last.id}")


async def _newest(
    connection: Connection,
    city: str,
    merchant: str,
    states: Sequence[State],
    shops: Sequence[str],
    after: str,
    size: int,
) -> Page:
    where, values = _where(city, merchant, states, shops)
    if after:
        instant, identifier = _key(after, 2)
        where += " and (d.filed_at, d.id) < (%s, %s)"
        values += [read_instant(instant), identifier]
    query = f"select {_COLUMNS} {where} order by d.filed_at desc, d.id desc limit %s"
    found: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    rows = [_row(each) for each in found]
    last = rows[size - 1] if len(rows) > size else None
    return Page(tuple(rows[:size]), f"{last.filed_at.isoformat()}~{last.id}" if last else "")


def _where(city: str, merchant: str, states: Sequence[State], shops: Sequence[str]) -> tuple[str, list[object]]:
    values: list[object] = [city, merchant, [state.value for state in states]]
    if not shops:
        return _FROM, values
    return f"{_FROM} and d.shop = any(%s)", [*values, list(shops)]


def _key(after: str, parts: int) -> list[str]:
    found = after.split("~")
    if len(found) != parts:
        raise Refused("page_key_wrong")
    return found


def _rank(text: str) -> int:
    if text not in {str(place) for place in range(1, len(URGENCY) + 1)}:
        raise Refused("page_key_wrong")
    return int(text)


def _row(values: Sequence[Any]) -> Row:
    return Row(**dict(zip(Row.__struct_fields__, values, strict=True)))


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
select m.body::text, p.account from payment p join merchant m on m.city = p.city and m.id = p.merchant
where p.city = %s and p.wallet = %s and p.trade_no = %s
"""


async def paid_on(connection: Connection, city: str, wallet: str, trade_no: str) -> tuple[Merchant, str]:
    """Who was paid, and on which account (empty where a file named none); `Refused("payment_unknown")`."""
    row: Any = await (await connection.execute(_PAID_ON, [city, wallet, trade_no])).fetchone()
    if row is None:
        raise Refused("payment_unknown")
    return msgspec.json.decode(row[0], type=Merchant), row[1]


_ACCOUNTS = """
select m.body::text, array_agg(distinct p.account)
from merchant m
left join payment p on p.city = m.city and p.wallet = %s and p.trade_no = any(%s)
where m.city = %s and m.id = %s
group by m.body
"""


async def authority_stands(connection: Connection, dispute: Dispute, now: datetime) -> bool:
    """Whether the merchant's authority to refund by API is in force for every account that was paid."""
    trades = [paid.trade_no for paid in dispute.payments]
    cursor = await connection.execute(_ACCOUNTS, [dispute.wallet, trades, dispute.city, dispute.merchant])
    row: Any = await cursor.fetchone()
    if row is None:
        return False
    merchant = msgspec.json.decode(row[0], type=Merchant)
    return all(account and merchant.authority(dispute.wallet, account, now) is not None for account in row[1])


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
