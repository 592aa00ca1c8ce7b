"""Coverage: attempts that found a merchant that takes part, by district and trade, and whom consumers missed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from hejie.merchants.model import State
from hejie.merchants.reach import FOUND
from hejie.store.pool import Connection

MOST_WANTED = 50
SHOWN_FROM = 3
"""A name that is nobody's registered one may be a person's: it is shown from so many payments on."""

_SHARES = """
select grouping(district), grouping(trade), district, trade,
  coalesce(sum(count) filter (where day >= %(month)s and outcome = any(%(found)s)), 0)::bigint,
  coalesce(sum(count) filter (where day >= %(month)s), 0)::bigint,
  coalesce(sum(count) filter (where day < %(month)s and outcome = any(%(found)s)), 0)::bigint,
  coalesce(sum(count) filter (where day < %(month)s), 0)::bigint
from attempt where city = %(city)s and day >= %(before)s and day < %(after)s
group by grouping sets ((), (district), (trade))
order by 6 desc, district, trade
"""
_WANTED = """
select w.merchant, coalesce(m.name, w.name) as called,
  coalesce(sum(w.count) filter (where w.month = %(month)s), 0)::bigint,
  coalesce(sum(w.count) filter (where w.month < %(month)s), 0)::bigint
from wanted w left join merchant m on m.city = w.city and m.id = w.merchant
where w.city = %(city)s and w.month in (%(month)s, %(before)s) and m.state is distinct from %(enrolled)s
group by w.merchant, called
having w.merchant <> '' or sum(w.count) >= %(least)s
order by 3 desc, 4 desc, called limit %(most)s
"""


class Share(Struct, frozen=True, kw_only=True):
    """Attempts under one heading, in a month and in the one before."""

    code: str
    """District or trade, empty where it is not known."""
    found: int
    all: int
    found_before: int
    all_before: int

    @property
    def percent(self) -> int | None:
        """Of a hundred attempts so many found a merchant that takes part; none without any attempt."""
        return _percent(self.found, self.all)

    @property
    def percent_before(self) -> int | None:
        """The same of the month before."""
        return _percent(self.found_before, self.all_before)


class Wanted(Struct, frozen=True, kw_only=True):
    """Somebody who has not joined, and how often consumers looked for them."""

    merchant: str
    """Empty for a name that nobody here is registered under."""
    name: str
    count: int
    count_before: int


class Coverage(Struct, frozen=True, kw_only=True):
    """One month beside the one before."""

    month: date
    before: date
    whole: Share
    districts: tuple[Share, ...]
    trades: tuple[Share, ...]
    wanted: tuple[Wanted, ...]


async def coverage(connection: Connection, city: str, month: date) -> Coverage:
    """The month that begins on `month` beside the one before."""
    before, after = (month - timedelta(days=1)).replace(day=1), (month + timedelta(days=31)).replace(day=1)
    values = {"city": city, "month": month, "before": before, "after": after, "found": [each.value for each in FOUND]}
    rows: list[Any] = await (await connection.execute(_SHARES, values)).fetchall()
    asked = {**values, "enrolled": State.enrolled.value, "least": SHOWN_FROM, "most": MOST_WANTED}
    wanted: list[Any] = await (await connection.execute(_WANTED, asked)).fetchall()
    nothing = Share(code="", found=0, all=0, found_before=0, all_before=0)
    return Coverage(
        month=month,
        before=before,
        whole=next((_share("", row) for row in rows if row[0] and row[1]), nothing),
        districts=tuple(_share(row[2], row) for row in rows if not row[0]),
        trades=tuple(_share(row[3], row) for row in rows if not row[1]),
        wanted=tuple(Wanted(merchant=r[0], name=r[1], count=r[2], count_before=r[3]) for r in wanted),
    )


def _share(code: str, row: Any) -> Share:
    return Share(code=code, found=row[4], all=row[5], found_before=row[6], all_before=row[7])


def _percent(part: int, whole: int) -> int | None:
    return part * 100 // whole if whole else None
