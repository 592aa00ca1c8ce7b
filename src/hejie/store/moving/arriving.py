"""A city's file taken into the database: all of it, compared and proven, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from hejie.base.errors import Refused
from hejie.store.moving.city_file import CityFile, Manifest
from hejie.store.moving.leaving import migrations_here
from hejie.store.moving.mark import alone, see
from hejie.store.moving.proving import log_tree, must_fold
from hejie.store.moving.tables import Table, rows_of, summed, tables, write_plainly

Connection = psycopg.Connection[Any]

_KNOWN = """
select exists (select from city where city = %(city)s) or exists (select from log where city = %(city)s)
  or exists (select from city_moved where city = %(city)s)
"""
_DAYS = "select count(clearing_part(day)) from (select distinct day from arriving) d"
_PART_ALONE = "select clearing_part('1970-01-01'), clearing_forget('1970-01-02')"
"""Makes the city's own part of both tables, and takes that day's away again."""
_FREE = "update task set leased_until = null where city = %s and leased_until is not null"
_IDENTITIES = """
select c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> ''
where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relname = any(%s)
"""
_ONWARD = """
select count(nextval({sequence}::regclass)) from generate_series(
  (select last_value + is_called::integer from {named}), (select max({column}) from {table} where city = {city}))
"""
"""Step by step: another city here may take numbers at the same time, and none may come twice."""


def arrive(connection: Connection, file: CityFile, keys_fit: Callable[[Connection, Manifest], None]) -> None:
    """Take a city in; it is open here from the commit on.

    `keys_fit` looks at what has come, and refuses. Errors, and then nothing has changed: `Refused` with
    `city_here_already`, `city_of_other_version`, `city_busy`, `moved_file_changed`, `rows_differ`, `rows_not_of_log`,
    `log_not_of_tree`, and those of `keys_fit`.
    """
    manifest = file.manifest
    file.must_be_whole()
    with connection.transaction():
        see(connection, manifest.city)
        alone(connection, manifest.city)
        _must_be_new(connection, manifest.city)
        known = _same_tables(connection, manifest)
        connection.execute("set local hejie.arriving = 'on'")
        write_plainly(connection)
        for table, told in zip(known, manifest.tables, strict=True):
            if told.rows:
                _load(connection, file, table)
        _must_be_as_told(connection, manifest, known)
        keys_fit(connection, manifest)
        must_fold(connection, manifest.city)
        tree = log_tree(connection, manifest.city)
        if (tree.size, tree.root.hex()) != (manifest.log_size, manifest.log_root):
            raise Refused("log_not_of_tree", number=manifest.log_size)
        connection.execute(_FREE, [manifest.city])
        _bring_on(connection, manifest.city, known)


def _must_be_new(connection: Connection, city: str) -> None:
    (known,) = connection.execute(_KNOWN, {"city": city}).fetchone() or (True,)
    if known:
        raise Refused("city_here_already", city=city)


def _same_tables(connection: Connection, manifest: Manifest) -> list[Table]:
    """The tables here, which must be those of the file."""
    here = migrations_here(connection)
    if here != manifest.migrations:
        raise Refused("city_of_other_version", there="".join(manifest.migrations[-1:]), here="".join(here[-1:]))
    known = tables(connection)
    if [(each.name, each.columns) for each in known] != [(each.name, each.columns) for each in manifest.tables]:
        raise Refused("moved_file_changed", part="manifest.json")
    return known


def _load(connection: Connection, file: CityFile, table: Table) -> None:
    """One table's rows, through a table beside it: COPY does not write where rows are closed by city."""
    name, columns = sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    connection.execute(sql.SQL("create temp table arriving (like public.{}) on commit drop").format(name))
    into = sql.SQL("copy arriving ({}) from stdin").format(columns)
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for piece in file.rows(table.name):
            copy.write(piece)
    if table.name == "clearing_record":
        connection.execute(_DAYS)
    if table.name == "clearing_reference":
        connection.execute(_PART_ALONE)
    put = "insert into public.{} ({}) overriding system value select {} from arriving where city = {}"
    connection.execute(sql.SQL(put).format(name, columns, columns, sql.Literal(file.manifest.city)))
    connection.execute("drop table arriving")


def _must_be_as_told(connection: Connection, manifest: Manifest, known: list[Table]) -> None:
    """What is in the tables now, read back, is what the file says."""
    for table, told in zip(known, manifest.tables, strict=True):
        if summed(table, rows_of(connection, table, manifest.city)) != told:
            raise Refused("rows_differ", table=table.name)


def _bring_on(connection: Connection, city: str, known: list[Table]) -> None:
    """The next number of every table follows those that came."""
    for table, column, sequence in connection.execute(_IDENTITIES, [[each.name for each in known]]).fetchall():
        onward = sql.SQL(_ONWARD).format(
            sequence=sql.Literal(sequence),
            named=sql.SQL(sequence),
            column=sql.Identifier(column),
            table=sql.Identifier(table),
            city=sql.Literal(city),
        )
        connection.execute(onward)
