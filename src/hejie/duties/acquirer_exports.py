"""What an acquirer is told by file: the disputes on its payments, and the refunds asked through it, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, structs

from hejie.base.clock import SHANGHAI, Clock
from hejie.duties.partner_files import Outgoing
from hejie.queries.acquirer import Disputed, Refunded, disputes_of, refunds_of
from hejie.store.pool import Pool, city_transaction

Kind = Literal["disputes", "refunds"]
KINDS: tuple[Kind, ...] = ("disputes", "refunds")
ENCODINGS = ("utf-8", "gb18030")
_ROWS: dict[Kind, type[Struct]] = {"disputes": Disputed, "refunds": Refunded}


class Export(Struct, frozen=True, kw_only=True):
    """What is to be written, and where."""

    city: str
    acquirer: str
    kind: Kind
    into: Path
    encoding: str = "utf-8"


class Written(Struct, frozen=True, kw_only=True):
    """What was written."""

    path: Path
    lines: int


async def write_export(pool: Pool, clock: Clock, export: Export) -> Written:
    """Write one file `KIND-CITY-ACQUIRER-TIME.csv` (Shanghai time) and its manifest, each whole or not at all.

    It is read by identifier, a page and a transaction at a time, so that neither side is held for long.
    """
    now = clock.now().astimezone(SHANGHAI)
    name = f"{export.kind}-{export.city}-{export.acquirer}-{now:%Y%m%dT%H%M%S}.csv"
    columns = structs.fields(_ROWS[export.kind])
    with Outgoing(export.into / name, [column.name for column in columns], export.encoding) as out:
        async for row in _rows(pool, clock, export):
            out.write([_cell(value) for value in msgspec.to_builtins(row).values()])
    return Written(path=out.path, lines=out.lines)


async def _rows(pool: Pool, clock: Clock, export: Export) -> AsyncIterator[Struct]:
    after, now = "", clock.now()
    while True:
        page: list[Disputed] | list[Refunded]
        async with city_transaction(pool, export.city) as connection:
            if export.kind == "disputes":
                page, after = await disputes_of(connection, export.city, export.acquirer, after, now)
            else:
                page, after = await refunds_of(connection, export.city, export.acquirer, after, now)
        for row in page:
            yield row
        if not after:
            return


def _cell(value: object) -> object:
    """As it stands in JSON; nothing for null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
