"""A city's tables as the catalogue has them, and their rows as one stream each that is the same on every server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import psycopg
from msgspec import Struct
from psycopg import sql

Connection = psycopg.Connection[Any]

STAYS = ("city_moved",)
"""What is led by the city and does not go with it."""
_CHUNK = 1 << 20
_TABLES = """
with led as (
  select c.oid, c.relname from pg_class c join pg_attribute f on f.attrelid = c.oid and f.attnum = 1
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and f.attname = 'city' and c.relname <> all(%s)
),
columns as (
  select l.oid, l.relname, a.attnum, a.attname,
    quote_ident(a.attname) || case when a.attcollation <> 0 then ' collate "C"' else '' end as sorted
  from led l join pg_attribute a on a.attrelid = l.oid and a.attnum > 0 and not a.attisdropped
)
select relname, array_agg(attname::text order by attnum),
  coalesce(
    (select array_agg(k.sorted order by array_position(i.indkey::int2[], k.attnum))
     from pg_index i join columns k on k.oid = i.indrelid and k.attnum = any(i.indkey)
     where i.indrelid = c.oid and i.indisprimary),
    array_agg(sorted order by attnum))
from columns c group by oid, relname order by relname
"""
"""Sorted by the key, where there is none by everything; letters by their code, which no server's language changes."""
_PLAIN = (
    "set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'postgres';"
    " set local bytea_output = 'hex'; set local extra_float_digits = 1; set local client_encoding = 'UTF8'"
)


class Table(NamedTuple):
    """One table, all its columns, and by what its rows are put in order (SQL)."""

    name: str
    columns: tuple[str, ...]
    order: tuple[str, ...]


class Sum(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a table held: how many rows, and the digest over them in their order."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


def tables(connection: Connection) -> list[Table]:
    """Every table that is led by the city, by name."""
    found = connection.execute(_TABLES, [list(STAYS)]).fetchall()
    return [Table(name, tuple(columns), tuple(order)) for name, columns, order in found]


def write_plainly(connection: Connection) -> None:
    """Let values be written one way until the open transaction ends, whatever the server's settings."""
    connection.execute(_PLAIN)


def rows_of(connection: Connection, table: Table, city: str) -> Iterator[bytes]:
    """A city's rows in their order, in the text form of COPY, in large pieces; after `write_plainly`."""
    query = sql.SQL("copy (select {} from {} where city = {} order by {}) to stdout").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.Identifier(table.name),
        sql.Literal(city),
        sql.SQL(", ".join(table.order)),
    )
    kept, size = list[bytes](), 0
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in copy:
            kept.append(bytes(row))
            size += len(row)
            if size >= _CHUNK:
                yield b"".join(kept)
                kept, size = [], 0
    yield b"".join(kept)


def summed(table: Table, pieces: Iterable[bytes]) -> Sum:
    """The sum of a stream of rows."""
    count, digest = 0, hashlib.sha256()
    for piece in pieces:
        count += piece.count(b"\n")  # within a row it is written otherwise
        digest.update(piece)
    return Sum(name=table.name, columns=table.columns, rows=count, sha256=digest.hexdigest())
