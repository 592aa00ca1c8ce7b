"""The fault run: processes are killed, every fault of the wallet is on, and nothing is lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hejie.store import embedded
from hejie_lab.faults.run import run

DISPUTES, KILLS, SEED = (200, 30, 20) if "HEJIE_SOAK" in os.environ else (80, 12, 20)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Beside no other test's files, on a disk: the database is durable."""
    with tempfile.TemporaryDirectory(prefix="hejie-faults-") as own:
        yield Path(own) / "platform"
        embedded.forget(Path(own) / "platform" / "pg")


def test_nothing_is_lost_whoever_is_killed(folder: Path):
    report = run(folder, disputes=DISPUTES, kills=KILLS, seed=SEED)
    assert report.good, report.words()
    assert sum(report.kills.values()) >= KILLS
    assert sum(report.aimed.values()) >= 1
    assert {"work", "serve", "sandbox"} <= report.kills.keys()
    assert min(report.injected.values()) >= 1
    assert sum(report.states.values()) == report.disputes == DISPUTES
