"""The core does without the extra: nothing heavy is loaded by the rules or by the command line."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("duckdb", "splink", "pyarrow", "pypinyin", "pandas", "numpy", "pyspark")
CORE = (
    "hejie.app",
    "hejie.merchants.names",
    "hejie.merchants.grouping",
    "hejie_lab.cli.bench",
    "hejie_lab.cli.identity",
)


def test_the_core_loads_nothing_heavy():
    words = f"import sys, {', '.join(CORE)}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
