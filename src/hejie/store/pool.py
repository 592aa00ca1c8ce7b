"""Connections as the ordinary role, and transactions that see one city only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from hejie.base.errors import Refused

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]

_WHO = """
select r.rolsuper, r.rolbypassrls,
       exists (select 1 from pg_class c where c.relname = 'log' and pg_has_role(r.oid, c.relowner, 'member')),
       (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relname in ('log', 'task'))
from pg_roles r where r.rolname = current_user
"""

_SEE = "select at_city(%s)"
_SEE_IN_PASSING = f"{_SEE}, set_config('synchronous_commit', 'off', true)"
_MOVED = "HJ001"
"""The state with which the database says that a city has moved away."""


class Moved(Refused):
    """The city is at another installation now, or on its way: `city_moved` with its address `to`, or `city_moving`."""


async def open_pool(url: str, size: int) -> Pool:
    """A pool of `size` connections, opened at start-up.

    Errors: `Refused` with `role_too_strong` (superuser, BYPASSRLS or the tables' owner would see
    every city) or `database_not_migrated`.
    """
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=min(2, size),
        max_size=size,
        open=False,
        connection_class=Connection,
        kwargs={"autocommit": True, "application_name": "hejie"},
        timeout=10,
        max_waiting=2000,
    )
    await pool.open(wait=True, timeout=20)
    async with pool.connection() as connection:
        row = await (await connection.execute(_WHO)).fetchone()
    try:
        _must_be_ordinary(row)
    except Refused:
        await pool.close()
        raise
    return pool


def _must_be_ordinary(row: tuple[Any, ...] | None) -> None:
    superuser, bypass, owner, tables = row or (True, True, True, 0)
    if superuser or bypass or owner:
        raise Refused("role_too_strong")
    if tables < 2:  # noqa: PLR2004  the log and the tasks
        raise Refused("database_not_migrated")


def moved(to: str) -> Moved:
    """The error for a city that is at this address now; empty where nobody has told which."""
    return Moved("city_moved", to=to) if to else Moved("city_moving")


@asynccontextmanager
async def city_transaction(pool: Pool, city: str) -> AsyncIterator[Connection]:
    """One transaction that sees only this city's rows; the setting ends with it. `Moved` where it is here no more."""
    with _unless_moved():
        async with pool.connection() as connection, connection.transaction():
            await connection.execute(_SEE, [city])
            yield connection


@asynccontextmanager
async def city_pipeline(pool: Pool, city: str, *, durable: bool = True) -> AsyncIterator[Connection]:
    """The same in fewer round trips: a statement is waited for only where its answer is fetched, or at the end.

    PostgreSQL makes all statements of a pipeline one transaction, without begin and commit, and ends it where the
    pipeline ends; so no `transaction()` may be opened inside. An error of a statement may come with a later fetch,
    or as the block ends; nothing is committed then, nor after an exception of the block's own. Unless `durable`,
    the commit does not wait for the disk.
    """
    with _unless_moved():
        async with pool.connection() as connection, connection.pipeline():
            await connection.execute(_SEE if durable else _SEE_IN_PASSING, [city])
            try:
                yield connection
            except BaseException:
                with suppress(Error):
                    await connection.execute("begin")  # makes what was done so far a block that can be taken back
                    await connection.execute("rollback")
                raise


@contextmanager
def _unless_moved() -> Iterator[None]:
    try:
        yield
    except Error as error:
        if error.sqlstate != _MOVED:
            raise
        raise moved(error.diag.message_detail or "") from error
