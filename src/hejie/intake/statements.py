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
_COPY = """
copy statement_row (city, wallet, account, day, line, kind, trade_no, amount_fen, refund_key, finished_at) from stdin
"""


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
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for number, row in enumerate(rows, 1):
            values = (row.kind, row.trade_no, row.amount_fen, row.refund_key, row.finished_at)
            await copy.write_row((city, wallet, account, day, number, *values))
    body = {"wallet": wallet, "account": account, "day": day.isoformat(), "lines": len(rows)}
    salt = chance(16)
    line = LogLine(1, "StatementLoaded", msgspec.json.encode(body).decode(), salt, commitment(salt, body))
    identifier = f"{wallet}:{account}:{day.isoformat()}"
    await write_log(connection, city, "intake", identifier, now, SYSTEM.role.value, SYSTEM.id, [line])
    return True
