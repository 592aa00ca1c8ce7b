"""A merchant's queue in one city: open disputes in the order of their due time, or its past; keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.actor import Actor
from hejie.base.errors import Missing, Refused
from hejie.disputes.model import Dispute
from hejie.disputes.states import State
from hejie.merchants.handling import Handling, handling_of
from hejie.merchants.model import Merchant
from hejie.queries.keys import read_instant
from hejie.queries.lists import PAGE
from hejie.store.pool import Connection

TO_DO = (State.overdue, State.awaiting_merchant, State.settling, State.mediating)
"""Open disputes in which the merchant has something to do."""
ALL_OPEN = (*TO_DO, State.awaiting_consumer)
MOST_SHOPS = 50
"""Shops that a search by name may mean at once."""

_BY = "coalesce(d.due_at, d.filed_at)"
_COLUMNS = f"""
d.id, d.version, d.state, d.problem, d.claim_kind, d.claim_fen, coalesce(s.name, ''), d.shop, d.filed_at, d.due_at,
d.due_rule, (d.body->'due'->>'start')::timestamptz, (d.body->>'answered')::boolean, d.assignee,
coalesce(h.answers, ''), h.asked_version is not distinct from d.version, {_BY}
"""
_ASKED = """
(d.id, d.version) in (
  select a.dispute, a.asked_version from handling a
  where a.city = %s and a.merchant = %s and a.asked_version is not null)
"""
_BESIDE = """
left join shop s on s.city = d.city and s.id = d.shop
left join handling h on h.city = d.city and h.id = 'h:' || d.id and h.merchant = d.merchant
"""
_OWN = """
from handling h join dispute d on d.city = h.city and d.id = h.dispute and d.merchant = h.merchant where h.city = %s
"""
"""What a dispute's own merchant said of it; after a move the former one's word is nobody's."""


class Item(Struct, frozen=True, kw_only=True):
    """One dispute in the queue."""

    id: str
    version: int
    state: str
    problem: str
    claim_kind: str
    claim_fen: int
    shop: str
    """The shop's name, empty where none is known."""
    shop_id: str
    filed_at: datetime
    due_at: datetime | None
    due_rule: str | None
    due_start: datetime | None
    answered: bool
    assignee: str
    answers: str
    """The desk that answers, empty where nobody said so yet."""
    asked: bool
    """An answer waits for a second person."""
    at: datetime
    """By what it is ordered."""


class Want(Struct, frozen=True, kw_only=True):
    """What the queue is narrowed to; empty means any."""

    states: tuple[State, ...] = TO_DO
    """Empty for the past."""
    shops: tuple[str, ...] = ()
    problem: str = ""
    assignees: tuple[str, ...] | None = None
    """Any of these persons, `""` for nobody; none for whoever."""
    before: datetime | None = None
    """Due before this instant."""
    asked: bool = False
    """Only what waits for a second person."""
    elsewhere: bool = False
    """Of the past what another city decides now."""


class Key(Struct, frozen=True, order=True):
    """Where a page ends: the next one begins after it, in every city alike."""

    at: datetime
    id: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"


def read_key(text: str) -> Key | None:
    """A key as an address carries it, none for empty; `Refused("page_key_wrong")`."""
    if not text:
        return None
    word, _, identifier = text.partition("~")
    if not identifier:
        raise Refused("page_key_wrong")
    return Key(read_instant(word), identifier)


async def queue(
    connection: Connection, city: str, merchant: str, want: Want, after: Key | None = None, size: int = PAGE
) -> list[Item]:
    """At most `size` open disputes, the earliest due first; or of the past, the newest filing first.

    Each state, and each assignee where some are wanted, is read by an index of its own in order, and the few found
    are put together: so that a page costs the same however many disputes there are.
    """
    if not want.states:
        return await _past(connection, city, merchant, want, after, size)
    where, values = ["d.city = %s", "d.merchant = %s", "d.closed_at is null", "d.state = w.state"], [city, merchant]
    given: list[object] = [*values]
    many = "unnest(%s::text[]) as w (state)"
    first: list[object] = [[state.value for state in want.states]]
    if want.assignees is not None:
        many += " cross join unnest(%s::text[]) as a (person)"
        first.append(list(want.assignees))
        where.append("d.assignee = a.person")
    _narrow(where, given, want, city, merchant)
    if after is not None:
        where.append(f"({_BY}, d.id) > (%s, %s)")
        given += [after.at, after.id]
    query = f"""
        with found as (
          select d.* from {many} cross join lateral (
            select d.* from dispute d where {" and ".join(where)} order by {_BY}, d.id limit %s
          ) d order by {_BY}, d.id limit %s
        )
        select {_COLUMNS} from found d {_BESIDE} order by {_BY}, d.id
    """
    rows: list[Any] = await (await connection.execute(query, [*first, *given, size, size])).fetchall()
    return [_item(row) for row in rows]


async def _past(
    connection: Connection, city: str, merchant: str, want: Want, after: Key | None, size: int
) -> list[Item]:
    over = "d.state = 'elsewhere'" if want.elsewhere else "d.closed_at is not null"
    where, given = ["d.city = %s", "d.merchant = %s", over], list[object]([city, merchant])
    _narrow(where, given, want, city, merchant)
    if after is not None:
        where.append("(d.filed_at, d.id) < (%s, %s)")
        given += [after.at, after.id]
    query = f"""
        with found as (
          select d.* from dispute d where {" and ".join(where)} order by d.filed_at desc, d.id desc limit %s
        )
        select {_COLUMNS.replace(_BY, "d.filed_at")} from found d {_BESIDE} order by d.filed_at desc, d.id desc
    """
    rows: list[Any] = await (await connection.execute(query, [*given, size])).fetchall()
    return [_item(row) for row in rows]


def _narrow(where: list[str], given: list[object], want: Want, city: str, merchant: str) -> None:
    if want.shops:
        where.append("d.shop = any(%s)")
        given.append(list(want.shops))
    if want.problem:
        where.append("d.problem = %s")
        given.append(want.problem)
    if want.before is not None:
        where.append(f"{_BY} < %s")
        given.append(want.before)
    if want.asked:
        where.append(_ASKED)
        given += [city, merchant]


def _item(values: Sequence[Any]) -> Item:
    return Item(**dict(zip(Item.__struct_fields__, values, strict=True)))


async def named(connection: Connection, city: str, merchant: str, identifiers: Sequence[str]) -> dict[str, Item]:
    """These disputes of a merchant, by identifier; others are left out."""
    query = f"select {_COLUMNS} from dispute d {_BESIDE} where d.city = %s and d.merchant = %s and d.id = any(%s)"
    rows: list[Any] = await (await connection.execute(query, [city, merchant, list(identifiers)])).fetchall()
    return {item.id: item for item in map(_item, rows)}


_OFFICE = "select (body - 'shops')::text from merchant where city = %s and id = %s"


_PAID_ON = """
select dp.dispute, array_agg(distinct p.account)
from dispute_payment dp
join payment p on p.city = dp.city and p.wallet = dp.wallet and p.trade_no = dp.trade_no
where dp.city = %s and dp.dispute = any(%s) group by dp.dispute
"""


async def read_many(
    connection: Connection, city: str, merchant: Merchant, identifiers: Sequence[str], now: datetime
) -> dict[str, tuple[Dispute, bool]]:
    """These disputes of a merchant, each with whether the authority to refund stands for all that was paid."""
    rows: list[Any] = await (
        await connection.execute(
            "select body::text from dispute where city = %s and merchant = %s and id = any(%s)",
            [city, merchant.id, list(identifiers)],
        )
    ).fetchall()
    paid: list[Any] = await (await connection.execute(_PAID_ON, [city, list(identifiers)])).fetchall()
    accounts: dict[str, list[str]] = dict(paid)
    disputes = [msgspec.json.decode(row[0], type=Dispute) for row in rows]
    return {
        each.id: (
            each,
            bool(accounts.get(each.id))
            and all(account and merchant.authority(each.wallet, account, now) for account in accounts[each.id]),
        )
        for each in disputes
    }


async def read_office(connection: Connection, city: str, identifier: str) -> Merchant:
    """A merchant's row without its shops: a chain has thousands, and its queue needs none of them."""
    row: Any = await (await connection.execute(_OFFICE, [city, identifier])).fetchone()
    if row is None:
        raise Missing("merchant_unknown")
    return msgspec.json.decode(row[0], type=Merchant)


async def few_shops(connection: Connection, city: str, merchant: str, only: Sequence[str]) -> list[tuple[str, str]]:
    """A merchant's shops by name (those of `only`, where given), at most one more than may stand in a list."""
    where, values = "city = %s and merchant = %s", list[object]([city, merchant])
    if only:
        where += " and id = any(%s)"
        values.append(list(only))
    query = f"select id, name from shop where {where} order by id limit {MOST_SHOPS + 1}"
    rows: list[Any] = await (await connection.execute(query, values)).fetchall()
    return sorted(((identifier, name) for identifier, name in rows), key=lambda pair: pair[1])


async def shops_named(connection: Connection, city: str, merchant: str, words: str) -> list[str]:
    """Shops whose name, address or number has these words in it, at most `MOST_SHOPS`."""
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = f"""
        select id from shop where city = %s and merchant = %s and (name ilike %s or address ilike %s or id = %s)
        order by id limit {MOST_SHOPS}
    """
    rows: list[Any] = await (await connection.execute(query, [city, merchant, like, like, words])).fetchall()
    return [row[0] for row in rows]


async def read_handling(connection: Connection, city: str, dispute: str) -> Handling | None:
    """How the merchant's side handles a dispute; none where nothing was said, or only by a former merchant."""
    query = f"select h.body::text {_OWN} and h.id = %s"
    row: Any = await (await connection.execute(query, [city, handling_of(dispute)])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Handling)


async def read_handlings(connection: Connection, city: str, disputes: Sequence[str]) -> dict[str, Handling]:
    """The same of many disputes, by dispute."""
    query = f"select h.body::text {_OWN} and h.id = any(%s)"
    cursor = await connection.execute(query, [city, [handling_of(dispute) for dispute in disputes]])
    rows: list[Any] = await cursor.fetchall()
    found = [msgspec.json.decode(row[0], type=Handling) for row in rows]
    return {each.dispute: each for each in found}


async def answered(connection: Connection, city: str, actor: Actor, keys: Sequence[str]) -> dict[str, str]:
    """Which of these idempotency keys of an actor the desk has answered, and for which noun's identifier."""
    cursor = await connection.execute(
        "select key, answer->>'id' from once where city = %s and actor = %s and key = any(%s)",
        [city, f"{actor.role.value}:{actor.id}", list(keys)],
    )
    rows: list[Any] = await cursor.fetchall()
    return dict(rows)
