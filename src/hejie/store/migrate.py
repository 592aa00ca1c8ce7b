"""Forward-only migrations: numbered files, one transaction each, one advisory lock over all."""

from __future__ import annotations

from importlib import resources

import psycopg
from psycopg import sql

_LOCK = 0x48454A4945  # "HEJIE"

ROLES = """\
-- Run once as a database administrator; choose your own passwords.
create role hejie_owner login password 'CHANGE-ME' nosuperuser nobypassrls nocreatedb nocreaterole;
create role hejie_app login password 'CHANGE-ME-TOO' nosuperuser nobypassrls nocreatedb nocreaterole;
create database hejie owner hejie_owner encoding 'UTF8' template template0;
-- then, inside that database:
revoke create on schema public from public;
grant usage, create on schema public to hejie_owner;
grant usage on schema public to hejie_app;
"""


def migrations() -> list[tuple[str, str]]:
    """Every migration as (name, SQL), in the order of their numbers."""
    folder = resources.files("hejie.store") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [(f.name.removesuffix(".sql"), f.read_text(encoding="utf-8")) for f in files]


def migrate(owner_url: str) -> list[str]:
    """Bring the database at `owner_url` up to date; the names of what was applied.

    Safe to run twice, at once, and after a kill: the lock is held by the session, and a
    migration and its mark commit together.
    """
    applied: list[str] = []
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("set lock_timeout = '60s'")
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        connection.execute("create table if not exists migration (name text primary key, at timestamptz not null)")
        done = {row[0] for row in connection.execute("select name from migration")}
        for name, text in migrations():
            if name in done:
                continue
            with connection.transaction():
                connection.execute(sql.SQL(text))
                connection.execute("insert into migration values (%s, clock_timestamp())", [name])
            applied.append(name)
        connection.execute("select pg_advisory_unlock(%s)", [_LOCK])
    return applied
