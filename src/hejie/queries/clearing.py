"""What clearing records tell: a reference looked up, refunds on disputed payments, what a file left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.seals import Vault
from hejie.payments.clearing import Movement
from hejie.queries.statements import Seen
from hejie.store.pool import Connection

MOST = 200
"""Records that one reference may lead to before the rest is left out."""
_COLUMNS = (
    "day, file, line, movement, at, amount_fen, acquirer, forwarder, trace, rrn, query_id, order_no, merchant,"
    " merchant_name, terminal, category, of_query_id, of_trace, of_at"
)
_FOUND = f"select {_COLUMNS} from clearing_found(%s::bigint[], %s) order by at, file, line"
_FILE = """
select number, name, form, agreement, loaded_at, first_day, last_day, records, broken from clearing_file
where city = %s
"""
_BACK = """
with back as (
  select s.of_query_id, s.of_trace, s.of_at, s.at, s.amount_fen,
         coalesce(nullif(s.order_no, ''), nullif(s.query_id, ''), nullif(s.rrn, ''), s.trace) as number
  from clearing_record s
  where s.city = %(city)s and s.day between %(first)s and %(last)s and s.file = %(file)s
    and s.movement in ('refund', 'void')
), told as (
  select dp.wallet, dp.trade_no, dp.dispute, dp.open, b.number, sum(b.amount_fen)::bigint as amount_fen, max(b.at) as at
  from back b
  join dispute_payment dp on dp.city = %(city)s and (dp.trade_no = b.of_query_id
    or b.of_query_id = '' and dp.wallet = 'unionpay' and substr(dp.trade_no, 3, 18)
       = to_char(b.of_at at time zone 'Asia/Shanghai', 'YYMMDDHH24MISS') || b.of_trace)
  group by dp.wallet, dp.trade_no, dp.dispute, dp.open, b.number
)
select distinct on (t.wallet, t.trade_no, t.number)
       t.wallet, t.trade_no, coalesce(o.id, t.number), t.amount_fen, t.dispute, o.amount_fen
from told t
join dispute d on d.city = %(city)s and d.id = t.dispute and date_trunc('second', d.filed_at) <= t.at
  and (t.open or d.state in ('lapsed', 'settled', 'mediated'))
left join refund o on o.city = %(city)s and o.wallet = t.wallet and o.trade_no = t.trade_no
  and replace(o.id, '-', '') = replace(t.number, '-', '')
order by t.wallet, t.trade_no, t.number, t.open desc, t.dispute desc
"""
"""UnionPay's number of a payment holds its time and trace number, by which a record that names only these is told."""
_SUCCEEDED = """
select id, wallet, trade_no, amount_fen, dispute from refund
where city = %s and state = 'succeeded' and changed_at >= %s and changed_at < %s
order by changed_at, id
"""
_ABOVE = """
select p.wallet, p.trade_no, p.paid_fen, sum(r.amount_fen)::bigint from payment p
join refund r on r.city = p.city and r.wallet = p.wallet and r.trade_no = p.trade_no and r.state = 'succeeded'
where p.city = %s and (p.wallet, p.trade_no) in (select * from unnest(%s::text[], %s::text[]))
group by p.wallet, p.trade_no, p.paid_fen, p.refunded_before_fen
having sum(r.amount_fen) + p.refunded_before_fen > p.paid_fen
"""
_BEFORE = """
select max(last_day) from clearing_file where city = %s and agreement = %s and number < %s and last_day < %s
"""
_PROBLEMS = (
    "select line, why, sealed from clearing_broken where city = %s and file = %s and line > %s order by line limit %s"
)
PAGE = 100


class Held(Struct, frozen=True, kw_only=True):
    """One record as it is kept: everything but the payer."""

    day: date
    file: int
    line: int
    movement: Movement
    at: datetime
    amount_fen: int
    acquirer: str
    forwarder: str
    trace: str
    rrn: str
    query_id: str
    order_no: str
    merchant: str
    merchant_name: str
    terminal: str
    category: str
    of_query_id: str
    of_trace: str
    of_at: datetime | None


class ClearingFile(Struct, frozen=True, kw_only=True):
    """One loaded file."""

    number: int
    name: str
    form: str
    agreement: str
    loaded_at: datetime
    first_day: date | None
    last_day: date | None
    records: int
    broken: int


class Succeeded(Struct, frozen=True):
    """A refund that ended well."""

    id: str
    wallet: str
    trade_no: str
    amount_fen: int
    dispute: str


async def find(connection: Connection, vault: Vault, wanted: Sequence[tuple[str, str]]) -> list[Held]:
    """The records that any of these references (kind, value) lead to, the oldest first, at most `MOST`.

    Hashes are short, so a record may be found that holds none of them: the caller compares.
    """
    hashes = [vault.place(*each) for each in wanted]
    rows = await (await connection.execute(_FOUND, [hashes, MOST])).fetchall()
    return [msgspec.convert(dict(zip(Held.__struct_fields__, row, strict=True)), Held) for row in rows]


async def files(connection: Connection, city: str, below: int = 2**31 - 1, size: int = PAGE) -> list[ClearingFile]:
    """The loaded files, the newest first; `below` is the last number of the page before."""
    query = f"{_FILE} and number < %s order by number desc limit %s"
    rows = await (await connection.execute(query, [city, below, size])).fetchall()
    return [_file(row) for row in rows]


async def file(connection: Connection, city: str, number: int) -> ClearingFile | None:
    """One loaded file."""
    row = await (await connection.execute(f"{_FILE} and number = %s", [city, number])).fetchone()
    return _file(row) if row else None


async def broken(
    connection: Connection, city: str, number: int, after: int = 0, size: int = PAGE
) -> list[tuple[int, str, bytes]]:
    """A file's broken records in order as (line, why, sealed bytes)."""
    rows = await (await connection.execute(_PROBLEMS, [city, number, after, size])).fetchall()
    return [(line, why, sealed) for line, why, sealed in rows]


async def refunds_told(connection: Connection, city: str, of: ClearingFile) -> list[tuple[str, Seen]]:
    """Refunds of a file on disputed payments, with their wallet; several records under one number are one sum."""
    values = {"city": city, "file": of.number, "first": of.first_day, "last": of.last_day}
    rows = await (await connection.execute(_BACK, values)).fetchall()
    return [
        (wallet, Seen(trade_no=trade_no, key=key, amount_fen=fen, dispute=dispute, ours_fen=ours))
        for wallet, trade_no, key, fen, dispute, ours in rows
    ]


async def paid_back_too_much(
    connection: Connection, city: str, payments: Sequence[tuple[str, str]]
) -> list[tuple[str, str, int, int]]:
    """Of these payments (wallet, number) those of which more went back than was paid: with paid and refunded fen."""
    wallets, numbers = [each[0] for each in payments], [each[1] for each in payments]
    return [tuple(row) for row in await (await connection.execute(_ABOVE, [city, wallets, numbers])).fetchall()]


async def succeeded(connection: Connection, city: str, since: datetime, until: datetime) -> list[Succeeded]:
    """Refunds that ended well in a span of time."""
    rows = await (await connection.execute(_SUCCEEDED, [city, since, until])).fetchall()
    return [Succeeded(*row) for row in rows]


async def day_before(connection: Connection, city: str, of: ClearingFile) -> date | None:
    """The newest clearing day that files of the same agreement held before this one."""
    values = [city, of.agreement, of.number, of.last_day]
    row: Any = await (await connection.execute(_BEFORE, values)).fetchone()
    found: date | None = row[0]
    return found


def _file(row: Sequence[Any]) -> ClearingFile:
    return ClearingFile(**dict(zip(ClearingFile.__struct_fields__, row, strict=True)))
