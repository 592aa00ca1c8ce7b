"""Processes of a platform, each known by a lock that it holds itself, whatever became of who started it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from hejie_lab.errors import LabError

LONGEST_LOG = 8_000_000
"""Bytes of one log file; a longer one is put aside at the next start, in place of the one before."""
GRACE_SECONDS = 3.0


class Child:
    """One process by its name, in the folder of its platform."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.log = folder / "logs" / f"{name}.log"
        self._mark = folder / "run" / f"{name}.pid"
        self._since = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it in a session of its own, so that the keyboard's Ctrl-C reaches its platform alone."""
        for file in (self._mark, self.log):
            file.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".old"))
        with self._mark.open("a+", encoding="ascii") as mark, self.log.open("ab") as log:
            if not _locked(mark):
                raise LabError(f"{self.name} runs already.")
            if self._process is not None:
                self._process.wait()  # the one before, long gone
            self._since = log.tell()
            self._process = subprocess.Popen(  # noqa: S603  # our own programs
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(environment),
                pass_fds=[mark.fileno()],
                start_new_session=True,
            )
            mark.truncate(0)
            mark.write(str(self._process.pid))

    @property
    def pid(self) -> int | None:
        """Its number while it lives, by the lock it holds."""
        try:
            with self._mark.open("r+", encoding="ascii") as mark:
                if _locked(mark):
                    return None
                return int(mark.read() or 0) or None
        except FileNotFoundError:
            return None

    @property
    def alive(self) -> bool:
        """Whether it lives."""
        return self.pid is not None

    def said(self, most: int = 4000) -> str:
        """The end of what it has logged since its start."""
        with suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(max(self._since, self.log.stat().st_size - most))
            return log.read().decode("utf-8", "replace")
        return ""

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if (pid := self.pid) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def gone(self, seconds: float) -> bool:
        """Wait for its end; whether it came."""
        until = time.monotonic() + seconds
        while self.alive and time.monotonic() < until:
            time.sleep(0.01)
        if self.alive:
            return False
        if self._process is not None:
            self._process.wait()
        return True


def end(children: Iterable[Child], grace: float = GRACE_SECONDS) -> None:
    """Ask all to end, and kill those that have not done so in time."""
    living = list(children)
    for child in living:
        if child.alive:
            child.send(signal.SIGTERM)
    until = time.monotonic() + grace
    for child in living:
        if not child.gone(max(0.0, until - time.monotonic())):
            child.send(signal.SIGKILL)
            child.gone(GRACE_SECONDS)


def left_in(folder: Path) -> list[Child]:
    """Every child that was ever started in a platform's folder."""
    return [Child(folder, mark.stem) for mark in sorted((folder / "run").glob("*.pid"))]


def _locked(mark: IO[str]) -> bool:
    """Take the lock; False where its holder lives."""
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
