"""The case library as officers search it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from hejie.alliance.library import LibraryCase
from hejie.base.errors import Missing
from hejie.base.grams import wanted
from hejie.queries.keys import read_instant
from hejie.store.pool import Connection

PAGE = 20
_ONE = "select body::text from library_case where city = %s and id = %s"
_OWN = """
select id from library_case where city = %s and source = city and withdrawn_at is null order by id
"""
_FOUND = "select body::text from library_case where city = %s and withdrawn_at is null"


class Page(Struct, frozen=True):
    """One page, newest first, and the key after which the next begins."""

    rows: tuple[LibraryCase, ...]
    after: str = ""


async def read_case(connection: Connection, city: str, identifier: str) -> LibraryCase:
    """One; `Missing("case_unknown")`."""
    row = await (await connection.execute(_ONE, [city, identifier])).fetchone()
    if row is None:
        raise Missing("case_unknown")
    return msgspec.json.decode(row[0], type=LibraryCase)


async def own_cases(connection: Connection, city: str) -> list[str]:
    """Those that were written here and stand."""
    return [each for (each,) in await (await connection.execute(_OWN, [city])).fetchall()]


async def find_cases(
    connection: Connection, city: str, words: str, problem: str = "", after: str = "", size: int = PAGE
) -> Page:
    """Cases whose summary holds these words, of one problem or of all; `Refused("page_key_wrong")`."""
    query, values = _FOUND, list[object]([city])
    if words:
        query += " and grams @> %s"
        values.append(wanted(words))
    if problem:
        query += " and problem = %s"
        values.append(problem)
    if after:
        instant, _, identifier = after.partition("~")
        query += " and (published_at, id) < (%s, %s)"
        values += [read_instant(instant), identifier]
    query += " order by published_at desc, id desc limit %s"
    rows: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    found = [msgspec.json.decode(body, type=LibraryCase) for (body,) in rows[:size]]
    last = found[-1] if len(rows) > size else None
    return Page(tuple(found), f"{last.published_at.isoformat()}~{last.id}" if last else "")
