"""One platform at a time in a folder: its lock is held by the platform and, after it, by its keeper."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hejie_lab.errors import LabError

PATIENCE = 15.0
"""Seconds that the keeper of a platform that has just died is given to clear up."""


class FolderLock:
    """Held from its making until `close`; `LabError` where a platform runs in the folder. A context manager."""

    def __init__(self, folder: Path) -> None:
        """`alive` is this process's alone; `lock` its keeper holds too, and lets go of last."""
        alive = _taken(folder / "alive", 0)
        whole = _taken(folder / "lock", PATIENCE) if alive else None
        if alive is None or whole is None:
            if alive is not None:
                alive.close()
            raise LabError(f"A platform runs at {folder} already; stop it first, or take another --var.")
        self._files = (whole, alive)

    def fileno(self) -> int:
        """What the keeper inherits: with it the folder stays locked until the keeper has ended too."""
        return self._files[0].fileno()

    def close(self) -> None:
        """Let others have the folder."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _taken(path: Path, patience: float) -> IO[str] | None:
    """A file under our lock; None where another process holds it for longer than that."""
    file, until = path.open("w", encoding="ascii"), time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                file.close()
                return None
            time.sleep(0.05)
        else:
            return file
