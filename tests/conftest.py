"""Servers and databases for the tests, and a loud word about whatever did not run."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, NoReturn
from uuid import uuid4

import pytest
from hypothesis import settings
from tests.support import copies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hejie.store.embedded import Cluster

REPO = Path(__file__).parent.parent
_SERVERS = "HEJIE_TEST_SERVERS"
_PREFIX = "hejie-tests-"
_TEMPLATE = "hejie_template"
_DISTRIBUTION = "/usr/lib/postgresql/{major}/bin"
_NEWEST = 18  # the wheel's
_ROOM = 2 << 30  # bytes
_PLATFORMS = ("faults", "e2e", "lab")
_PURE = {"base", "cities", "disputes", "house", "law", "mediations", "merchants", "papers", "payments"}
_HELD = pytest.StashKey[IO[str] | None]()


class Database(NamedTuple):
    """A fresh, migrated database: its addresses for the owner, the ordinary role and the administrator."""

    owner_url: str
    app_url: str
    superuser_url: str


@pytest.fixture(scope="session")
def lacking() -> Callable[[str], NoReturn]:
    """Call it with what the machine lacks: the test is skipped, loudly; in CI it fails."""
    return _lacking


def _lacking(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}", pytrace=False)
    pytest.skip(f"this machine has no {what}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of larger real inputs that may lie beside the checkout; each test has a small case of its own too."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return folder


@pytest.fixture(scope="session")
def clusters() -> Callable[[int], Cluster]:
    """A server by its major version, started at first use and shared by all workers of the run."""
    from hejie.store import embedded

    started: dict[int, Cluster] = {}

    def cluster(major: int) -> Cluster:
        if major not in started:
            bin_dir = None if major == _NEWEST else Path(_DISTRIBUTION.format(major=major))
            if bin_dir is not None and not (bin_dir / "postgres").exists():
                _lacking(f"PostgreSQL {major}")
            folder = Path(os.environ[_SERVERS]) / str(major)
            started[major] = embedded.start(folder, durable=False, bin_dir=bin_dir)
        return started[major]

    return cluster


@pytest.fixture(scope="session")
def postgres_major(request: pytest.FixtureRequest) -> int:
    """The server version of a test: the wheel's, or each of its mark `postgres(18, 15)`."""
    major: int = getattr(request, "param", _NEWEST)
    return major


@pytest.fixture(scope="session")
def cluster(clusters: Callable[[int], Cluster], postgres_major: int) -> Cluster:
    """The running server of this test's version."""
    return clusters(postgres_major)


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """A database of the test's own, all migrations applied, gone afterwards."""
    yield from _clone(cluster)


@pytest.fixture
def far_database(cluster: Cluster) -> Iterator[Database]:
    """Another of the same, for a second installation."""
    yield from _clone(cluster)


@pytest.fixture(scope="module")
def module_database(cluster: Cluster) -> Iterator[Database]:
    """The same, shared by a module's tests."""
    yield from _clone(cluster)


@pytest.fixture
def owner_url(database: Database) -> str:
    """The address of the test's database for the owner of its tables."""
    return database.owner_url


@pytest.fixture
def app_url(database: Database) -> str:
    """The address of the test's database for the ordinary role."""
    return database.app_url


def _make_template(cluster: Cluster) -> None:
    """The migrated database that all others are copies of; made once, by whichever worker comes first."""
    import psycopg

    from hejie.store.embedded import OWNER
    from hejie.store.migrate import migrate

    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(1)")
        if not connection.execute("select 1 from pg_database where datname = %s", [_TEMPLATE]).fetchone():
            connection.execute(f"drop database if exists {_TEMPLATE}_new")
            connection.execute(f"create database {_TEMPLATE}_new owner {OWNER}")
            migrate(cluster.url(OWNER, f"{_TEMPLATE}_new"))
            connection.execute(f"alter database {_TEMPLATE}_new rename to {_TEMPLATE}")


def _clone(cluster: Cluster) -> Iterator[Database]:
    import psycopg

    from hejie.store.embedded import APP, OWNER, SUPERUSER

    _make_template(cluster)
    name = f"test_{uuid4().hex}"
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template {_TEMPLATE} strategy file_copy owner {OWNER}")
    made = Database(*(cluster.url(role, name) for role in (OWNER, APP, SUPERUSER)))
    copies.administrators[made.app_url] = made.superuser_url
    yield made
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked `postgres(18, 15)` on each of these versions."""
    mark = metafunc.definition.get_closest_marker("postgres")
    if mark is not None and "postgres_major" in metafunc.fixturenames:
        metafunc.parametrize("postgres_major", mark.args, indirect=True, scope="session", ids=lambda m: f"pg{m}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole platforms after all that needs a database alone, and what needs neither last: it fills up both workers."""
    items.sort(key=lambda item: _turn(item.path.relative_to(REPO / "tests").parts[0]))


def _turn(folder: str) -> tuple[bool, int]:
    return folder in _PURE, _PLATFORMS.index(folder) if folder in _PLATFORMS else -1


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of this run's servers, and clear away those of runs that were killed."""
    settings.register_profile("house", deadline=None)  # a busy machine is no fault of what is tested
    settings.load_profile("house")
    if hasattr(config, "workerinput"):
        return
    shelf = _shelf()
    for left in shelf.glob(f"{_PREFIX}*"):
        if left.stat().st_uid == os.geteuid() and _held(left) is not None:
            _forget(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=shelf))
    folder.chmod(0o711)  # the account that runs the servers for root must walk through
    config.stash[_HELD] = _held(folder)
    os.environ[_SERVERS] = str(folder)
    files = folder / "files"
    files.mkdir()
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(files))  # pytest's own folders lie there too


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop this run's servers and delete them."""
    if not hasattr(config, "workerinput") and _SERVERS in os.environ:
        _forget(Path(os.environ.pop(_SERVERS)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what did not run, and why, after everything else."""
    reasons = Counter(str(report.longrepr[-1]) for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"NOT RUN: {count} × {reason.removeprefix('Skipped: ')}", yellow=True, bold=True)


def _shelf() -> Path:
    """Memory, where the machine offers enough as files: there a copy of a database takes 12 ms, on a disk 200."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy else Path(tempfile.gettempdir())


def _held(folder: Path) -> IO[str] | None:
    """The folder's lock, let go of by the process's end; None where a run in progress holds it."""
    lock = (folder / "alive").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _forget(folder: Path) -> None:
    from hejie.store import embedded

    for server in folder.glob("[0-9]*"):
        embedded.forget(server)
    shutil.rmtree(folder, ignore_errors=True)
