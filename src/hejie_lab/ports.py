"""Ports of a platform: free ones, remembered, and held against other platforms by a lock."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from hejie_lab.errors import LabError

LOW, HIGH = 20_000, 32_000
"""Where to look when no first port is asked for: below those that systems give to outgoing connections."""
TRIES = 200


class Ports:
    """Takes ports for one platform; another platform, begun at the same moment, is never given the same one."""

    def __init__(self, remembered: dict[str, int], first: int = 0) -> None:
        self.by_name = remembered
        self._first = first
        self._held: dict[int, IO[str]] = {}
        self._folder = Path(tempfile.gettempdir()) / f"hejie-ports-{os.getuid()}"

    def take(self, name: str) -> int:
        """The remembered port of that name if free or held here, else another free one, remembered from now on."""
        if self.by_name.get(name) in self._held:
            return self.by_name[name]
        for port in self._candidates(name):
            if port not in self._held and self._hold(port):
                self.by_name[name] = port
                return port
        raise LabError("No free port was found for the platform.")

    def release(self) -> None:
        """Let other platforms have them."""
        for lock in self._held.values():
            lock.close()
        self._held.clear()

    def _candidates(self, name: str) -> Iterator[int]:
        remembered = [self.by_name[name]] if name in self.by_name else []
        near = range(self._first, self._first + 50) if self._first else range(0)
        return chain(remembered, near, (random.randrange(LOW, HIGH) for _ in range(TRIES)))

    def _hold(self, port: int) -> bool:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._folder.lstat().st_uid != os.getuid():
            raise LabError(f"{self._folder} belongs to somebody else; it must be ours to hold ports.")
        lock = (self._folder / str(port)).open("w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            return False
        self._held[port] = lock
        return True
