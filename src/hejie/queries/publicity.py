"""Publicity: what officers, the merchant and everybody read of it, and a merchant's figures of a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.errors import Missing
from hejie.base.seals import Vault
from hejie.merchants.odr import OdrSpan
from hejie.merchants.publicity import Publicity
from hejie.store.contents import read_contents
from hejie.store.pool import Connection

MOST_SHOWN = 100
_NAMED = """
select p.body::text, m.name, m.credit_code, coalesce(m.body->>'odr', '[]') from publicity p
join merchant m on m.city = p.city and m.id = p.merchant
where p.city = %s {more} limit %s
"""
_FIGURES = """
select d.merchant_is, d.problem, d.trade,
  count(*) filter (where d.outcome in ('confirmed', 'performed', 'unconfirmed', 'mediated')),
  count(*) filter (where d.outcome in ('silent', 'unsettled')),
  count(*) filter (where d.outcome = 'withdrawn'),
  count(*) filter (where d.outcome is null),
  count(*) filter (where d.outcome in ('confirmed', 'performed', 'unconfirmed') and d.escalated_at is null)
from (
  select d.problem, d.outcome, d.escalated_at, w.merchant as merchant_is,
    coalesce((select left(regexp_replace(s.trade, '^[A-Z]', ''), 2) from shop s
      where s.city = d.city and s.id = d.shop), '') as trade
  from unnest(%(merchants)s::text[]) w (merchant)
  join dispute d on d.city = %(city)s and (d.merchant = w.merchant or d.seen_by = w.merchant)
  where d.filed_at >= %(since)s and d.filed_at < %(until)s
    and case when jsonb_typeof(d.body->'under') = 'object' then d.body->'under'->'counts_for' ? w.merchant
      else d.merchant = w.merchant end
    and coalesce(d.body->'pressure'->>'upheld', 'false') <> 'true'
) d
group by 1, 2, 3
"""
"""What counts for a merchant; what an officer found to be pressure counts for nobody."""


class Cell(Struct, frozen=True, kw_only=True):
    """Disputes of one problem and one trade; `problem` is empty for several small ones taken together."""

    problem: str
    trade: str
    settled: int
    """Confirmed, or the money was seen, or agreed before an officer."""
    unsettled: int
    """Silent, or without an agreement."""
    withdrawn: int
    open: int
    first: int = 0
    """Of those settled: between the two, without the authority."""

    @property
    def all(self) -> int:
        """However they stand."""
        return self.settled + self.unsettled + self.withdrawn + self.open


class Record(Struct, frozen=True, kw_only=True):
    """A merchant's year."""

    whole: Cell
    cells: tuple[Cell, ...]
    """By problem and trade, each of the least size at least; together they are the whole, or there are none."""

    @property
    def percent(self) -> int | None:
        """Settled of a hundred that were settled or not; none where there is nothing to compare."""
        decided = self.whole.settled + self.whole.unsettled
        return self.whole.settled * 100 // decided if decided else None

    @property
    def first_percent(self) -> int | None:
        """The same of those that the two settled without the authority."""
        decided = self.whole.settled + self.whole.unsettled
        return self.whole.first * 100 // decided if decided else None


class Shown(Struct, frozen=True, kw_only=True):
    """One publicity with the merchant's names and all that was written."""

    row: Publicity
    name: str
    credit_code: str
    odr: tuple[OdrSpan, ...]
    """When it is a 12315 ODR enterprise."""
    words: dict[str, str]
    """Content identifier → text."""


async def read_publicity(connection: Connection, city: str, identifier: str) -> Publicity:
    """One row; `Missing("publicity_unknown")`."""
    cursor = await connection.execute(
        "select body::text from publicity where city = %s and id = %s", [city, identifier]
    )
    row: Any = await cursor.fetchone()
    if row is None:
        raise Missing("publicity_unknown")
    return msgspec.json.decode(row[0], type=Publicity)


async def merchant_of_code(connection: Connection, city: str, code: str) -> str:
    """The merchant of an exact credit code; `Missing("merchant_unknown")`."""
    cursor = await connection.execute("select id from merchant where city = %s and credit_code = %s", [city, code])
    row: Any = await cursor.fetchone()
    if row is None:
        raise Missing("merchant_unknown")
    return str(row[0])


async def publicities(connection: Connection, vault: Vault, city: str) -> list[Shown]:
    """All of a city, those that go on first, `MOST_SHOWN` at most."""
    more = "order by (p.ended_at is not null), p.announced_at desc, p.id desc"
    return await _shown(connection, vault, city, more, [])


async def publicities_of(connection: Connection, vault: Vault, city: str, merchant: str) -> list[Shown]:
    """A merchant's own, the newest first."""
    return await _shown(
        connection, vault, city, "and p.merchant = %s order by p.announced_at desc, p.id desc", [merchant]
    )


async def published(connection: Connection, vault: Vault, city: str) -> list[Shown]:
    """What everybody may read, the newest first."""
    more = "and p.published_at is not null and p.ended_at is null order by p.published_at desc, p.id desc"
    return await _shown(connection, vault, city, more, [])


async def _shown(connection: Connection, vault: Vault, city: str, more: str, values: Sequence[object]) -> list[Shown]:
    cursor = await connection.execute(_NAMED.format(more=more), [city, *values, MOST_SHOWN])
    rows: list[Any] = await cursor.fetchall()
    found: list[Shown] = []
    for body, name, code, spans in rows:
        row, odr = msgspec.json.decode(body, type=Publicity), msgspec.json.decode(spans, type=tuple[OdrSpan, ...])
        kept = await read_contents(connection, vault, city, f"publicity:{row.id}", row.words)
        words = {identifier: plain.decode() for identifier, (_, plain) in kept.items()}
        found.append(Shown(row=row, name=name, credit_code=code, odr=odr, words=words))
    return found


async def records(
    connection: Connection, city: str, merchants: Sequence[str], since: datetime, until: datetime, least: int
) -> dict[str, Record]:
    """Each merchant's disputes filed in a time; cells under `least` are taken together, or not told at all."""
    values = {"city": city, "merchants": list(merchants), "since": since, "until": until}
    rows: list[Any] = await (await connection.execute(_FIGURES, values)).fetchall()
    cells: dict[str, list[Cell]] = {merchant: [] for merchant in merchants}
    for merchant, problem, trade, settled, unsettled, withdrawn, running, first in rows:
        cells[merchant].append(
            Cell(
                problem=problem,
                trade=trade,
                settled=settled,
                unsettled=unsettled,
                withdrawn=withdrawn,
                open=running,
                first=first,
            )
        )
    return {
        merchant: Record(whole=_together(each), cells=tuple(large_enough(each, least)))
        for merchant, each in cells.items()
    }


def large_enough(cells: Sequence[Cell], least: int) -> list[Cell]:
    """The cells, largest first, with all small ones in one that is large enough itself; none where that cannot be.

    The smallest large one joins where the small ones together are still too few: nothing can be found by subtraction.
    """
    large = sorted(
        (each for each in cells if each.all >= least), key=lambda each: (-each.all, each.problem, each.trade)
    )
    small = [each for each in cells if each.all < least]
    if not small:
        return large
    while large and sum(each.all for each in small) < least:
        small.append(large.pop())
    return [*large, _together(small)] if large else []


def _together(cells: Sequence[Cell]) -> Cell:
    counts = {
        name: sum(getattr(each, name) for each in cells)
        for name in ("settled", "unsettled", "withdrawn", "open", "first")
    }
    return Cell(problem="", trade="", **counts)
