"""The wallet's ledger: one SQLite file, one connection, one writer; what was answered is in it, whatever is killed."""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class LedgerInUseError(RuntimeError):
    """Another process holds this ledger."""


class Ledger:
    """The only way to the file; every change happens inside `transaction()` and is on disk when it ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise LedgerInUseError(f"another sandbox already uses {folder}") from error
        self._db = sqlite3.connect(folder / "ledger.sqlite", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(resources.files("hejie_sandbox").joinpath("schema.sql").read_text("utf-8"))

    def close(self) -> None:
        """Close the file and let another process have it."""
        self._db.close()
        self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end or roll back on any error; an inner one is a savepoint of the outer."""
        begin, commit, undo = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        if self._db.in_transaction:
            begin, commit, undo = ("SAVEPOINT inner", "RELEASE inner", "ROLLBACK TO inner")
        self._db.execute(begin)
        try:
            yield
        except BaseException:
            self._db.execute(undo)
            raise
        self._db.execute(commit)

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """Return the first row of a query, if any."""
        found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return found

    def value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, or None."""
        found = self.row(sql, *values)
        return None if found is None else found[0]

    def write(self, sql: str, *values: Any) -> int:
        """Run a change and return how many rows it touched."""
        return self._db.execute(sql, values).rowcount

    def insert(self, table: str, *, replace: bool = False, **columns: Any) -> None:
        """Insert one row (or replace the one with its key)."""
        verb = "INSERT OR REPLACE" if replace else "INSERT"
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self._db.execute(f"{verb} INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))

    def meta(self, key: str, default: str = "") -> str:
        """Return a stored setting."""
        found = self.value("SELECT value FROM meta WHERE key = ?", key)
        return default if found is None else str(found)

    def set_meta(self, key: str, value: str) -> None:
        """Store a setting."""
        self.insert("meta", replace=True, key=key, value=value)
