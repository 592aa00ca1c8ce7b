"""The databases of a run: one server, a migrated pattern whose real time is the simulated one, and six copies of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from hejie.store import embedded
from hejie.store.embedded import APP, OWNER, SUPERUSER, Cluster
from hejie.store.migrate import migrate

PATTERN = "hejie_simulated"
CITIES = 6
_CLAIM = "claim_tasks(timestamptz, integer, integer, integer)"
_CLOCK = (
    "create schema sim",
    "grant usage on schema sim to public",
    """create function sim.clock_timestamp() returns timestamptz language sql stable as
    $$ select current_setting('sim.now')::timestamptz $$""",
    f"alter function {_CLAIM} set search_path = sim, pg_catalog, public, pg_temp",
    "alter table task alter column ready_at set default sim.clock_timestamp()",
    "create function sim.quiet() returns trigger language plpgsql as $$ begin return null; end $$",
    """create trigger quiet before insert on task for each row when (new.kind in ('sweep_cases', 'tend_wallet', 'tidy',
    'statement', 'tend_log', 'send_figures', 'send_contacts', 'tell_units', 'tell_units_of', 'tell_cases',
    'take_announced') or (current_setting('sim.quiet') = 'on'
    and new.kind in ('notify', 'translate', 'mark_filing', 'check_reached'))) execute function sim.quiet()""",
)
"""Leases and back-off are by the server's clock: here it is the run's. Work that comes again for ever in each city's
cellar, whether anybody disputes or not, would take two steps of three: it is dropped, and nothing between disputes
hangs on it (the log is tended at the run's bidding). In a quiet run nobody is sent messages either."""
_LIGHT = {
    "autovacuum": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}


class Ground:
    """The six databases of one worker, made anew when asked."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster, self._names = cluster, [f"{name}_{letter}" for letter in "abcdef"]

    @property
    def app_urls(self) -> list[str]:
        """For the ordinary role, which sees one city at a time and the run's clock."""
        return [self._cluster.url(APP, name) for name in self._names]

    @property
    def admin_urls(self) -> list[str]:
        """For whoever looks on."""
        return [self._cluster.url(SUPERUSER, name) for name in self._names]

    def renew(self) -> None:
        """Empty copies in the place of what was."""
        with psycopg.connect(self._cluster.superuser_url, autocommit=True) as connection:
            for name in self._names:
                connection.execute(f"drop database if exists {name} with (force)")
                connection.execute(f"create database {name} template {PATTERN} strategy file_copy owner {OWNER}")
                connection.execute(f"alter role {APP} in database {name} set search_path = sim, pg_catalog, public")

    def forget(self) -> None:
        """Delete them."""
        with psycopg.connect(self._cluster.superuser_url, autocommit=True) as connection:
            for name in self._names:
                connection.execute(f"drop database if exists {name} with (force)")


def make_pattern(cluster: Cluster) -> None:
    """The migrated database that all are copies of; nothing happens where it is there."""
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(2)")
        if connection.execute("select 1 from pg_database where datname = %s", [PATTERN]).fetchone():
            return
        connection.execute(f"drop database if exists {PATTERN}_new")
        connection.execute(f"create database {PATTERN}_new owner {OWNER}")
        migrate(cluster.url(OWNER, f"{PATTERN}_new"))
        with psycopg.connect(cluster.url(SUPERUSER, f"{PATTERN}_new"), autocommit=True) as inside:
            for statement in _CLOCK:
                inside.execute(statement)
        connection.execute(f"alter database {PATTERN}_new rename to {PATTERN}")


@contextmanager
def server(folder: Path) -> Iterator[Cluster]:
    """A server of the run's own that forgets on a power cut, gone afterwards."""
    cluster = embedded.start(folder / "pg", durable=False, settings=_LIGHT)
    try:
        make_pattern(cluster)
        yield cluster
    finally:
        embedded.forget(folder / "pg")
