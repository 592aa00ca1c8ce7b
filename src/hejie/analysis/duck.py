"""DuckDB in memory, for one piece of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that is gone afterwards and draws no progress bars on the standard output."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        yield connection
