"""One platform for the lab's tests, on an embedded database of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from hejie_lab.platform import Platform


@pytest.fixture(scope="session")
def folders():
    """Makes folders that the database's account can reach when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="hejie-lab-", dir=_shelf()) as top:
        Path(top).chmod(0o711)
        made: list[Path] = []

        def make() -> Path:
            made.append(Path(top) / f"platform-{len(made)}")
            return made[-1]

        yield make


def _shelf() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


@pytest.fixture(scope="session")
def platform(folders):
    """A running platform: one server, one worker, the sandbox, one city."""
    with Platform(folders(), durable=False) as running:
        yield running
