"""One PostgreSQL server process: its data made, started, found, waited for and stopped."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hejie.store.places import LauncherError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hejie.store.places import Place

SUPERUSER = "postgres"
_ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_FLEETING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_PORT, _STATUS = 3, 7  # lines of postmaster.pid
_TRIES = 8
_START_SECONDS = 300
_STOP_SECONDS = 90
_PASSING = ("pre-existing shared memory block", "could not bind", "already in use")


class _Found(msgspec.Struct, frozen=True):
    """A live server of a data folder: process, port (0 while it has none), and its own word on its state."""

    pid: int
    port: int
    status: str


def initialise(place: Place, password: str, *, durable: bool) -> None:
    """Make the data folder, superuser `postgres` with `password`; whole or not at all."""
    fresh = place.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=place.data.parent) as secret:
        secret.write(password)
        secret.flush()
        if place.account is not None:
            for path in (fresh, Path(secret.name)):
                os.chown(path, place.account.uid, place.account.gid)
        words = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", f"--pwfile={secret.name}"]
        done = _run(place, "initdb", "-D", str(fresh), "-U", SUPERUSER, *words, *([] if durable else ["--no-sync"]))
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ["no message"])[-1]
        raise LauncherError(f"The database could not be set up at {place.data}: {last}")
    fresh.rename(place.data)


def launch(place: Place, *, asked: int, remembered: int, durable: bool, settings: Mapping[str, str]) -> int:
    """Start the server and wait until it takes connections; the port it listens on.

    An `asked` port is taken or refused; a `remembered` one is left for a free one when busy.
    """
    _check_version(place)
    if asked and not _is_free(asked):
        raise LauncherError(f"The port {asked} is in use by another program.")
    log = place.data / "server.log"
    options = {**_ALWAYS, **({} if durable else _FLEETING), **settings}
    words = " ".join(shlex.quote(word) for name, value in options.items() for word in ("-c", f"{name}={value}"))
    port = asked or remembered
    for attempt in range(_TRIES):
        if not port or (not asked and not _is_free(port)):
            port = _free_port()
        _disarm_stale_file(place.data)
        since = log.stat().st_size if log.exists() else 0
        order = ["-D", str(place.data), "-l", str(log), "-w", "-t", str(_START_SECONDS), "-o", f"-p {port} {words}"]
        if _run(place, "pg_ctl", "start", *order).returncode == 0:
            return port
        said = log.read_bytes()[since:].decode("utf-8", "replace") if log.exists() else ""
        if not any(sign in said for sign in _PASSING):
            break
        time.sleep(0.25 * attempt)
    lines = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
    reason = (lines or said.strip().splitlines() or ["it left no message"])[-1]
    raise LauncherError(f"PostgreSQL did not start: {reason} (whole log: {log})")


def await_ready(data: Path) -> int | None:
    """The port of the server already running on `data`, once it takes connections; None if none runs.

    One that was killed a moment ago still has its process and its file, but no port.
    """
    found = _found(data)
    if found is None:
        return None
    _wait(lambda: (now := _found(data)) is None or _takes(now), _START_SECONDS, "get ready")
    found = _found(data)
    return found.port if found else None


def stop(data: Path) -> None:
    """Stop the server of `data`, if one runs, by fast shutdown; returns when it is gone."""
    found = _found(data)
    if found is not None:
        os.kill(found.pid, signal.SIGINT)
        _wait(lambda: not _is_server(found.pid), _STOP_SECONDS, "stop")


def _run(place: Place, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one of the server's programs as the place's account; its output goes through a file, as a daemon keeps it."""
    account = place.account
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        done = subprocess.run(  # noqa: S603  # programs and words are ours
            [str(place.programs / program), *words],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, said.read())


def _check_version(place: Place) -> None:
    """Refuse data that another major version made, in words, before the server does."""
    made_by = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    said = _run(place, "postgres", "--version").stdout  # "postgres (PostgreSQL) 18.6", a distribution adds its own
    ours = said.split(")")[1].split()[0].split(".")[0]
    if ours != made_by:
        raise LauncherError(f"The data at {place.data} is of PostgreSQL {made_by}, but these programs are {ours}.")


def _found(data: Path) -> _Found | None:
    """The live server that `data`'s lock file names, if there is one."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not _is_server(pid):
        return None
    port, status = (lines[_PORT], lines[_STATUS]) if len(lines) > _STATUS else ("0", "starting")
    return _Found(pid, int(port), status.strip())


def _takes(found: _Found) -> bool:
    if found.status != "ready":
        return False
    try:
        socket.create_connection(("127.0.0.1", found.port), timeout=5).close()
    except OSError:
        return False
    return True


def _is_server(pid: int) -> bool:
    """Whether process `pid` lives and is a PostgreSQL server, not a stranger who got the number later."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
    except OSError:
        ps = ["/bin/ps", "-o", "stat=,comm=", "-p", str(pid)]
        said = subprocess.run(ps, check=False, capture_output=True, text=True).stdout  # noqa: S603
        name, rest = said, said
    return "postgres" in name and not rest.lstrip().startswith("Z")


def _disarm_stale_file(data: Path) -> None:
    """Put our own number into a dead server's lock file.

    PostgreSQL refuses to start while the number there lives, even as a stranger's or a
    zombie's, but passes over its launcher's. Deleting the file instead would also lose its
    memory key, the guard against orphaned backends of the dead server.
    """
    try:
        file = os.open(data / "postmaster.pid", os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    with os.fdopen(file, "r+", encoding="utf-8") as lock:
        lines = lock.read().splitlines()
        lock.seek(0)
        lock.truncate()
        lock.write("\n".join([str(os.getpid()), *lines[1:]]) + "\n")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(ready: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise LauncherError(f"PostgreSQL did not {what} within {seconds:.0f} seconds.")
        time.sleep(0.02)
