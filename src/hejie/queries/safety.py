"""Safety reports as the officers read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from hejie.alerts.safety import SafetyReport
from hejie.base.errors import Missing
from hejie.base.seals import Vault
from hejie.queries.keys import read_instant
from hejie.store.contents import read_contents
from hejie.store.pool import Connection

PAGE = 20
_ROW = """
select r.body::text, coalesce(s.name, m.name, ''), coalesce(s.address, '')
from safety_report r
left join merchant m on m.city = r.city and m.id = r.body->>'merchant'
left join shop s on s.city = r.city and s.id = r.body->>'shop'
where r.city = %s
"""


class Shown(Struct, frozen=True, kw_only=True):
    """A report with the name of its place, empty where no payment led to it."""

    report: SafetyReport
    place: str
    address: str


class Page(Struct, frozen=True):
    """One page and the key after which the next begins."""

    rows: tuple[Shown, ...]
    after: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """What a reporter said at one time; every field may be empty."""

    place: str = ""
    what: str = ""
    when: str = ""
    risk: str = ""
    phone: str = ""


async def read_report(connection: Connection, city: str, identifier: str) -> SafetyReport:
    """One report's row; `Missing("report_unknown")`."""
    return (await read_shown(connection, city, identifier)).report


async def read_shown(connection: Connection, city: str, identifier: str) -> Shown:
    """One report with its place; `Missing("report_unknown")`."""
    row = await (await connection.execute(f"{_ROW} and r.id = %s", [city, identifier])).fetchone()
    if row is None:
        raise Missing("report_unknown")
    return _shown(row)


async def waiting(connection: Connection, city: str, most: int) -> tuple[Shown, ...]:
    """Reports that are not closed: those that nobody has taken before the others, each the oldest first."""
    cursor = await connection.execute(
        f"{_ROW} and r.state <> 'closed' order by r.state <> 'open', r.reported_at, r.id limit %s", [city, most]
    )
    return tuple(_shown(row) for row in await cursor.fetchall())


async def newest(connection: Connection, city: str, after: str = "", size: int = PAGE) -> Page:
    """All reports, newest first; `Refused("page_key_wrong")`."""
    query, values = _ROW, list[object]([city])
    if after:
        instant, _, identifier = after.partition("~")
        query += " and (r.reported_at, r.id) < (%s, %s)"
        values += [read_instant(instant), identifier]
    query += " order by r.reported_at desc, r.id desc limit %s"
    found: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    rows = tuple(_shown(row) for row in found[:size])
    last = rows[-1].report if len(found) > size else None
    return Page(rows, f"{last.reported_at.isoformat()}~{last.id}" if last else "")


async def read_told(connection: Connection, vault: Vault, report: SafetyReport) -> tuple[tuple[Told, ...], str]:
    """What was told, in its order, and the officer's closing memo; erased words are left out."""
    names = [*report.told, *([report.memo] if report.memo else [])]
    found = await read_contents(connection, vault, report.city, f"safety_report:{report.id}", names)
    told = tuple(msgspec.json.decode(found[name][1], type=Told) for name in report.told if name in found)
    return told, found[report.memo][1].decode() if report.memo in found else ""


def _shown(row: Sequence[Any]) -> Shown:
    body, place, address = row
    return Shown(report=msgspec.json.decode(body, type=SafetyReport), place=place, address=address)
