"""A PostgreSQL of one's own for the demo, the tests and the smallest city: started, found again, stopped."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psycopg
from psycopg import sql

from hejie.store import places, postmaster
from hejie.store.places import LauncherError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Cluster", "LauncherError", "forget", "running", "start", "stop"]

DATABASE, OWNER, APP = "hejie", "hejie_owner", "hejie_app"
SUPERUSER = postmaster.SUPERUSER


class _Memory(msgspec.Struct):
    """What a cluster's folder remembers between starts: its port and three passwords, mode 0600."""

    port: int = 0
    superuser: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(24))
    owner: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(24))
    app: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(24))


class Cluster(msgspec.Struct, frozen=True):
    """A running server: the folder that names it, its data, port and passwords."""

    folder: Path
    data: Path
    port: int
    _memory: _Memory

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """The address of `database` for `role` (postgres, hejie_owner or hejie_app), its password in it."""
        return f"postgresql://{role}:{self.password(role)}@127.0.0.1:{self.port}/{database}"

    def password(self, role: str) -> str:
        """The password of `role`, made at the first start and kept in the folder, mode 0600."""
        return {SUPERUSER: self._memory.superuser, OWNER: self._memory.owner, APP: self._memory.app}[role]

    @property
    def superuser_url(self) -> str:
        """The administrator's address, for tests and the launcher; never for `serve` or `work`."""
        return self.url(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """The address `hejie migrate` runs with."""
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        """The address `hejie serve` and `hejie work` run with: an ordinary role."""
        return self.url(APP)

    def stop(self) -> None:
        """Stop this server; nothing happens if it is not running."""
        stop(self.folder)


def start(
    folder: Path,
    *,
    port: int = 0,
    settings: Mapping[str, str] | None = None,
    durable: bool = True,
    bin_dir: Path | None = None,
) -> Cluster:
    """Start the cluster at `folder`, or find it running; made with its roles and database at first.

    `port` 0 takes the remembered one, else a free one. `settings` are server settings by
    name; `durable=False` (tests only) turns fsync off. `bin_dir` names other programs than
    the wheel's, such as a distribution's. Raises LauncherError with one sentence.
    """
    folder = folder.resolve()
    places.make(folder)
    with _lock(folder):
        place = places.settle(folder, bin_dir)
        memory = _recall(folder)
        if not place.data.exists():
            postmaster.initialise(place, memory.superuser, durable=durable)
        for last in (False, True):
            found = postmaster.await_ready(place.data)
            memory.port = found or postmaster.launch(
                place, asked=port, remembered=memory.port, durable=durable, settings=settings or {}
            )
            _remember(folder, memory)
            cluster = Cluster(folder, place.data, memory.port, memory)
            try:
                _prepare(cluster)
            except psycopg.OperationalError:
                if last or not found:  # one that was found may have been dying
                    raise
            else:
                break
    return cluster


def stop(folder: Path) -> None:
    """Stop the cluster at `folder` (fast shutdown: clients are cut off, all is written); idempotent."""
    folder = folder.resolve()
    if folder.exists():
        with _lock(folder):
            postmaster.stop(places.data_of(folder))


def forget(folder: Path) -> None:
    """Stop the cluster at `folder` and delete everything of it, wherever it lies."""
    stop(folder)
    places.forget(folder.resolve())


@contextmanager
def running(
    folder: Path,
    *,
    port: int = 0,
    settings: Mapping[str, str] | None = None,
    durable: bool = True,
    bin_dir: Path | None = None,
) -> Iterator[Cluster]:
    """The cluster at `folder` for the length of a `with` block, stopped however the block ends."""
    cluster = start(folder, port=port, settings=settings, durable=durable, bin_dir=bin_dir)
    try:
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One launcher at a time for each folder; a killed one lets go by dying."""
    with (folder / "lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _recall(folder: Path) -> _Memory:
    """What the folder remembers; saved before first use, so that a kill cannot lose a password in use."""
    file = folder / "cluster.json"
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=_Memory)
    memory = _Memory()
    _remember(folder, memory)
    return memory


def _remember(folder: Path, memory: _Memory) -> None:
    fresh = folder / "cluster.json.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(memory))
    fresh.rename(folder / "cluster.json")


def _prepare(cluster: Cluster) -> None:
    """Make the two ordinary roles and the database where they are missing."""
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        have = {row[0] for row in connection.execute("select rolname from pg_roles")}
        for role in (OWNER, APP):
            if role not in have:
                connection.execute(
                    sql.SQL(
                        "create role {} login password {} nosuperuser nobypassrls nocreatedb nocreaterole noreplication"
                    ).format(sql.Identifier(role), cluster.password(role))
                )
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("create database {} owner {} encoding 'UTF8' template template0").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )
