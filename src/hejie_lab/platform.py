"""A whole platform in one folder: database, sandbox, servers and workers, started, found, moved in time, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx
import psycopg
from msgspec.structs import replace

from hejie.app import build, make_keys
from hejie.base.actor import SYSTEM
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import CitySettings
from hejie.desk.cities import CITIES
from hejie.settings import Exchange, Settings, TransparencyLog, read_settings
from hejie.store import embedded
from hejie.store.clock import REFRESH_SECONDS
from hejie.store.migrate import migrate
from hejie.store.pool import city_transaction
from hejie.store.settings import all_settings
from hejie_lab.children import Child, end
from hejie_lab.errors import LabError
from hejie_lab.introductions import introduce
from hejie_lab.keeper import IN_ORDER, clear
from hejie_lab.locks import FolderLock
from hejie_lab.memory import Memory, recall
from hejie_lab.ports import Ports
from hejie_lab.wallet import SandboxDoor

START_SECONDS = 60.0
WORKER_READY = "hejie work: ready"


class Addresses(NamedTuple):
    """A database's addresses for its owner and for the ordinary role."""

    owner: str
    app: str


class Platform:
    """One platform; a context manager, or `up()` and `down()`. All of it dies with this process, however that dies."""

    def __init__(
        self,
        folder: Path,
        *,
        city: str = "330100",
        servers: int = 1,
        workers: int = 1,
        database: Addresses | None = None,
        durable: bool = True,
        first_port: int = 0,
        environment: Mapping[str, str] | None = None,
        tell: Callable[[str], None] = lambda _: None,
        guest_of: Platform | None = None,
        own_settings: CitySettings | None = None,
        exchange: Exchange | None = None,
        log: TransparencyLog | None = None,
    ) -> None:
        """`database` (default: an embedded one in the folder) must be empty or ours; `durable=False` is for tests.

        `first_port` is where a look for free ports begins; `environment` goes to every server and worker;
        `tell` hears each step. A guest uses the running sandbox of another city's platform. `own_settings` stand
        in for the city's file that ships; `exchange` is its part in the exchange with other
        cities, `log` its log that they cosign.
        """
        self.folder = folder.resolve()
        self.memory = recall(self.folder, city)
        self.sandbox = SandboxDoor("")
        self._given, self._durable, self._tell = database, durable, tell
        self._host, self._own, self._exchange, self.log = guest_of, own_settings, exchange, log
        self._extra = dict(environment or {})
        self._ports = Ports(self.memory.ports, first_port)
        self._servers = [f"serve-{number + 1}" for number in range(servers)]
        self._workers = [f"work-{number + 1}" for number in range(workers)]
        own = () if guest_of else ("sandbox",)
        self.children = {name: Child(self.folder, name) for name in (*own, *self._servers, *self._workers)}
        self._lock: FolderLock | None = None
        self._keeper: subprocess.Popen[bytes] | None = None

    # Coming up and going down. -------------------------------------------------------------------

    def settle_address(self) -> str:
        """Take the port that it will serve at, before it does: others may be told of it."""
        self._ports.take("serve-1")
        return self.url

    def up(self) -> Self:
        """Start everything and wait until it serves; `LabError` with the failing part's own last words."""
        self.begin()
        return self.finish()

    def begin(self) -> None:
        """The first half: everything is started. Several platforms are begun one after the other, then finished."""
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._lock = FolderLock(self.folder)
        with self._or_down():
            clear(self.folder)
            self._keeper = _keeper(self.folder, self._lock)
            self._begin()

    def finish(self) -> Self:
        """The second half: the city's settings are in, and everything serves."""
        with self._or_down():
            asyncio.run(self._apply_city())
            for name in (*self._servers, *self._workers):
                self.await_ready(name)
        self._tell(f"{len(self._servers)} serving, {len(self._workers)} working")
        return self

    @contextmanager
    def _or_down(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.down()
            raise

    def _begin(self) -> None:
        own = ("sandbox",) if "sandbox" in self.children else ()
        for name in ("serve-1", *own, *self._servers[1:]):
            self._ports.take(name)
        self.sandbox = SandboxDoor(self._host.sandbox.url if self._host else self._address("sandbox"))
        for name in own:
            self._launch(name)
            self._tell("sandbox: wallet and SMS provider starting")
        self._open_database()
        self._tell("database ready")
        for name in own:
            self.await_ready(name)
        introduce(
            self.sandbox,
            self.folder / "wallet",
            self.memory,
            self.url,
            guest=not own,
            exchange=self._exchange,
            log=self.log,
        )
        self._tell("wallet and city know each other")
        make_keys(self.settings.keys, self.city)
        for name in (*self._servers, *self._workers):
            self._launch(name)

    def down(self) -> None:
        """Stop everything that `up` started, in order; what is under way is finished first. Idempotent."""
        if self._lock is None:
            return  # what runs in the folder, if anything, is another's
        end(child for name, child in self.children.items() if name != "sandbox")
        end(child for name, child in self.children.items() if name == "sandbox")
        self.sandbox.close()
        if self._given is None:
            embedded.stop(self.folder / "pg")
        self._ports.release()
        if self._keeper is not None:
            self._keeper.communicate(IN_ORDER)
            self._keeper = None
        self._lock.close()
        self._lock = None

    def __enter__(self) -> Self:
        return self.up()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.down()

    # One process. --------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """Kill one process (`sandbox`, `serve-1`, `work-1`, ...) at once, as by kill -9; returns when it is gone."""
        self.children[name].send(signal.SIGKILL)
        self.children[name].gone(START_SECONDS)

    def start(self, name: str, *, wait: bool = True) -> None:
        """Start one process that does not run; with `wait`, return when it is ready."""
        self._launch(name)
        if wait:
            self.await_ready(name)

    def mend(self) -> list[str]:
        """Start again what has died by itself; its names."""
        fallen = [name for name, child in self.children.items() if not child.alive]
        for name in fallen:
            self._launch(name)
        return fallen

    def await_ready(self, name: str) -> None:
        """Wait until a process is ready; `LabError` if it dies or takes too long."""
        child, until = self.children[name], time.monotonic() + START_SECONDS
        while not self._is_ready(name):
            if not child.alive or time.monotonic() > until:
                last = (child.said().strip().splitlines() or ["it left no word"])[-1]
                raise LabError(f"{name} did not start: {last} (whole log: {child.log})")
            time.sleep(0.03)

    def _is_ready(self, name: str) -> bool:
        if name == "sandbox":
            return self.sandbox.answers()
        if name in self._workers:
            return WORKER_READY in self.children[name].said(most=200_000)
        try:
            return httpx.get(f"{self._address(name)}/readyz", trust_env=False, timeout=2).is_success
        except httpx.HTTPError:
            return False

    def _launch(self, name: str) -> None:
        words, environment = ["-m", "hejie", name.partition("-")[0]], self.environment
        if name == "sandbox":
            words = ["-m", "hejie_sandbox", "--port", str(self.memory.ports[name]), "--data", f"{self.folder}/sandbox"]
            environment = _foreign()
        elif name in self._servers:
            environment |= {"HEJIE_PORT": str(self.memory.ports[name])}
        self.children[name].start([sys.executable, *words], environment)

    # Where it is. --------------------------------------------------------------------------------

    @property
    def city(self) -> str:
        """The city's code."""
        return self.memory.city

    @property
    def url(self) -> str:
        """The first server's address: the public one, in every link."""
        return self._address("serve-1")

    @property
    def urls(self) -> list[str]:
        """Every server's address."""
        return [self._address(name) for name in self._servers]

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which every `hejie` command reaches this platform."""
        return {
            **_foreign(),
            "HEJIE_MIGRATE_URL": self.memory.owner_url,
            "HEJIE_DATABASE_URL": self.memory.app_url,
            "HEJIE_KEYS": str(self.folder / "keys"),
            "HEJIE_CONNECTIONS": str(self.folder / "wallet" / "connections.json"),
            "HEJIE_PUBLIC_URL": self.url,
            "HEJIE_CLOCK": "database",
            **self._extra,
        }

    @property
    def settings(self) -> Settings:
        """The same for `hejie.app.build` in this process."""
        return read_settings(self.environment)

    def _address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.memory.ports[name]}"

    # Time. ---------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Move the platform's clock and the sandbox's on; returns when every process has seen it."""
        advance(self.memory, self.sandbox, seconds)

    # Parts of coming up. -------------------------------------------------------------------------

    def _open_database(self) -> None:
        if self._given is None:
            cluster = embedded.start(self.folder / "pg", durable=self._durable)
            addresses = Addresses(cluster.owner_url, cluster.app_url)
        else:
            addresses = self._given
        self.memory.owner_url, self.memory.app_url = addresses
        self.memory.keep(self.folder)
        migrate(self.memory.owner_url)

    async def _apply_city(self) -> None:
        """The city as it ships, but that officers may hand off to 12315; an older one here stays as it is."""
        settings = self._own or read_city(shipped(self.city))
        async with build(self.settings) as app:
            async with city_transaction(app.pool, self.city) as connection:
                kept = await all_settings(connection, self.city)
            if all(row.version < settings.version or row.handoff == "officer" for row in kept):
                settings = replace(settings, handoff="officer")
            await app.desk.act(CITIES, self.city, self.city, ApplySettings(settings=settings, ships=True), SYSTEM)


def advance(memory: Memory, sandbox: SandboxDoor, seconds: float) -> None:
    """Move a platform's clock and its sandbox's on by whole seconds; `LabError` for a step back."""
    if seconds < 0:
        raise LabError("The clock only goes forward; `hejie clock reset` takes it back to the system's time.")
    with psycopg.connect(memory.app_url, autocommit=True) as connection:
        connection.execute("update clock_offset set seconds = seconds + %s", [int(seconds)])
    sandbox.post("clock", {"advance_seconds": int(seconds)})
    time.sleep(REFRESH_SECONDS * 1.5)


def _keeper(folder: Path, lock: FolderLock) -> subprocess.Popen[bytes]:
    """The keeper holds the folder's lock too, so that the next start waits until it has cleared up."""
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "hejie_lab.keeper", str(folder)],
        stdin=subprocess.PIPE,
        pass_fds=[lock.fileno()],
        start_new_session=True,
    )


def _foreign() -> dict[str, str]:
    """This process's environment without settings of ours."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("HEJIE_")}
    return {**others, "PYTHONUNBUFFERED": "1"}
