"""Funds with what they have, a fund's ledger by pages, and the advance of a dispute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing, Refused
from hejie.payments.advance import Advance
from hejie.payments.fund import Fund
from hejie.store.pool import Connection

MOST_FUNDS, PAGE = 100, 50
_HELD = """
select f.body::text, coalesce(m.name, ''), coalesce(e.cash, 0), coalesce(e.claim, 0), coalesce(e.loss, 0),
  coalesce(g.promised, 0)
from fund f
left join merchant m on m.city = f.city and m.id = f.principal
left join lateral (
  select sum(case when debit = 'cash' then amount_fen when credit = 'cash' then -amount_fen end)::bigint cash,
    sum(case when debit = 'claim' then amount_fen when credit = 'claim' then -amount_fen end)::bigint claim,
    sum(case when debit = 'loss' then amount_fen end)::bigint loss
  from fund_entry e where e.city = f.city and e.fund = f.id) e on true
left join lateral (
  select sum(amount_fen)::bigint promised from advance a
  where a.city = f.city and a.fund = f.id and a.state = 'granted') g on true
where f.city = %s
"""
_LINES = """
select number, at, advance, debit, credit, amount_fen, reference from fund_entry
where city = %s and fund = %s and (%s::bigint is null or number < %s::bigint) order by number desc limit %s
"""
_OF = """
select a.body::text, f.name from advance a join fund f on f.city = a.city and f.id = a.fund
where a.city = %s and a.id = %s
"""


class Held(Struct, frozen=True):
    """A fund and what its ledger says; amounts in fen."""

    fund: Fund
    principal: str
    """The name of the merchant that promised it, empty for the city's."""
    cash_fen: int
    claim_fen: int
    loss_fen: int
    promised_fen: int
    """Granted and not paid yet."""

    @property
    def free_fen(self) -> int:
        """What it has and owes nobody."""
        return self.cash_fen - self.promised_fen


class Line(Struct, frozen=True):
    """One movement of a fund's ledger."""

    number: int
    at: datetime
    advance: str
    """The dispute, empty for what came into the fund."""
    debit: str
    credit: str
    amount_fen: int
    reference: str


async def funds(connection: Connection, city: str) -> list[Held]:
    """All funds of a city, those without an end first; `MOST_FUNDS` at most."""
    more = "order by f.ends is not null, f.ends desc, f.id limit %s"
    return _held(await (await connection.execute(f"{_HELD} {more}", [city, MOST_FUNDS])).fetchall())


async def read_fund(connection: Connection, city: str, identifier: str) -> Held:
    """One; `Missing("fund_unknown")`."""
    found = _held(await (await connection.execute(f"{_HELD} and f.id = %s", [city, identifier])).fetchall())
    if not found:
        raise Missing("fund_unknown")
    return found[0]


async def ledger_page(connection: Connection, city: str, fund: str, after: str) -> tuple[list[Line], str]:
    """Movements, the latest first, and the key of the next page; `Refused("page_key_wrong")`."""
    if after and not (after.isascii() and after.isdigit() and len(after) < 19):  # noqa: PLR2004  digits of a bigint
        raise Refused("page_key_wrong")
    key = int(after) if after else None
    rows: list[Any] = await (await connection.execute(_LINES, [city, fund, key, key, PAGE + 1])).fetchall()
    lines = [Line(*row) for row in rows[:PAGE]]
    return lines, str(lines[-1].number) if len(rows) > PAGE else ""


async def advance_of(connection: Connection, city: str, dispute: str) -> tuple[Advance, str] | None:
    """A dispute's advance and the name of its fund; None where there is none."""
    row: Any = await (await connection.execute(_OF, [city, dispute])).fetchone()
    return None if row is None else (msgspec.json.decode(row[0], type=Advance), row[1])


def _held(rows: Sequence[Any]) -> list[Held]:
    return [Held(msgspec.json.decode(body, type=Fund), *rest) for body, *rest in rows]
