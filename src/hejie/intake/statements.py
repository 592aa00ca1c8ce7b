"""A wallet's daily bill file comes in: in bulk, once, with one line in the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from hejie.base.actor import SYSTEM
from hejie.base.identifiers import Chance
from hejie.base.seals import commitment
from hejie.connectors.wallet import StatementRow
from hejie.store.pool import Connection
from hejie.store.writing import LogLine, write_log

_MARK = """
insert into statement (city, wallet, account, day, loaded_at, lines) values (%s, %s, %s, %s, %s, %s)
on conflict do nothing returning lines
"""
_ROWS = """
insert into statement_row (city, wallet, account, day, line, kind, trade_no, amount_fen, refund_key, finished_at)
select %s, %s, %s, %s, l, k, t, a, r, f
from unnest(%s::int[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[]) as s (l, k, t, a, r, f)
"""
_BATCH = 5000


async def load_statement(
    connection: Connection,
    city: str,
    wallet: str,
    account: str,
    day: date,
    rows: Sequence[StatementRow],
    now: datetime,
    chance: Chance,
) -> bool:
    """Store one day's file; False if it was loaded before. All in the caller's transaction."""
    marked = await connection.execute(_MARK, [city, wallet, account, day, now, len(rows)])
    if await marked.fetchone() is None:
        return False
    for begin in range(0, len(rows), _BATCH):
        batch = rows[begin : begin + _BATCH]
        names = ("kind", "trade_no", "amount_fen", "refund_key", "finished_at")
        columns = [[getattr(row, name) for row in batch] for name in names]
        lines = list(range(begin + 1, begin + 1 + len(batch)))
        await connection.execute(_ROWS, [city, wallet, account, day, lines, *columns])
    body = {"wallet": wallet, "account": account, "day": day.isoformat(), "lines": len(rows)}
    salt = chance(16)
    line = LogLine(1, "StatementLoaded", msgspec.json.encode(body).decode(), salt, commitment(salt, body))
    identifier = f"{wallet}:{account}:{day.isoformat()}"
    await write_log(connection, city, "intake", identifier, now, SYSTEM.role.value, SYSTEM.id, [line])
    return True
