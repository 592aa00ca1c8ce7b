"""Everything of a city that has stopped here, written into one file from one snapshot."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from hejie.base.seals import Vault
from hejie.store.moving.city_file import Manifest, key_mark, new_file
from hejie.store.moving.mark import Mark, see
from hejie.store.moving.proving import log_tree
from hejie.store.moving.tables import rows_of, tables, write_plainly

Connection = psycopg.Connection[Any]

_SNAPSHOT = "set transaction isolation level repeatable read, read only"
_OPEN = """
select (select count(*) from dispute where city = %(city)s and due_at is not null)
  + (select count(*) from mediation where city = %(city)s and due_at is not null),
  (select count(*) from task where city = %(city)s)
"""


def migrations_here(connection: Connection) -> tuple[str, ...]:
    """The migrations that this database has had, by name."""
    return tuple(name for (name,) in connection.execute('select name from migration order by name collate "C"'))


def write_city(connection: Connection, path: Path, city: str, mark: Mark, vault: Vault, now: datetime) -> Manifest:
    """Write the file; what it holds. Errors: those of `new_file` and `log_tree`; then there is no file."""
    with new_file(path) as out, connection.transaction():
        connection.execute(_SNAPSHOT)
        see(connection, city)
        write_plainly(connection)
        tree = log_tree(connection, city)
        clocks, tasks = connection.execute(_OPEN, {"city": city}).fetchone() or (0, 0)
        manifest = Manifest(
            city=city,
            written_at=now,
            stopped_at=mark.at,
            migrations=migrations_here(connection),
            tables=tuple(out.table(each, rows_of(connection, each, city)) for each in tables(connection)),
            log_size=tree.size,
            log_root=tree.root.hex(),
            clocks=clocks,
            tasks=tasks,
            key=key_mark(vault, city),
        )
        out.close(manifest, vault)
    return manifest
