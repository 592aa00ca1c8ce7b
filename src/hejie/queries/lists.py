"""Lists of disputes: keyset pages over an index, no exact counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.queries.keys import read_instant
from hejie.store.payee import PAYEE
from hejie.store.pool import Connection

PAGE = 25


class Row(Struct, frozen=True, kw_only=True):
    """One dispute in a list."""

    id: str
    state: str
    problem: str
    claim_kind: str
    claim_fen: int
    place: str
    district: str
    filed_at: datetime
    due_at: datetime | None
    due_rule: str | None
    officer: str
    outcome: str | None
    undue: bool
    origin: str
    changed_at: datetime


class Page(Struct, frozen=True):
    """One page and the key after which the next begins."""

    rows: tuple[Row, ...]
    after: str = ""
    """Empty on the last page."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What a list is filtered by; empty means any."""

    states: tuple[str, ...] = ()
    district: str = ""
    problem: str = ""
    officer: str = ""
    merchant: str = ""
    consumer: str = ""
    scope: str = ""
    """One single dispute, for a reader who came by a case link."""
    origin: str = ""
    undue: bool = False
    within: str = ""
    """The code that the place of a dispute begins with: an officer's district or street."""


_COLUMNS = f"""
d.id, d.state, d.problem, d.claim_kind, d.claim_fen, coalesce(s.name, m.name, {PAYEE}, ''), d.district, d.filed_at,
d.due_at, d.due_rule, d.officer, d.outcome, d.undue, d.origin, d.changed_at
"""
_FROM = """
from dispute d
left join merchant m on m.city = d.city and m.id = d.merchant
left join shop s on s.city = d.city and s.id = d.shop
"""
_FILTERS = {
    "district": "d.district = %s",
    "problem": "d.problem = %s",
    "officer": "d.officer = %s",
    "merchant": "d.merchant = %s",
    "consumer": "d.consumer = %s",
    "scope": "d.id = %s",
    "origin": "d.origin = %s",
    "undue": "d.undue = %s",
    "within": "starts_with(coalesce(nullif(d.authority, ''), d.district), %s)",
}


async def newest(connection: Connection, city: str, wanted: Wanted, after: str = "", size: int = PAGE) -> Page:
    """Newest filings first; `after` is the last page's key."""
    return await _page(connection, city, wanted, after, size, column="filed_at", descending=True)


async def oldest(connection: Connection, city: str, wanted: Wanted, after: str = "", size: int = PAGE) -> Page:
    """Oldest filings first: who has waited longest."""
    return await _page(connection, city, wanted, after, size, column="filed_at", descending=False)


async def most_urgent(connection: Connection, city: str, wanted: Wanted, after: str = "", size: int = PAGE) -> Page:
    """Running clocks, the earliest due first."""
    return await _page(connection, city, wanted, after, size, column="due_at", descending=False)


async def _page(
    connection: Connection, city: str, wanted: Wanted, after: str, size: int, *, column: str, descending: bool
) -> Page:
    where, values = _where(city, wanted)
    if column == "due_at":
        where.append("d.due_at is not null")
    if after:
        instant, _, identifier = after.partition("~")
        where.append(f"(d.{column}, d.id) {'<' if descending else '>'} (%s, %s)")
        values += [read_instant(instant), identifier]
    order = "desc" if descending else "asc"
    query = f"""
        select {_COLUMNS} {_FROM} where {" and ".join(where)} order by d.{column} {order}, d.id {order} limit %s
    """
    found: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    rows = tuple(_row(values) for values in found[:size])
    last = rows[-1] if len(found) > size else None
    key = f"{getattr(last, column).isoformat()}~{last.id}" if last else ""
    return Page(rows, key)


def _where(city: str, wanted: Wanted) -> tuple[list[str], list[object]]:
    where, values = ["d.city = %s"], list[object]([city])
    if len(wanted.states) == 1:  # by equality the index gives one state's rows in order; by any() it cannot
        where.append("d.state = %s")
        values.append(wanted.states[0])
    elif wanted.states:
        where.append("d.state = any(%s)")
        values.append(list(wanted.states))
    for name, condition in _FILTERS.items():
        if value := getattr(wanted, name):
            where.append(condition)
            values.append(value)
    return where, values


def _row(values: Sequence[Any]) -> Row:
    return Row(**dict(zip(Row.__struct_fields__, values, strict=True)))
